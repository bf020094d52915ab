// Layer 2: functions for events, and what they can call.

import { gives, stopsOnlyTheSync, type Outcome, type ScriptCase } from './script-case.ts';

interface More {
  readonly before?: string;
  readonly steps?: readonly string[];
  readonly args?: readonly string[];
  readonly unordered?: true;
  readonly differs?: (lsyncd: Outcome) => Outcome;
}

/** Functions for events; `start` stands before them. */
function layer2(name: string, keys: string, more: More & { readonly start?: string } = {}): ScriptCase {
  const { start = '', ...rest } = more;
  return {
    name,
    config: `${start}\nsync { { delay = 0.4, maxProcesses = 1,\n${keys}\n}, source = SRC, target = TRG }`,
    ...(rest.steps === undefined ? { ...rest, steps: ['echo >f'] } : rest),
  };
}

/** The body of onCreate, for one new file. */
function onCreate(name: string, body: string, more: More & { readonly start?: string } = {}): ScriptCase {
  return layer2(name, `onCreate = function(event)\n${body}\nend`, more);
}

const FIELDS = ['etype', 'status', 'isdir', 'name', 'basename', 'path', 'pathname', 'pathdir', 'source', 'sourcePath', 'sourcePathname',
  'sourcePathdir', 'target', 'targetPath', 'targetPathname', 'targetPathdir']; // prettier-ignore

const SHOW = `FIELDS = { ${FIELDS.map((name) => `'${name}'`).join(', ')} }
function fields(event) local all = {}; for _, name in ipairs(FIELDS) do table.insert(all, name .. '=' .. tostring(event[name])) end; return all end`;

const KINDS = ['Attrib', 'Create', 'Modify', 'Delete'];
const forKinds = (body: string): string => KINDS.map((kind) => `on${kind} = ${body}`).join(', ');

/** Why a child could not be started. */
function saysWhy(lsyncd: Outcome): Outcome {
  return { ...lsyncd, stdout: [...lsyncd.stdout, 'Warn: Sync1: spawn /nosuch/binary ENOENT'] };
}

const FINISHED = 'Normal: Finished Create on W/src//f = 0';

/** lsyncd dies; here the child runs. */
function oneMore(changes: Partial<Outcome>): (lsyncd: Outcome) => Outcome {
  const stdout = [
    'Normal: --- Startup ---',
    'Normal: Finished Create on W/src//f = 0',
    'Normal: --- TERM signal, fading ---',
  ];
  return (lsyncd) => ({ ...lsyncd, stdout, stderr: [], exitCode: 143, ...changes });
}

const EVENTS: readonly ScriptCase[] = [
  layer2('every field of an event',
    `${forKinds(`function(event) spawn(event, R, fields(event)) end`)},
    onMove = function(o, d) spawn(o, R, fields(o), fields(d)) end`,
    { start: SHOW, before: 'mkdir d; echo >d/m', steps: ['mkdir d/e; echo >d/f', 'mv d/m d/n; rm d/f; rmdir d/e'] }),
  layer2('the types of the fields of an event', `onCreate = function(event)
    for _, name in ipairs(FIELDS) do log('Normal', name, ' ', type(event[name])) end
    log('Normal', type(event), ' ', type(event.config), ' ', type(event.inlet)) end`, { start: SHOW, steps: ['mkdir d'] }),
  onCreate('event.config is the table of the sync', `local c = event.config
    log('Normal', c.source, ' ', c.target, ' ', c.delay, ' ', c.maxProcesses, ' ', c.mine, ' ', type(c.onCreate), ' ', tostring(c == event.inlet.getConfig()))`),
  layer2('the own keys of a sync', `mine = { a = { 1, 2 } }, checkgauge = { mine = { a = true } }, onCreate = function(event)
    log('Normal', event.config.mine.a[2]); event.config.mine.a[2] = event.config.mine.a[2] + 1 end`, { steps: ['echo >f', 'echo >g'] }),
  onCreate('a field that events do not have', `log('Normal', 'before'); local x = event.nosuch`, { differs: stopsOnlyTheSync() }),
  onCreate('custom fields', `event.mine = 5; rawset(event, 'other', 'x')
    log('Normal', event.mine, ' ', rawget(event, 'mine'), ' ', rawget(event, 'other'), ' ', tostring(rawget(event, 'nosuch')), ' ', tostring(rawget(event, 'path')))`),
  onCreate('event.config and event.inlet written by the user', `local config = { target = 'mine' }; event.config = config; event.inlet = event.inlet; log('Normal', event.config.target, ' ', event.target, ' ', event.inlet.getConfig().target); spawn(event, R, event.config.target)`),
  onCreate('fields of an event cannot be replaced unseen', `event.path = 'mine'; log('Normal', event.path, ' ', event.pathname)`),
  onCreate('an event as a table', `local n = 0; for k in pairs(event) do n = n + 1 end; log('Normal', type(event), n, ' ', #event)`),
  layer2('an event is the same in action and collect', `onCreate = function(event) event.mine = 'kept'; spawn(event, R, 'x') end,
    collect = function(agent, exitcode) log('Normal', tostring(rawget(agent, 'mine')), ' ', exitcode) end`),
  layer2('onMove gets two events', `onMove = function(o, d) log('Normal', o.etype, ' ', d.etype, ' ', o.status, ' ', d.status, ' ', o.path, ' ', d.path, ' ', tostring(o == d)); spawn(o, R, o.path, d.path) end`,
    { before: 'echo >a', steps: ['mv a b'] }),
  layer2('onMove spawns for its second event', `onMove = function(o, d) spawn(d, R, o.path, d.path) end`, { before: 'echo >a', steps: ['mv a b'] }),
  layer2('events of which nothing is made', forKinds(`function(event) log('Normal', event.etype, ' ', event.path) end`), { steps: ['echo >f', 'rm f'] }),
]; // prettier-ignore

const SPAWN: readonly ScriptCase[] = [
  onCreate('spawn with arguments', `spawn(event, R, 'a b', '', event.path, '$HOME', '"', "'")`),
  onCreate('spawn with numbers', `spawn(event, R, 5, 1.5, -0.25, 1e100)`),
  onCreate('spawn with nil among the arguments', `spawn(event, R, 'a', nil, 'b', nil)`),
  onCreate('spawn with a boolean', `spawn(event, R, 'a', true)`, { differs: stopsOnlyTheSync("W/conf.lua:4: bad argument #4 to 'spawn' (a text expected)") }),
  onCreate('spawn with tables', `spawn(event, R, 'a', { 'b', 'c' }, 'd', {}, { 'e' })`),
  onCreate('spawn with nested tables', `spawn(event, R, { 'a', { 'b', { 'c' } }, 'd' })`, { differs: oneMore({ children: ['a b c d'] }) }),
  onCreate('spawn with a table that has a hole', `spawn(event, R, { 'a', nil, 'c' }, 'd')`, { differs: oneMore({ children: ['a c d'] }) }),
  onCreate('spawn with stdin', `spawn(event, R, '<', 'one\\ntwo\\0three', 'a', 'b')`),
  onCreate('spawn with an empty stdin', `spawn(event, R, '<', '', 'a')`, { differs: gives({ children: ["a < ''"] }) }),
  onCreate('spawn with a long stdin', `spawn(event, '/bin/sh', '<', string.rep('0123456789', 20000), '-c', 'exec ' .. R .. ' $(wc -c)')`),
  onCreate('spawn with < behind other arguments', `spawn(event, R, 'a', '<', 'b')`),
  onCreate('spawn with bytes that are no UTF-8', `spawn(event, R, '\\xff\\xe9', '<', '\\xfe')`),
  onCreate('spawn without arguments', `spawn(event, R)`),
  onCreate('spawn without a binary', `spawn(event)`, { differs: stopsOnlyTheSync() }),
  onCreate('spawn with a binary that is not there', `spawn(event, '/nosuch/binary', 'x')`, { differs: saysWhy }),
  onCreate('spawn looks nowhere for a binary', `spawn(event, 'true')`, { differs: oneMore({}) }),
  onCreate('spawn of something that is no event', `spawn({}, R, 'x')`, { differs: stopsOnlyTheSync() }),
  onCreate('spawn twice for one event', `spawn(event, R, 'one'); spawn(event, R, 'two')`, { unordered: true, differs: oneMore({ stdout: ['Normal: --- Startup ---', 'Normal: --- TERM signal, fading ---', FINISHED, FINISHED], children: ['one', 'two'] }) }),
  onCreate('spawnShell', `spawnShell(event, R .. ' a "$1" "$2" $# $0', event.path, 'x y')`),
  onCreate('spawnShell without arguments', `spawnShell(event, R .. ' $# "$0"')`),
  onCreate('spawnShell with nil and tables', `spawnShell(event, R .. ' "$@"', nil, { 'a', 'b' }, 'c')`),
  onCreate('spawnShell with numbers', `spawnShell(event, R .. ' "$@"', 5, 2.5)`),
  onCreate('spawnShell with several lines', `spawnShell(event, [[\n# a comment\nexec "$1" x y\n]], R)`),
  layer2('exit codes of functions', `onCreate = function(event) spawn(event, R, 'exit=7') end, exitcodes = { [7] = 'ok' }`),
  onCreate('an exit code that is not known', `spawn(event, R, 'exit=7')`),
  layer2('an exit code that is again', `onCreate = function(event) tries = tries + 1; spawn(event, R, tries < 2 and 'exit=7' or 'good', event.path) end, exitcodes = { [7] = 'again' }`,
    { start: 'tries = 0' }),
  layer2('an exit code that is die', `onCreate = function(event) spawn(event, R, 'exit=7') end, exitcodes = { [7] = 'die' }`),
  onCreate('a child that a signal ends', `spawnShell(event, 'kill -9 $$')`, { differs: gives({ exitCode: 255, stdout: ['Normal: --- Startup ---'], stderr: ['Error: Failure with Create on W/src//f = 137', 'Error: Critical exitcode.'] }) }),
  layer2('children beside each other', `maxProcesses = 3, onCreate = function(event) spawn(event, R, 'wait=0.3', event.path) end`,
    { steps: ['touch a b c d e'], unordered: true }),
  layer2('a later event of a path waits for the earlier one', `maxProcesses = 5, ${forKinds(`function(event) spawn(event, R, 'wait=0.2', event.etype, event.path) end`)}`,
    { steps: ['echo >f; chmod 600 f; rm f'], unordered: true }),
  layer2('events below a directory wait for it', `maxProcesses = 5, ${forKinds(`function(event) spawn(event, R, 'wait=0.2', event.etype, event.path) end`)}`,
    { before: 'mkdir d; echo >d/f', steps: ['chmod 700 d; chmod 600 d/f; rm d/f; rmdir d'], unordered: true }),
]; // prettier-ignore

const LOG: readonly ScriptCase[] = [
  onCreate('log joins its arguments', `log('Normal', 'a', 5, 1.5, -0.25, ' b ', '')`),
  onCreate('log with a boolean', `log('Normal', 'a ', true)`),
  onCreate('log with nil', `log('Normal', 'a ', nil, ' b')`),
  onCreate('log with a table', `log('Normal', { 1 })`),
  onCreate('log without a text', `log('Normal')`),
  onCreate('log with Error', `log('Error', 'bad ', event.path)`),
  onCreate('log with a category of its own that is not asked for', `log('Mine', 'hidden'); log('Warn', 'seen?'); log('Debug', 'no')`),
  onCreate('log with a category of its own that is asked for', `log('Mine', 'seen'); log('Other', 'hidden')`, { args: ['-log', 'Mine'] }),
  onCreate('log with categories that users made up', `log('Warn', 'one'); log('Offline', 'two'); log('TattleMove', 'three')`, { args: ['-log', 'Offline', '-log', 'TattleMove'] }),
  onCreate('log with -log scarce', `log('Normal', 'hidden'); log('Error', 'seen')`, { args: ['-log', 'scarce'] }),
  onCreate('log with several lines', `log('Normal', 'one\\ntwo')`),
  onCreate('log with a percent sign', `log('Normal', '100%s %d')`),
  onCreate('print', `print('a', 1, nil, true); log('Normal', 'b')`),
  onCreate('log with a category that is no text', `log(5, 'x')`),
]; // prettier-ignore

const GLOBALS: readonly ScriptCase[] = [
  onCreate('terminate', `log('Normal', 'now'); terminate(7)`),
  onCreate('terminate with 0', `terminate(0)`),
  onCreate('os.exit', `os.exit(3)`),
  onCreate('a global that is not there', `log('Normal', 'before'); log('Normal', nosuch)`, { differs: stopsOnlyTheSync() }),
  onCreate('a new global', `log('Normal', 'before'); nosuch = 5`, { differs: stopsOnlyTheSync() }),
  onCreate('a global that is there changes', `count = count + 1; log('Normal', 'count ', count)`, { start: 'count = 0', steps: ['echo >f', 'echo >g'] }),
  onCreate('a global that was nil', `log('Normal', tostring(gone))`, { start: 'gone = nil', differs: stopsOnlyTheSync() }),
  onCreate('rawget of a global', `log('Normal', tostring(rawget(_G, 'nosuch'))); rawset(_G, 'mine', 5); log('Normal', mine)`),
  onCreate('error with a text', `error('my words')`, { differs: stopsOnlyTheSync() }),
  onCreate('error with a level', `local function f() error('my words', 2) end\nf()`, { differs: stopsOnlyTheSync() }),
  onCreate('error with a table', `error({ 1 })`, { differs: stopsOnlyTheSync('(null)') }),
  onCreate('nil is indexed', `local x\nlog('Normal', x.y)`, { differs: stopsOnlyTheSync() }),
  onCreate('pcall holds an error', `log('Normal', tostring(pcall(function() error('x', 0) end))); log('Normal', select(2, pcall(error, 'said')))`),
  onCreate('alarm', `alarm(now() + 0.2, function(time, extra) log('Normal', 'rings ', extra.word, ' ', type(time)) end, { word = 'yes' })`),
  onCreate('alarm without extra', `alarm(now() + 0.2, function(time, extra) log('Normal', 'rings ', tostring(extra)) end)`),
  onCreate('alarms in their order', `for _, n in ipairs { 3, 1, 2 } do alarm(now() + n / 10, function() log('Normal', 'rings ', n) end) end`),
  onCreate('an alarm sets the next', `local n = 0
    local function ring(time) n = n + 1; log('Normal', 'rings ', n); if n < 3 then alarm(time + 0.1, ring) end end
    alarm(now(), ring)`),
  onCreate('an alarm at load', `log('Normal', rung, ' times')`, { start: `rung = 0\nalarm(now() + 0.1, function() rung = rung + 1; log('Normal', 'rings') end)` }),
  onCreate('timestamps', `local t = now(); local later = t + 5
    log('Normal', tostring(later - t == 5), ' ', tostring(t < later), ' ', tostring(t <= t), ' ', tostring(t == t), ' ', tostring(t > later), ' ', tostring(later >= t), ' ', type(t), ' ', tostring(t + 0 == t), ' ', tostring((later - 5) == t))`),
  onCreate('timestamps print', `local t = now(); log('Normal', tostring(t):match('^%a+'), ' ', type(tostring(t)))`, { differs: gives({ stdout: ['Normal: --- Startup ---', 'Normal: Timestamp string', 'Normal: --- TERM signal, fading ---'] }) }),
  onCreate('a timestamp and a text', `local t = now() + 'x'`, { differs: stopsOnlyTheSync('W/conf.lua:4: a number of seconds expected, got string') }),
  onCreate('the sum of two timestamps', `local t = now() + now()`, { differs: stopsOnlyTheSync('W/conf.lua:4: Cannot add two timestamps!') }),
  onCreate('functions of the program', `for _, name in ipairs { 'spawn', 'spawnShell', 'log', 'terminate', 'now', 'alarm', 'sync', 'default', 'readdir', 'Queue', 'observefd', 'nonobservefd', 'string' } do log('Normal', name, ' ', type(rawget(_G, name))) end`),
  onCreate('sync at run time', `sync { default.rsync, source = SRC, target = TRG }`, { differs: stopsOnlyTheSync('W/conf.lua:4: sync{} is called while the config loads only') }),
  onCreate('settings at run time', `settings { delay = 5 }`, { differs: gives({ stdout: ['Normal: --- Startup ---', 'Normal: --- TERM signal, fading ---'], stderr: [], exitCode: 143 }) }),
  onCreate('readdir', `local names = {}; for name, isdir in pairs(readdir(SRC)) do table.insert(names, name .. tostring(isdir)) end; table.sort(names); log('Normal', table.concat(names, ' '))`,
    { steps: ['mkdir d; echo >f'] }),
  onCreate('io and os at run time', `local f = io.open(W .. '/note', 'w'); f:write(event.path, '\\n'); f:close(); for line in io.lines(W .. '/note') do log('Normal', line) end; log('Normal', tostring(os.execute('exit 3')))`),
  onCreate('string helpers of the program', `log('Normal', tostring(string.starts('abc', 'ab')), tostring(string.ends('abc', 'bc')), tostring(string.starts('abc', 'x')))`),
  onCreate('coroutines at run time', `local co = coroutine.wrap(function() coroutine.yield(1); spawn(event, R, 'x') end); co(); co()`),
]; // prettier-ignore

export const LAYER_2: readonly ScriptCase[] = [...EVENTS, ...SPAWN, ...LOG, ...GLOBALS];
