// lsyncd's helpers that ask the machine: directories, processes, ports.

import { spawnSync } from 'node:child_process';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { fromBuffer, toBuffer, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { reasonOf } from '../lua/file-error.ts';
import { HostFunction, LuaRaise, LuaTable } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';

export const machineFunctions: readonly HostFunction[] = [
  new HostFunction('readdir', ({ args }) => readDirectory(pathOf(args[0], 'readdir'))),
  new HostFunction('realdir', ({ args }) => [realDirectory(pathOf(args[0], 'realdir'))]),
  new HostFunction('get_file_size', ({ args }) => [sizeOf(pathOf(args[0], 'get_file_size'))]),
  new HostFunction('kill', ({ args: [pid, signal] }) => [kill(pid, signal)]),
  new HostFunction('get_free_port', () => [freePort()]),
];

function pathOf(value: LuaValue, name: string): BytePath {
  if (typeof value === 'string') return value;
  throw new LuaRaise(`bad argument #1 to '${name}' (string expected)`);
}

/** name → whether it is a directory; nothing, with lsyncd's line on stderr, where it cannot be read. */
function readDirectory(path: BytePath): readonly LuaValue[] {
  try {
    const entries = readdirSync(toBuffer(path), { withFileTypes: true, encoding: 'buffer' });
    return [new LuaTable(entries.map((entry) => [fromBuffer(entry.name), entry.isDirectory()] as const))];
  } catch (error) {
    process.stderr.write(`Error: cannot open dir [${toText(path)}]: ${reasonOf(error)}\n`);
    return [];
  }
}

/** Absolute, without links, with a trailing slash; nil where there is no such directory. */
function realDirectory(path: BytePath): BytePath | undefined {
  try {
    const real = fromBuffer(realpathSync.native(toBuffer(path), { encoding: 'buffer' }));
    if (!statSync(toBuffer(real)).isDirectory()) return undefined;
    return real.endsWith('/') ? real : `${real}/`;
  } catch {
    return undefined;
  }
}

/** Bytes; nil where there is no such file. */
function sizeOf(path: BytePath): number | undefined {
  return statSync(toBuffer(path), { throwIfNoEntry: false })?.size;
}

/** 0, or -1 if that cannot be done. */
function kill(pid: LuaValue, signal: LuaValue): number {
  if (typeof pid !== 'number' || typeof signal !== 'number')
    throw new LuaRaise(`bad argument to 'kill' (a process and the number of a signal expected)`);
  try {
    process.kill(pid, signal);
    return 0;
  } catch {
    return -1;
  }
}

/** A TCP port that nobody listens on; asked of the kernel by a child, since Lua waits for the answer. */
function freePort(): number {
  const program = `const s = require('net').createServer().listen(0, () => { console.log(s.address().port); s.close(); })`;
  const { stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  const port = Number(stdout);
  if (Number.isInteger(port) && port > 0) return port;
  throw new LuaRaise('Cannot find a free port');
}
