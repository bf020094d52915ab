// Every function that configs of the wild name is there: the globals, Lua's library, the methods of files and texts, what sync{} returns.

import { expect, test } from 'vitest';
import { warningsOf } from './load-text.ts';

const GLOBALS = `alarm assert debug.getinfo default.collect default.init default.prepare default.rsync.action default.rsync.init
  default.rsync.prepare default.rsyncssh.action dofile error ipairs loadfile log nonobservefd next now observefd pairs print rawget
  readdir require settings spawn spawnShell sync terminate tonumber tostring tunnel type`;

const LIBRARY = `io.close io.open io.popen math.random math.randomseed os.date os.execute os.exit os.getenv os.rename os.time
  string.byte string.char string.ends string.find string.format string.gmatch string.gsub string.len string.lower string.match
  string.starts string.sub table.concat table.insert table.remove`;

const FILE_METHODS = 'close lines read write';
const INLET_FUNCTIONS =
  'addExclude createBlanketEvent discardEvent getConfig getEvent getEvents getExcludes rmExclude';

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

const EXPRESSIONS = [
  ...words(GLOBALS),
  ...words(LIBRARY),
  ...words(FILE_METHODS).map((name) => `io.stdout.${name}`),
  ...words(INLET_FUNCTIONS).map((name) => `inlet.${name}`),
];

test.each(EXPRESSIONS)('%s can be called', (expression) => {
  const config = `inlet = sync { default.rsync, BASE }
    local kind, meta = type(${expression}), getmetatable(${expression})
    if kind ~= "function" and not (meta and meta.__call) then error(kind) end`;
  expect(warningsOf(config)).toEqual([]);
});
