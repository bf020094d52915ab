// Lua's os library: fengari's acts on this process (os.exit), words errors as Node does, and knows few formats of dates.

import { closeSync, openSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import fengari from './patched-fengari.ts';
import type { LuaThread, NativeFunction } from 'fengari';
import { fromText, toBuffer } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { dateFunctions } from './lib-os-date.ts';
import { pushShellResult } from './file-methods.ts';
import {
  attempt,
  bytes,
  checkOption,
  checkText,
  installLibrary,
  optionalText,
  pushInteger,
  pushText,
  pushTrue,
} from './native.ts';
import { runShell } from './shell.ts';

const { lua, lauxlib } = fengari;

const exitCodeMask = 0xff;
const microsecondsInSecond = 1e6;

/** Makes `os`. The os.exit that is there already is called with the code, 0 to 255. */
export function openOs(L: LuaThread): void {
  lua.lua_getglobal(L, bytes('os'));
  lua.lua_getfield(L, -1, bytes('exit'));
  const exit = lua.lua_tocfunction(L, -1);
  lua.lua_pop(L, 2);
  if (exit === null) throw new TypeError('Cannot open os: no os.exit of the host');
  installLibrary(L, 'os', { ...fileFunctions, ...processFunctions, ...dateFunctions, exit: exitWith(exit) });
}

function exitWith(exit: NativeFunction): NativeFunction {
  return (L) => {
    const code = exitCodeAt(L);
    lua.lua_pushcfunction(L, exit);
    pushInteger(L, code);
    lua.lua_call(L, 1, 0);
    return 0;
  };
}

function exitCodeAt(L: LuaThread): number {
  if (lua.lua_type(L, 1) === lua.LUA_TBOOLEAN) return lua.lua_toboolean(L, 1) ? 0 : 1;
  return lauxlib.luaL_optinteger(L, 1, 0) & exitCodeMask;
}

const processFunctions = {
  clock: (L: LuaThread) => {
    const { user, system } = process.cpuUsage();
    lua.lua_pushnumber(L, (user + system) / microsecondsInSecond);
    return 1;
  },
  execute: (L: LuaThread) => {
    const command = optionalText(L, 1);
    return command === undefined ? pushTrue(L) : pushShellResult(L, runShell(command));
  },
  getenv: (L: LuaThread) => {
    const value = process.env[checkText(L, 1)];
    return pushText(L, value === undefined ? undefined : fromText(value));
  },
  setlocale: (L: LuaThread) => {
    const name = optionalText(L, 1);
    checkOption(L, 2, {
      names: ['all', 'collate', 'ctype', 'monetary', 'numeric', 'time'],
      fallback: 'all',
    });
    return pushText(L, ['C', 'POSIX', '', undefined].includes(name) ? 'C' : undefined);
  },
};

const fileFunctions = {
  remove: (L: LuaThread) => {
    const path = checkText(L, 1);
    return attempt(L, () => (removeFileOrEmptyDirectory(path), pushTrue(L)), path);
  },
  rename: (L: LuaThread) => {
    const from = checkText(L, 1);
    const to = checkText(L, 2);
    return attempt(L, () => (renameSync(toBuffer(from), toBuffer(to)), pushTrue(L)));
  },
  /** An empty file of that name is made, as mkstemp(3) does. */
  tmpname: (L: LuaThread) =>
    attempt(L, () => {
      const path = `/tmp/lua_${randomLetters(6)}`;
      closeSync(openSync(path, 'wx', 0o600));
      return pushText(L, path);
    }),
};

function removeFileOrEmptyDirectory(path: BytePath): void {
  try {
    unlinkSync(toBuffer(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EISDIR' && code !== 'EPERM') throw error;
    rmdirSync(toBuffer(path));
  }
}

function randomLetters(count: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: count }, () => letters.charAt(randomInt(letters.length))).join('');
}
