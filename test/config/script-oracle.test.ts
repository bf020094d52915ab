// The same config through Debian's lsyncd and through loadConfig: what its Lua prints while it loads, and the error that ends it.
// Each config ends the program itself, so that nothing starts.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigExit } from '../../src/errors.ts';
import { loadText, makeDirectory } from './load-text.ts';

const hasLsyncd = spawnSync('lsyncd', ['--version']).error === undefined;
const mustRun = process.env['TSYNCD_TEST_NO_SKIP'] === '1';

const prelude = `
local function show(...)
  local texts = {}
  for i = 1, select("#", ...) do texts[i] = tostring((select(i, ...))) end
  print(table.concat(texts, " "))
end
local function names(t)
  local found = {}
  for name in pairs(t) do if name ~= "full" then found[#found + 1] = tostring(name) end end
  table.sort(found)
  return table.concat(found, " ")
end
local SRC, TRG = "DIR/src", "DIR/trg"
`;

function ofLsyncd(text: string, directory: string): string {
  const file = join(directory, 'conf.lua');
  writeFileSync(file, text.replaceAll('DIR', directory));
  const run = spawnSync('lsyncd', ['-nodaemon', file], { encoding: 'utf8', timeout: 10_000, input: '' });
  return (run.stdout + run.stderr).replaceAll(directory, 'DIR');
}

function ofTsyncd(text: string, directory: string): string {
  const parts: string[] = [];
  try {
    loadText(text, { directory, onPrint: (part) => parts.push(part) });
  } catch (error) {
    if (!(error instanceof ConfigExit)) parts.push(`Error: ${(error as Error).message}\n`);
  }
  return parts.join('').replaceAll(directory, 'DIR');
}

const inPrepare = (fields: string, code: string): string =>
  `sync { onCreate = "true", source = SRC, target = TRG, ${fields}, prepare = function(config, level) ${code} end }`;

const configs: readonly string[] = [
  inPrepare('own = 1', 'show(level, names(config))'),
  inPrepare(
    'own = { 1, a = 2 }',
    'show(config.own[1], config.own.a, config.source, config.target, config.onCreate)',
  ),
  inPrepare('delay = 3', 'show(config.delay, config.maxProcesses, config.maxDelays, config.name)'),
  inPrepare(
    'exitcodes = default.rsyncExitCodes',
    'show(config.exitcodes[255], config.exitcodes[12], config.exitcodes[99])',
  ),
  `local base = { x = { 1, 2, a = 1 }, delay = 3, y = 1 } local other = { base, x = { 3, b = 2 }, y = 2 }
   sync { other, { z = 1, x = { 9 } }, onCreate = "true", source = SRC, x = { 4, c = 3 }, prepare = function(config)
     show(config.delay, config.y, config.z, config.x.a, config.x.b, config.x.c, table.concat(config.x, ",")) end }`,
  `sync { { y = true, z = 1 }, onCreate = "true", source = SRC, y = false, prepare = function(c) show(c.y, c.z) end }`,
  `sync { default.rsync, source = SRC, target = TRG, prepare = function(c, level) default.rsync.prepare(c, level)
     show(c.target, c.delay, c.delete, #c.rsync._computed, c.rsync.times, names(c.checkgauge.rsync) ~= "") end }`,
  `sync { default.rsyncssh, source = SRC, host = "h", targetdir = "d", ssh = { port = 22 }, prepare = function(c, level)
     default.rsyncssh.prepare(c, level) show(c.targetdir, c.onMove, c.maxProcesses, table.concat(c.ssh._computed, " ")) end }`,
  `sync { default.direct, source = SRC, target = TRG, prepare = function(c, level)
     default.direct.prepare(c, level) show(c.target, c.onMove, c.delay, c.rsyncExitCodes[24]) end }`,
  `sync { onCreate = "true", source = SRC, target = TRG, own = 1 }`,
  `sync { onCreate = "true", source = SRC, target = TRG, own = { a = 1 }, checkgauge = { own = { b = true } } }`,
  `sync { onCreate = "true", source = SRC, target = TRG, own = 1, checkgauge = { own = { b = true } } }`,
  `sync { onCreate = "true", source = SRC, target = TRG, own = 1, checkgauge = { own = true } }`,
  `sync { onCreate = "true", source = SRC, target = TRG, own = 1, checkgauge = { own = false } }`,
  `sync { onCreate = "true", source = SRC, host = 1, rsync = { archive = true },
     checkgauge = { default.rsync.checkgauge, host = true, onCreate = true } }`,
  `sync { action = print, source = SRC, host = 1, rsync = { arxive = true },
     checkgauge = { default.rsync.checkgauge, host = true } }`,
  `sync { action = print, source = SRC, host = 1, checkgauge = { { host = true } } }`,
  `sync { action = print, source = SRC, own = 1, checkgauge = false }`,
  `default.checkgauge.own = true sync { action = print, source = SRC, own = 1 }`,
  inPrepare('x = 1', '\n error("no way", level)'),
  inPrepare('x = 1', '\n error("no way")'),
  inPrepare('x = 1', '\n error("no way", 0)'),
  inPrepare('x = 1', '\n local a = nil; return a.b'),
  inPrepare('x = 1', '\n default.prepare(config, level + 1)'),
  inPrepare('x = 1', '\n return default.prepare(config, level)'),
  inPrepare('x = 1, checkgauge = { x = true }', 'show(default.prepare(config, level + 1))'),
  'show(pcall(default.prepare, {}, 1)) show(pcall(default.prepare, { x = 1 }, 1))',
  'sync { action = print, target = TRG }',
  'sync { action = print, source = "DIR/nosuch", target = TRG }',
  'local s = sync { action = print, source = SRC } show(type(s), type(s.getConfig), s.getConfig().source, s.getConfig().name)',
  'local s = sync { action = print, source = SRC } show(pcall(function() return s.nosuch end))',
  'local s = sync { action = print, source = SRC } s.addExclude("a") s.addExclude("b") s.rmExclude("a") show(table.concat(s.getExcludes(), " "))',
  'show(type(default.rsync.action), type(default.rsync.init), type(default.rsync.prepare), type(default.rsync.collect))',
  'show(type(default.rsyncssh.init), type(default.rsyncssh[1].init), default.rsyncssh[1] == default.rsync)',
  'show(default.rsync.exitcodes == default.rsyncExitCodes, default.direct.rsyncExitCodes == default.rsyncExitCodes)',
  'show(type(default.init), type(default.action), type(default.collect), type(default.prepare), default.nosuch)',
  'log("Normal", "a ", 1, " ", 1.5, " ", 2.0, true, nil) log("Nix", "x") log("Normal")',
  'show(pcall(log, "Normal", print)) show(pcall(log, "Normal", "", print)) show(pcall(log))',
  'local n = now() show(type(n), n < n + 1, n <= n, n == n, n > n + 1, n == 5, n + 0.5 - n)',
  'show(pcall(function() return -now() end)) show(pcall(function() return now() * 2 end)) show(pcall(function() return "x" .. now() end))',
  'show(nosuch, type(spawn), type(spawnShell), type(alarm), type(terminate), type(observefd), type(nonobservefd))',
  `local q = Queue.new() q:push("a") q:push("b") q:push("c") show(q:size(), q:first(), q:last(), q:remove(2), q:size())
   for at, value in q:qpairs() do show(at, value) end for at, value in q:qpairsReverse() do show(at, value) end
   q:replace(3, "C") show(q[1], q[2], q[3], pcall(function() return q.nosuch end))`,
];

describe.skipIf(!hasLsyncd && !mustRun)("a config of one's own, in lsyncd and here:", () => {
  test.each(configs)('%s', (text) => {
    const directory = makeDirectory();
    const whole = `${prelude}${text}\nos.exit(0)`;
    expect(ofTsyncd(whole, directory)).toBe(ofLsyncd(whole, directory));
  });
});
