// default.* as values: read, called and replaced.

import { gives, stopsOnlyTheSync, type Outcome, type ScriptCase } from './script-case.ts';

interface More {
  readonly before?: string;
  readonly steps?: readonly string[];
  readonly args?: readonly string[];
  readonly differs?: (lsyncd: Outcome) => Outcome;
}

/** A table on default.rsync with the recorder as rsync; `start` stands before it. */
function onRsync(
  name: string,
  keys: string,
  { start = '', ...more }: More & { readonly start?: string } = {},
): ScriptCase {
  return {
    name,
    config: `${start}\nsync { default.rsync, source = SRC, target = TRG, delay = 0.4, rsync = { binary = R },\n${keys}\n}`,
    ...(more.steps === undefined ? { ...more, steps: ['echo >f'] } : more),
  };
}

const keysOf = (table: string): string => `local keys = {}
for key, value in pairs(${table}) do if key ~= '_merge' and key ~= 'full' then table.insert(keys, tostring(key) .. '=' .. type(value)) end end
table.sort(keys); for _, key in ipairs(keys) do print(key) end`;

const codesOf = (table: string): string => `local codes = {}
for code, word in pairs(${table}) do table.insert(codes, string.format('%4s %s', tostring(code), tostring(word))) end
table.sort(codes); print(table.concat(codes, ', '))`;

function atLoad(name: string, text: string): ScriptCase {
  return {
    name,
    config: `${text}\nsync { { delay = 0.4, onCreate = function(event) end }, source = SRC, target = TRG }`,
  };
}

/** What rsync could not send is not forgotten. */
function triesAgain23(lsyncd: Outcome): Outcome {
  return { ...lsyncd, stdout: lsyncd.stdout.map((line) => line.replace('  23 ok', '  23 again')) };
}

/** While a config loads: lsyncd logs to stderr. */
function logsToStdout(lsyncd: Outcome): Outcome {
  return { ...lsyncd, stdout: [...lsyncd.stderr, ...lsyncd.stdout], stderr: [] };
}

/** Keys of lsyncd 2.2.3; tsyncd has more. */
const CHECKED: Readonly<Record<string, readonly string[]>> = {
  'default.checkgauge': ['action', 'checkgauge', 'collect', 'delay', 'exitcodes', 'init', 'maxDelays', 'maxProcesses', 'onAttrib', 'onCreate', 'onDelete', 'onModify', 'onMove', 'onStartup', 'prepare', 'source', 'target', 'nosuch'],
  'default.rsync.checkgauge': ['delete', 'exclude', 'excludeFrom', 'filter', 'filterFrom', 'onCreate', 'onDelete', 'onModify', 'onMove', 'onStartup', 'rsync', 'target', 'nosuch'],
  'default.rsync.checkgauge.rsync': ['_extra', 'acls', 'archive', 'binary', 'bwlimit', 'chmod', 'compress', 'hard_links', 'password_file', 'rsh', 'temp_dir', 'times', 'xattrs', 'nosuch'],
  'default.rsyncssh.checkgauge': ['host', 'onMove', 'rsyncExitCodes', 'ssh', 'sshExitCodes', 'targetdir', 'nosuch'],
  'default.direct.checkgauge': ['onMove', 'rsyncExitCodes', 'nosuch'],
}; // prettier-ignore

const inTurn = (parts: readonly string[]): string => parts.map((part) => `do ${part} end`).join('\n');

const READ: readonly ScriptCase[] = [
  atLoad('the keys of the tables of default',
    inTurn(['default', 'default.rsync', 'default.rsyncssh', 'default.direct', 'default.rsync.rsync', 'default.rsyncssh.ssh'].map((table) => `print('${table}'); ${keysOf(table)}`))),
  atLoad('what the checkgauges of default know',
    inTurn(Object.entries(CHECKED).map(([table, keys]) => `for _, key in ipairs { ${keys.map((key) => `'${key}'`).join(', ')} } do print('${table}', key, type(${table}[key])) end`))),
  { ...atLoad('the exit codes of default', inTurn(['default.rsyncExitCodes', 'default.sshExitCodes', 'default.rsync.exitcodes'].map(codesOf))), differs: triesAgain23 },
  atLoad('numbers and texts of default', `for _, name in ipairs { 'delay', 'maxDelays', 'maxProcesses', 'statusInterval', 'rsyncExitCodes' } do print(name, type(default[name]) == 'table' or default[name]) end`),
]; // prettier-ignore

const CALLED: readonly ScriptCase[] = [
  onRsync('an action that calls default.rsync.action', `action = function(inlet) log('Normal', 'mine'); default.rsync.action(inlet) end`, { before: 'touch a' }),
  onRsync('an init that calls default.rsync.init', `init = function(event) log('Normal', 'mine ', event.etype); default.rsync.init(event) end`, { before: 'touch a' }),
  onRsync('an init of its own', `init = function(event) spawn(event, R, 'mine', event.source) end`),
  onRsync('a collect that calls default.collect', `collect = function(agent, exitcode) log('Normal', 'mine ', tostring(agent.isList), ' ', exitcode); return default.collect(agent, exitcode) end`),
  onRsync('a collect of its own', `collect = function(agent, exitcode) if agent.isList then log('Normal', 'list ', exitcode) else log('Normal', agent.etype, ' ', exitcode) end end`),
  onRsync('an action of its own', `action = function(inlet) local list = inlet.getEvents(); spawn(list, R, 'mine', list.getPaths()) end`),
  onRsync('an action for some events, the rest by default.rsync.action', `action = function(inlet) local event = inlet.getEvent(); if event.path == 'mine' then spawn(event, R, 'mine') else default.rsync.action(inlet) end end`,
    { steps: ['touch mine', 'touch f'] }),
  onRsync('a prepare that calls default.rsync.prepare', `prepare = function(config, level) log('Normal', 'mine'); config.rsync.archive = true; return default.rsync.prepare(config, level + 1) end`, { differs: logsToStdout }),
  onRsync('a prepare of its own', `prepare = function(config, level) config.exclude = { '*.o' } ; return default.rsync.prepare(config, level + 1) end`, { steps: ['touch a.o; touch b'] }),
  onRsync('a key that default.rsync does not know', `mine = 5`, { differs: gives({ stderr: ['Error: error preparing W/conf.lua: W/conf.lua:2: Parameter "mine" unknown (sync 1: mine)'] }) }),
  onRsync('a key that its checkgauge knows', `mine = 5, checkgauge = { default.rsync.checkgauge, mine = true }, action = function(inlet) log('Normal', inlet.getConfig().mine); default.rsync.action(inlet) end`),
  onRsync('default.rsync.init replaced', ``, { start: `default.rsync.init = function(event) spawn(event, R, 'replaced', event.source) end` }),
  onRsync('default.rsync.action replaced', ``, { start: `default.rsync.action = function(inlet) local list = inlet.getEvents(); spawn(list, R, 'replaced', list.getPaths()) end` }),
  onRsync('default.rsync.collect replaced', ``, { start: `default.rsync.collect = function(agent, exitcode) log('Normal', 'replaced ', exitcode) end` }),
  onRsync('default.collect replaced', ``, { start: `default.collect = function(agent, exitcode) log('Normal', 'replaced ', exitcode) end` }),
  onRsync('default.rsync.action wrapped', ``, { start: `local old = default.rsync.action\ndefault.rsync.action = function(inlet) log('Normal', 'wrapped'); old(inlet) end` }),
  onRsync('default.rsync.exitcodes changed', `init = function(event) spawn(event, R, 'exit=77') end`, { start: `default.rsync.exitcodes = { [0] = 'ok', [77] = 'ok' }` }),
  onRsync('default.delay has no effect on a sync that says its own', ``, { start: `default.delay = 100` }),
  { name: 'default.rsync.rsync read and changed', config: `default.rsync.rsync.archive = true; print(default.rsync.rsync.links)\nsync { default.rsync, source = SRC, target = TRG, delay = 0.4, rsync = { binary = R } }`, steps: ['echo >f'] },
  { name: 'a table that copies functions of default.rsync', config: `mine = { checkgauge = default.rsync.checkgauge, prepare = default.rsync.prepare, rsync = { binary = R, links = true, times = true, protect_args = true }, delay = 0.4, action = default.rsync.action, init = default.rsync.init, exitcodes = default.rsyncExitCodes, delete = true }
    sync { mine, source = SRC, target = TRG }`, steps: ['echo >f'] },
  { name: 'a table on default.direct with its own init', config: `sync { default.direct, source = SRC, target = TRG, delay = 0.4, init = function(event) spawn(event, R, 'mine') end }`, steps: ['echo >f'],
    differs: gives({ stdout: ['Normal: --- Startup ---', 'Normal: Startup of W/src/ -> W/trg/ finished.', 'Normal: --- TERM signal, fading ---'] }) },
  { name: 'a table on default.direct with its own action', config: `sync { default.direct, source = SRC, target = TRG, delay = 0.4, init = false, action = function(inlet) local event = inlet.getEvent(); log('Normal', 'mine ', event.etype, ' ', event.path); default.direct.action(inlet) end, collect = function(agent, exitcode) log('Normal', 'done ', exitcode) end }`, steps: ['mkdir d', 'rmdir d'] },
  { name: 'a table on default.rsyncssh with its own action', config: `sync { default.rsyncssh, source = SRC, host = 'somehost', targetdir = TRG, delay = 0.4, rsync = { binary = R }, init = false, action = function(inlet) log('Normal', 'mine'); default.rsyncssh.action(inlet) end }`, steps: ['echo >f'] },
  { name: 'a prepare that gives default.rsyncssh its targetdir', config: `base = { default.rsyncssh, host = 'somehost', delay = 0.4, rsync = { binary = R }, prepare = function(config, level) config.targetdir = TRG .. '/' .. config.source:match('([^/]+)/*$'); default.rsyncssh.prepare(config, level + 1) end }\nsync { base, source = SRC, init = false }`, steps: ['echo >f'] },
  { name: 'an error in an action on default.rsync', config: `sync { default.rsync, source = SRC, target = TRG, delay = 0.4, rsync = { binary = R }, action = function(inlet) error('my words') end }`, steps: ['echo >f'], differs: stopsOnlyTheSync() },
]; // prettier-ignore

export const DEFAULT_VALUES: readonly ScriptCase[] = [...READ, ...CALLED];
