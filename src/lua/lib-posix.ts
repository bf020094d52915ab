// `require "posix"`: the functions of luaposix that configs use, in one table and in its parts (`posix.unistd`, …).

import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  linkSync,
  mkdirSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { release, type as systemName, hostname, machine, version } from 'node:os';
import { posix } from 'node:path';
import type { LuaThread } from 'fengari';
import { fromText, toBuffer, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { pause } from './lua-file.ts';
import {
  attempt,
  bytes,
  checkText,
  optionalText,
  pushFailure,
  pushInteger,
  pushLibrary,
  pushText,
} from './native.ts';
import type { Natives } from './native.ts';
import fengari from './patched-fengari.ts';
import { iterateDirectory, listDirectory } from './posix-directory.ts';
import { pushStats } from './posix-stat.ts';

const { lua, lauxlib } = fengari;

const accessBits: Readonly<Record<string, number>> = {
  f: constants.F_OK,
  r: constants.R_OK,
  w: constants.W_OK,
  x: constants.X_OK,
};

const posixFunctions = {
  access: (L: LuaThread) => {
    const letters = optionalText(L, 2) ?? 'f';
    return changing(L, (path) =>
      accessSync(
        path,
        Array.from(letters).reduce((bits, at) => bits | (accessBits[at] ?? 0), 0),
      ),
    );
  },
  basename: (L: LuaThread) => pushText(L, posix.basename(checkText(L, 1))),
  chdir: (L: LuaThread) => changing(L, (path) => process.chdir(path.toString())),
  chmod: (L: LuaThread) => {
    const mode = modeAt(L, 2);
    return mode === undefined ? pushFailure(L, invalid()) : changing(L, (path) => chmodSync(path, mode));
  },
  chown: (L: LuaThread) => {
    const [user, group] = [lauxlib.luaL_checkinteger(L, 2), lauxlib.luaL_checkinteger(L, 3)];
    return changing(L, (path) => chownSync(path, user, group));
  },
  dir: listDirectory,
  dirname: (L: LuaThread) => pushText(L, posix.dirname(checkText(L, 1))),
  files: iterateDirectory,
  getcwd: (L: LuaThread) => pushText(L, fromText(process.cwd())),
  getegid: (L: LuaThread) => pushInteger(L, process.getegid?.() ?? 0),
  getenv: (L: LuaThread) => {
    const value = process.env[toText(checkText(L, 1))];
    return pushText(L, value === undefined ? undefined : fromText(value));
  },
  geteuid: (L: LuaThread) => pushInteger(L, process.geteuid?.() ?? 0),
  getgid: (L: LuaThread) => pushInteger(L, process.getgid?.() ?? 0),
  getpid: (L: LuaThread) => pushInteger(L, process.pid),
  getppid: (L: LuaThread) => pushInteger(L, process.ppid),
  getuid: (L: LuaThread) => pushInteger(L, process.getuid?.() ?? 0),
  kill: (L: LuaThread) => {
    const [pid, signal] = [lauxlib.luaL_checkinteger(L, 1), lauxlib.luaL_optinteger(L, 2, 15)];
    return doing(L, () => process.kill(pid, signal));
  },
  link: (L: LuaThread) => {
    const [from, to] = [toBuffer(checkText(L, 1)), toBuffer(checkText(L, 2))];
    const isSymbolic = lua.lua_toboolean(L, 3);
    return doing(L, () => (isSymbolic ? symlinkSync(from, to) : linkSync(from, to)));
  },
  lstat: (L: LuaThread) => pushStats(L, 'lstat'),
  mkdir: (L: LuaThread) => changing(L, (path) => mkdirSync(path)),
  readlink: (L: LuaThread) => {
    const path = checkText(L, 1);
    return attempt(L, () => pushText(L, readlinkSync(toBuffer(path), 'latin1')), path);
  },
  rmdir: (L: LuaThread) => changing(L, rmdirSync),
  setenv: (L: LuaThread) => {
    const name = toText(checkText(L, 1));
    const value = optionalText(L, 2);
    return doing(L, () => {
      if (value === undefined) delete process.env[name];
      else process.env[name] = toText(value);
    });
  },
  sleep: (L: LuaThread) => {
    pause(Math.max(0, lauxlib.luaL_checknumber(L, 1)) * 1000);
    return pushInteger(L, 0);
  },
  stat: (L: LuaThread) => pushStats(L, 'stat'),
  symlink: (L: LuaThread) => {
    const [from, to] = [toBuffer(checkText(L, 1)), toBuffer(checkText(L, 2))];
    return doing(L, () => symlinkSync(from, to));
  },
  time: (L: LuaThread) => pushInteger(L, Math.floor(Date.now() / 1000)),
  umask: (L: LuaThread) =>
    pushInteger(
      L,
      lua.lua_isnoneornil(L, 1) ? process.umask() : process.umask(lauxlib.luaL_checkinteger(L, 1)),
    ),
  uname,
  unlink: (L: LuaThread) => changing(L, unlinkSync),
} satisfies Natives;

export function pushPosix(L: LuaThread): 1 {
  pushLibrary(L, posixFunctions);
  return 1;
}

/** 0, as luaposix, or nil, `NAME: reason`, errno. */
function doing(L: LuaThread, action: () => unknown, name?: BytePath): number {
  return attempt(
    L,
    () => {
      action();
      return pushInteger(L, 0);
    },
    name,
  );
}

function changing(L: LuaThread, action: (path: Buffer) => void): number {
  const path = checkText(L, 1);
  return doing(L, () => action(toBuffer(path)), path);
}

function invalid(): Error {
  return Object.assign(new Error('Invalid argument'), { errno: -22, code: 'EINVAL' });
}

/** A number, or text as `rwxr-x---` or `750`. */
function modeAt(L: LuaThread, argument: number): number | undefined {
  if (lua.lua_type(L, argument) === lua.LUA_TNUMBER) return lauxlib.luaL_checkinteger(L, argument);
  const text = checkText(L, argument);
  if (/^[0-7]{3,4}$/.test(text)) return Number.parseInt(text, 8);
  if (!/^(?:[r-][w-][x-]){3}$/.test(text)) return undefined;
  return Number.parseInt(Array.from(text, (letter) => (letter === '-' ? '0' : '1')).join(''), 2);
}

/** uname("%n") = text; uname() = a table. */
function uname(L: LuaThread): number {
  const fields = { s: systemName(), n: hostname(), r: release(), v: version(), m: machine() };
  const format = optionalText(L, 1);
  if (format !== undefined) {
    const text = format.replaceAll(/%([snrvm])/g, (_, letter: keyof typeof fields) =>
      fromText(fields[letter]),
    );
    return pushText(L, text);
  }
  const names = {
    sysname: fields.s,
    nodename: fields.n,
    release: fields.r,
    version: fields.v,
    machine: fields.m,
  };
  lua.lua_createtable(L, 0, 0);
  for (const [name, value] of Object.entries(names)) {
    pushText(L, fromText(value));
    lua.lua_setfield(L, -2, bytes(name));
  }
  return 1;
}
