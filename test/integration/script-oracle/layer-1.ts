// Layer 1: own actions and what their inlet gives, exit codes and what collects them, startups.

import { gives, stopsOnlyTheSync, type Outcome, type ScriptCase } from './script-case.ts';

interface More {
  readonly start?: string;
  readonly before?: string;
  readonly steps?: readonly string[];
  readonly args?: readonly string[];
  readonly unordered?: true;
  readonly until?: RegExp;
  readonly differs?: (lsyncd: Outcome) => Outcome;
}

/** A table with these keys; `start` stands before it. Without steps one file is made. */
function layer1(name: string, keys: string, { start = '', ...more }: More = {}): ScriptCase {
  return {
    name,
    config: `${start}\nsync { { delay = 0.4,\n${keys}\n}, source = SRC, target = TRG }`,
    ...(more.steps === undefined ? { ...more, steps: ['echo >f'] } : more),
  };
}

/** The body of an action for everything that waits. */
function action(name: string, body: string, more: More = {}): ScriptCase {
  return layer1(name, `action = function(inlet)\n${body}\nend`, more);
}

/** lsyncd's appendFilter hides nothing. */
function hidesObjects(lsyncd: Outcome): Outcome {
  const last = lsyncd.stdout.findIndex((line) => line.includes('b.o'));
  return {
    ...lsyncd,
    stdout: [...lsyncd.stdout.slice(0, last - 1), ...lsyncd.stdout.slice(-1)],
    children: lsyncd.children.filter((line) => line !== 'b.o'),
  };
}

/** default.full of lsyncd 2.3. */
function withFull(lsyncd: Outcome): Outcome {
  return { ...lsyncd, stdout: lsyncd.stdout.map((line) => line.replace(' init=', ' full=function init=')) };
}

/** lsyncd dies; here the child runs. */
function runs(changes: Partial<Outcome>): (lsyncd: Outcome) => Outcome {
  const stdout = [
    'Normal: --- Startup ---',
    ...(changes.stdout ?? []),
    'Normal: --- TERM signal, fading ---',
  ];
  return (lsyncd) => ({ ...lsyncd, stderr: [], exitCode: 143, ...changes, stdout });
}

/** While a config loads: lsyncd logs to stderr. */
function logsToStdout(lsyncd: Outcome): Outcome {
  return { ...lsyncd, stdout: [...lsyncd.stderr, ...lsyncd.stdout], stderr: [] };
}

const INLET: readonly ScriptCase[] = [
  action('action: getEvent, one after the other', `local event, event2 = inlet.getEvent()
    spawn(event, R, event.etype, event.path, event2 and event2.path)`, { before: 'echo >m', steps: ['mkdir d; touch a b', 'mv m n; rm a'] }),
  layer1('action: getEvent in a loop, side by side', `maxProcesses = 4, action = function(inlet) local event = inlet.getEvent(); spawn(event, R, event.path) end`,
    { steps: ['touch a b c d e'], unordered: true }),
  action('action: discardEvent', `local event = inlet.getEvent(); log('Normal', event.etype, ' ', event.path); inlet.discardEvent(event)`,
    { steps: ['mkdir d; touch a; rm a'] }),
  action('action: discardEvent of what is not wanted', `local event = inlet.getEvent()
    if event.isdir then inlet.discardEvent(event) else spawn(event, R, event.path) end`, { steps: ['mkdir d; touch a'] }),
  action('action: discardEvent of an event that runs', `local event = inlet.getEvent(); spawn(event, R, event.path); inlet.discardEvent(event)`),
  action('action: an event that nothing is done with', `local event = inlet.getEvent(); count = count + 1; if count > 3 then spawn(event, R, event.path) end`, { start: 'count = 0' }),
  action('action: getEvents', `local list = inlet.getEvents(); spawn(list, R, list.getPaths())`, { before: 'mkdir d; touch a b', steps: ['mkdir e; touch c; rm b', 'touch d/x; rmdir e'] }),
  action('action: getEvents, the paths as stdin', `local list = inlet.getEvents(); spawn(list, R, '<', table.concat(list.getPaths(), '\\n'), 'x')`, { steps: ['mkdir e; touch c'] }),
  action('action: getEvents with a test', `local list = inlet.getEvents(function(event) return not event.isdir end)
    spawn(list, R, list.getPaths())`, { before: 'touch b', steps: ['touch a; rm b'] }),
  action('action: getEvents with break', `local list = inlet.getEvents(function(event) if event.isdir then return 'break' end; return true end)
    local paths = list.getPaths()
    if #paths == 0 then local event = inlet.getEvent(); log('Normal', 'alone ', event.path); inlet.discardEvent(event) else spawn(list, R, paths) end`,
    { steps: ['touch a; touch b; mkdir d; touch c'] }),
  action('action: getEvents, the test sees moves', `local list = inlet.getEvents(function(event, event2) log('Normal', event.etype, ' ', event2 and event2.path or 'none'); return true end)
    spawn(list, R, list.getPaths())`, { before: 'touch m n', steps: ['mv m o; rm n'], start: '' }),
  layer1('action: with onMove moves are one event', `onMove = true, action = function(inlet) local list = inlet.getEvents(function(event, event2) log('Normal', event.etype, ' ', event2 and event2.path or 'none'); return true end)
    spawn(list, R, list.getPaths()) end`, { before: 'touch m n', steps: ['mv m o; rm n'] }),
  layer1('action: a move of something that waits', `onMove = true, action = function(inlet) local event, event2 = inlet.getEvent(); spawn(event, R, event.etype, event.path, event2 and event2.path) end`,
    { steps: ['echo >a; mv a b'] }),
  action('getPaths(mutator)', `local list = inlet.getEvents(); spawn(list, R, list.getPaths(function(etype, path1, path2) return etype .. path1, path2 end))`, { before: 'touch m', steps: ['mkdir d; mv m n; touch c'] }),
  layer1('getPaths(mutator) of moves', `onMove = true, action = function(inlet) local list = inlet.getEvents(); spawn(list, R, list.getPaths(function(etype, path1, path2) if etype == 'Move' then return path2, path1 end; return path1 .. '!' end)) end`,
    { before: 'touch m', steps: ['mv m n; touch c'] }),
  action('getPaths(mutator) that leaves out', `local list = inlet.getEvents(); spawn(list, R, list.getPaths(function(etype, path) if etype == 'Create' then return nil end; return path end))`, { steps: ['echo >a; echo >b'], differs: gives({ children: ['/a /b'] }) }),
  action('a list: what it has', `local list = inlet.getEvents(); log('Normal', tostring(list.isList), ' ', type(list.config), ' ', type(list.getPaths), ' ', list.config.source, ' ', type(list)); inlet.discardEvent(inlet.getEvent())`),
  action('a list has no other fields', `local list = inlet.getEvents(); local x = list.nosuch`, { differs: stopsOnlyTheSync() }),
  action('custom fields of a list', `local list = inlet.getEvents(); list.mine = 5; log('Normal', list.mine, ' ', rawget(list, 'mine')); spawn(list, R, list.getPaths())`),
  action('a list can be passed to spawnShell', `local list = inlet.getEvents(); spawnShell(list, R .. ' "$@"', list.getPaths())`, { steps: ['touch a; touch b'] }),
  action('a list for which a child is started twice', `local list = inlet.getEvents(); spawn(list, R, 'one'); spawn(list, R, 'two')`, { unordered: true, differs: gives({ stdout: ['Normal: --- Startup ---', 'Normal: --- TERM signal, fading ---', 'Normal: Finished a list after exitcode: 0', 'Normal: Finished a list after exitcode: 0'], stderr: [], children: ['one', 'two'], exitCode: 143 }) }),
  action('an empty list', `local list = inlet.getEvents(function() return false end); log('Normal', #list.getPaths()); inlet.discardEvent(inlet.getEvent())`),
  action('inlet.getConfig', `local c = inlet.getConfig(); log('Normal', c.source, ' ', c.target, ' ', c.delay, ' ', c.maxProcesses, ' ', type(c.action), ' ', type(c.exitcodes)); inlet.discardEvent(inlet.getEvent())`),
  action('the keys of the table of a sync', `local keys = {}; for key, value in pairs(inlet.getConfig()) do table.insert(keys, key .. '=' .. type(value)) end
    table.sort(keys); log('Normal', table.concat(keys, ' ')); inlet.discardEvent(inlet.getEvent())`, { differs: withFull }),
  action('the inlet has no other functions', `local x = inlet.nosuch`, { differs: stopsOnlyTheSync() }),
  action('the inlet as a value', `log('Normal', type(inlet), ' ', tostring(inlet == inlet.getEvent().inlet)); inlet.discardEvent(inlet.getEvent())`),
  action('addExclude and rmExclude', `local event = inlet.getEvent()
    if event.path == 'hide' then inlet.addExclude('*.o') elseif event.path == 'show' then inlet.rmExclude('*.o') end
    local names = {}; for _, pattern in pairs(inlet.getExcludes()) do table.insert(names, tostring(pattern)) end
    table.sort(names); spawn(event, R, event.path, names)`, { steps: ['touch a.o', 'touch hide', 'touch b.o', 'touch show', 'touch c.o'] }),
  action('appendFilter, getFilters and hasFilters', `local event = inlet.getEvent()
    if event.path == 'hide' and not inlet.hasFilters() then inlet.appendFilter('-', '*.o') end
    log('Normal', tostring(inlet.hasFilters()), ' ', #inlet.getFilters()); spawn(event, R, event.path)`, { steps: ['touch a.o', 'touch hide', 'touch b.o'], differs: hidesObjects }),
  action('createBlanketEvent', `local event = inlet.getEvent()
    if event.etype == 'Blanket' then spawn(event, R, event.etype, event.path, event.sourcePath, event.source)
    else local blanket = inlet.createBlanketEvent(); log('Normal', blanket.etype, ' "', blanket.path, '" ', blanket.status); inlet.discardEvent(event) end`),
  action('a blanket event waits for all before it', `local event = inlet.getEvent()
    if event.path == 'ask' then inlet.createBlanketEvent() end
    spawn(event, R, 'wait=0.1', event.etype, event.path)`, { steps: ['touch a; touch ask; touch b'] }),
  action('an error in an action', `error('my words')`, { differs: stopsOnlyTheSync() }),
  action('an error in the test of getEvents', `inlet.getEvents(function(event) return event.nosuch end)`, { differs: stopsOnlyTheSync() }),
  layer1('maxProcesses', `maxProcesses = 2, action = function(inlet) local event = inlet.getEvent(); spawn(event, R, 'wait=0.2', event.path) end`, { steps: ['touch a b c d'], unordered: true }),
  layer1('delay = 0', `delay = 0, action = function(inlet) local event = inlet.getEvent(); spawn(event, R, event.etype, event.path) end`, { steps: ['touch a', 'rm a'] }),
  layer1('maxDelays makes an early end of the delay', `delay = 100, maxDelays = 2, action = function(inlet) local event = inlet.getEvent(); spawn(event, R, event.etype, event.path) end`, { steps: ['mkdir a b c d'] }),
  { name: 'what sync{} returns at load and at run time',
    config: `handle = sync { { delay = 0.4, action = function(inlet) local event = inlet.getEvent(); spawn(event, R, event.path, tostring(inlet == handle), type(handle)) end }, source = SRC, target = TRG }
      handle.addExclude('*.o'); log('Normal', handle.getConfig().source)`, steps: ['touch a.o b'], differs: logsToStdout },
]; // prettier-ignore

const again = (body: string): string =>
  `onCreate = function(event) tries = tries + 1; spawn(event, R, tries < 3 and 'exit=7' or 'good', event.path) end, ${body}`;

const COLLECT: readonly ScriptCase[] = [
  layer1('collect sees the event and its exit code', `onCreate = function(event) spawn(event, R, 'exit=7') end,
    collect = function(agent, exitcode) log('Normal', 'collected ', agent.etype, ' ', agent.path, ' ', agent.sourcePath, ' ', agent.status, ' ', tostring(agent.isList), ' ', exitcode) end`),
  layer1('collect sees a list', `action = function(inlet) local list = inlet.getEvents(); spawn(list, R, 'exit=7', list.getPaths()) end,
    collect = function(agent, exitcode) log('Normal', 'collected ', tostring(agent.isList), ' ', agent.config.source, ' ', #agent.getPaths(), ' ', exitcode) end`, { steps: ['touch a; touch b'] }),
  layer1('collect returns again', again(`collect = function(agent, exitcode) log('Normal', 'exit code ', exitcode); if exitcode == 7 then return 'again' end end`), { start: 'tries = 0', until: /good/ }),
  layer1('collect returns die', again(`collect = function() return 'die' end`), { start: 'tries = 0' }),
  layer1('collect returns another word', again(`collect = function() return 'mine' end`), { start: 'tries = 0' }),
  layer1('collect returns ok', again(`collect = function() return 'ok' end`), { start: 'tries = 0' }),
  layer1('collect starts another child', `onCreate = function(event) spawn(event, R, 'one', event.path) end,
    collect = function(agent, exitcode) if not rawget(agent, 'second') then agent.second = true; spawn(agent, R, 'two', agent.path) end end`, { differs: runs({ children: ['one f', 'two f'] }) }),
  layer1('collect returns again for a list', `action = function(inlet) local list = inlet.getEvents(); tries = tries + 1; spawn(list, R, tries < 2 and 'exit=7' or 'good', list.getPaths()) end,
    collect = function(agent, exitcode) if exitcode ~= 0 then return 'again' end end`, { start: 'tries = 0', steps: ['touch a; touch b'], until: /good/ }),
  layer1('an error in collect', `onCreate = function(event) spawn(event, R) end, collect = function(agent) error('my words') end`, { differs: stopsOnlyTheSync() }),
  layer1('collect calls default.collect', `onCreate = function(event) spawn(event, R, 'exit=7', event.path) end, exitcodes = { [7] = 'ok' },
    collect = function(agent, exitcode) log('Normal', 'mine'); return default.collect(agent, exitcode) end`),
  layer1('collect is nil for no child', `onCreate = function(event) log('Normal', event.path) end, collect = function() log('Normal', 'never') end`),
  layer1('exitcodes: again for an event', again(`exitcodes = { [0] = 'ok', [7] = 'again' }`), { start: 'tries = 0', until: /good/ }),
  layer1('exitcodes: ok for a list', `action = function(inlet) local list = inlet.getEvents(); spawn(list, R, 'exit=7', list.getPaths()) end, exitcodes = { [7] = 'ok' }`, { steps: ['touch a; touch b'] }),
  layer1('exitcodes: die for a list', `action = function(inlet) local list = inlet.getEvents(); spawn(list, R, 'exit=7', list.getPaths()) end, exitcodes = { [7] = 'die' }`, { steps: ['touch a; touch b'] }),
  layer1('exitcodes: again for a list', `action = function(inlet) local list = inlet.getEvents(); tries = tries + 1; spawn(list, R, tries < 2 and 'exit=7' or 'good', list.getPaths()) end, exitcodes = { [0] = 'ok', [7] = 'again' }`,
    { start: 'tries = 0', steps: ['touch a; touch b'], until: /good/ }),
  layer1('exitcodes: unknown for a list', `action = function(inlet) local list = inlet.getEvents(); spawn(list, R, 'exit=7', list.getPaths()) end`, { steps: ['touch a; touch b'] }),
  layer1('exitcodes: 0 is no success', `onCreate = function(event) spawn(event, R, 'exit=0') end, exitcodes = { [0] = 'die' }`),
  layer1('exitcodes: a word that is none', `onCreate = function(event) spawn(event, R, 'exit=7') end, exitcodes = { [7] = 'nonsense' }`),
  layer1('exitcodes of a table below', `onCreate = function(event) spawn(event, R, 'exit=7') end, { exitcodes = { [7] = 'ok' } }`),
  layer1('exitcodes of two tables', `onCreate = function(event) spawn(event, R, event.path == 'a' and 'exit=7' or 'exit=8') end, exitcodes = { [8] = 'ok' }, { exitcodes = { [7] = 'ok' } }`, { steps: ['touch a', 'touch b'] }),
  layer1('exitcodes with _verbatim', `onCreate = function(event) spawn(event, R, event.path == 'a' and 'exit=8' or 'exit=7') end, exitcodes = { _verbatim = true, [8] = 'ok' }, { exitcodes = { [7] = 'ok' } }`, { steps: ['touch a', 'touch b'], differs: gives({ exitCode: 255, stdout: ['Normal: --- Startup ---', 'Normal: Finished Create on W/src//a = 8', 'Normal: Unknown exitcode "7" with Create on W/src//b = 7'], stderr: ['Error: Critical exitcode.'] }) }),
  layer1('exitcodes with _merge', `onCreate = function(event) spawn(event, R, event.path == 'a' and 'exit=8' or 'exit=7') end, exitcodes = { _merge = true, [8] = 'ok' }, { exitcodes = { [7] = 'ok' } }`, { steps: ['touch a', 'touch b'] }),
  layer1('exitcodes = default.rsyncExitCodes', `onCreate = function(event) spawn(event, R, 'exit=24') end, exitcodes = default.rsyncExitCodes`),
  layer1('default.rsyncExitCodes: again', `onCreate = function(event) tries = tries + 1; spawn(event, R, tries < 2 and 'exit=12' or 'exit=0') end, exitcodes = default.rsyncExitCodes`, { start: 'tries = 0', until: /exit=0/ }),
]; // prettier-ignore

const INIT: readonly ScriptCase[] = [
  layer1('init(event) starts a child', `init = function(event) log('Normal', event.etype, ' "', event.path, '" ', event.source, ' ', event.target, ' ', event.status, ' ', type(event.inlet), ' ', type(event.config)); spawn(event, R, 'init', event.source) end,
    onCreate = function(event) spawn(event, R, event.path) end`, { before: 'touch a' }),
  layer1('init as a predicate holds the events back', `init = function(event) if asked == 0 then log('Normal', 'asked') end; asked = 1; return true end, onCreate = function(event) spawn(event, R, event.path) end`, { start: 'asked = 0' }),
  layer1('init(event) that discards', `init = function(event) event.inlet.discardEvent(event) end, onCreate = function(event) spawn(event, R, event.path) end`),
  layer1('init(inlet) of lsyncd 2.0', `init = function(inlet) local config = inlet.getConfig(); local event = inlet.createBlanketEvent(); spawn(event, R, 'init') end, onCreate = function(event) spawn(event, R, event.path) end`, { differs: stopsOnlyTheSync() }),
  layer1('init = false', `init = false, onStartup = '{R} never', onCreate = function(event) spawn(event, R, event.path) end`),
  layer1('init instead of onStartup', `init = function(event) spawn(event, R, 'init') end, onStartup = '{R} never', onCreate = function(event) spawn(event, R, event.path) end`),
  layer1('init fails', `init = function(event) spawn(event, R, 'exit=7') end, onCreate = function(event) end`),
  layer1('init fails, exit code ok', `init = function(event) spawn(event, R, 'exit=7') end, exitcodes = { [7] = 'ok' }, onCreate = function(event) spawn(event, R, event.path) end`, { differs: runs({ stdout: ['Normal: Startup of W/src/ -> W/trg finished.', 'Normal: Finished Create on W/src//f = 0'], children: ['exit=7', 'f'] }) }),
  layer1('init fails, exit code again', `init = function(event) spawn(event, R, 'exit=7') end, exitcodes = { [7] = 'again' }, onCreate = function(event) end`),
  layer1('init fails, exit code again, insist', `init = function(event) tries = tries + 1; spawn(event, R, tries < 2 and 'exit=7' or 'good') end, exitcodes = { [0] = 'ok', [7] = 'again' }, onCreate = function(event) end`,
    { start: 'tries = 0', args: ['-insist'], steps: [], until: /good/ }),
  layer1('init fails, exit code die', `init = function(event) spawn(event, R, 'exit=7') end, exitcodes = { [7] = 'die' }, onCreate = function(event) end`),
  layer1('init and collect', `init = function(event) spawn(event, R, 'exit=7') end, collect = function(agent, exitcode) log('Normal', agent.etype, ' ', exitcode) end, onCreate = function(event) spawn(event, R, event.path) end`),
  layer1('collect returns again for init', `init = function(event) tries = tries + 1; spawn(event, R, 'init', tries) end, collect = function(agent, exitcode) if tries < 3 then return 'again' end end, onCreate = function(event) end`,
    { start: 'tries = 0', until: /init 3/ }),
  layer1('events wait for init', `init = function(event) spawn(event, R, 'wait=1', 'init') end, onCreate = function(event) spawn(event, R, event.path) end`),
  layer1('an error in init', `init = function(event) error('my words') end, onCreate = function(event) end`, { differs: stopsOnlyTheSync() }),
  layer1('onStartup as a function', `onStartup = function(event) log('Normal', event.etype); spawn(event, R, 'startup', event.source) end, onCreate = function(event) spawn(event, R, event.path) end`),
  layer1('onStartup as a function that starts nothing', `onStartup = function(event) log('Normal', event.etype) end, onCreate = function(event) spawn(event, R, event.path) end`),
  layer1('init calls default.init', `init = function(event) log('Normal', 'mine'); return default.init(event) end, onStartup = function(event) spawn(event, R, 'startup') end`),
  layer1('settings: init, a function for the whole', ``, { start: `settings { init = function() log('Normal', 'settings.init') end }` }),
]; // prettier-ignore

const PREPARE: readonly ScriptCase[] = [
  layer1('prepare sees the table of the sync and a level', `mine = 5, prepare = function(config, level) log('Normal', 'prepares ', config.source, ' ', config.mine, ' ', level, ' ', tostring(config.target), ' ', config.delay); config.mine = 6 end,
    onCreate = function(event) spawn(event, R, event.config.mine) end`, { differs: logsToStdout }),
  layer1('prepare writes what default.prepare needs', `prepare = function(config, level) config.target = TRG .. '/sub'; config.delay = 0.1; default.prepare(config, level + 1) end,
    onCreate = function(event) spawn(event, R, event.targetPath, event.config.delay) end`),
  layer1('prepare raises an error with its level', `prepare = function(config, level) error('my words', level) end, onCreate = function(event) end`),
  layer1('prepare raises an error', `prepare = function(config, level) error('my words') end, onCreate = function(event) end`),
  layer1('a key that is not in checkgauge', `mine = 5, onCreate = function(event) end`),
  layer1('a key that is in checkgauge', `mine = 5, checkgauge = { mine = true }, onCreate = function(event) spawn(event, R, event.config.mine) end`),
  layer1('a table in checkgauge', `mine = { a = 5, b = 6 }, checkgauge = { mine = { a = true } }, onCreate = function(event) end`),
  layer1('checkgauge of a default in it', `checkgauge = { default.rsync.checkgauge, mine = true }, mine = 1, rsync = { archive = true }, onCreate = function(event) spawn(event, R, tostring(event.config.rsync.archive)) end`, { differs: runs({ stdout: ['Normal: Finished Create on W/src//f = 0'], children: ['true'] }) }),
  layer1('prepare opens a file', `prepare = function(config, level) note = assert(io.open(W .. '/note', 'w')) end, onCreate = function(event) note:write(event.path, '\\n'); note:flush(); for line in io.lines(W .. '/note') do spawn(event, R, line) end end`,
    { start: 'note = false' }),
]; // prettier-ignore

export const LAYER_1: readonly ScriptCase[] = [...INLET, ...COLLECT, ...INIT, ...PREPARE];
