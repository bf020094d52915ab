// `require "lfs"`: LuaFileSystem, but for its locks.

import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import type { LuaThread } from 'fengari';
import { fromText, toBuffer, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { fileTypeName, permissionText } from './file-mode.ts';
import {
  attempt,
  bytes,
  checkText,
  pushFailure,
  pushInteger,
  pushLibrary,
  pushText,
  pushTrue,
  raise,
} from './native.ts';
import fengari from './patched-fengari.ts';

const { lua, lauxlib } = fengari;

type Attribute = string | number;

const attributesOf: Readonly<Record<string, (stats: Stats) => Attribute>> = {
  mode: fileTypeName,
  dev: (stats) => stats.dev,
  ino: (stats) => stats.ino,
  nlink: (stats) => stats.nlink,
  uid: (stats) => stats.uid,
  gid: (stats) => stats.gid,
  rdev: (stats) => stats.rdev,
  access: (stats) => Math.floor(stats.atimeMs / 1000),
  modification: (stats) => Math.floor(stats.mtimeMs / 1000),
  change: (stats) => Math.floor(stats.ctimeMs / 1000),
  size: (stats) => stats.size,
  permissions: permissionText,
  blocks: (stats) => stats.blocks,
  blksize: (stats) => stats.blksize,
};

export function pushLfs(L: LuaThread): 1 {
  pushLibrary(L, {
    attributes: (thread) => attributes(thread, statSync),
    symlinkattributes: (thread) => attributes(thread, lstatSync),
    chdir: (thread) => changing(thread, (path) => process.chdir(toText(path))),
    currentdir: (thread) => pushText(thread, fromText(process.cwd())),
    dir: iterateDirectory,
    link,
    mkdir: (thread) => changing(thread, (path) => mkdirSync(toBuffer(path))),
    rmdir: (thread) => changing(thread, (path) => rmdirSync(toBuffer(path))),
    touch,
  });
  pushText(L, 'LuaFileSystem 1.8.0');
  lua.lua_setfield(L, -2, bytes('_VERSION'));
  return 1;
}

function attributes(L: LuaThread, stat: (path: Buffer) => Stats): number {
  const path = checkText(L, 1);
  const stats = statOrFailure(stat, path);
  if (!('mode' in stats)) return pushFailure(L, stats, `cannot obtain information from file '${path}'`);
  if (lua.lua_type(L, 2) === lua.LUA_TSTRING) return pushOne(L, stats, checkText(L, 2));
  if (lua.lua_type(L, 2) === lua.LUA_TTABLE) lua.lua_settop(L, 2);
  else lua.lua_createtable(L, 0, 0);
  for (const [name, attribute] of Object.entries(attributesOf)) {
    pushAttribute(L, attribute(stats));
    lua.lua_setfield(L, -2, bytes(name));
  }
  return 1;
}

function statOrFailure(stat: (path: Buffer) => Stats, path: BytePath): Stats | Error {
  try {
    return stat(toBuffer(path));
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function pushOne(L: LuaThread, stats: Stats, name: string): number {
  const attribute = Object.hasOwn(attributesOf, name) ? attributesOf[name] : undefined;
  return attribute === undefined
    ? raise(L, `invalid attribute name '${name}'`)
    : pushAttribute(L, attribute(stats));
}

function pushAttribute(L: LuaThread, value: Attribute): 1 {
  return typeof value === 'number' ? pushInteger(L, value) : pushText(L, value);
}

function changing(L: LuaThread, action: (path: BytePath) => void): number {
  const path = checkText(L, 1);
  return attempt(L, () => {
    action(path);
    return pushTrue(L);
  });
}

/** `for name in lfs.dir(path)`: with . and .. */
function iterateDirectory(L: LuaThread): number {
  const path = checkText(L, 1);
  const failed = attempt(L, () => {
    const names = ['.', '..', ...readdirSync(toBuffer(path), { encoding: 'latin1' })];
    lua.lua_pushcfunction(L, (thread) => pushText(thread, names.shift()));
    return 0;
  });
  if (failed === 0) return 1;
  const reason = lua.lua_tostring(L, -2) ?? new Uint8Array();
  return raise(L, `cannot open ${path}: ${Buffer.from(reason).toString('latin1')}`);
}

function link(L: LuaThread): number {
  const [existing, made] = [toBuffer(checkText(L, 1)), toBuffer(checkText(L, 2))];
  const isSymbolic = lua.lua_toboolean(L, 3);
  return attempt(L, () => {
    if (isSymbolic) symlinkSync(existing, made);
    else linkSync(existing, made);
    return pushTrue(L);
  });
}

function touch(L: LuaThread): number {
  const path = checkText(L, 1);
  const now = Date.now() / 1000;
  const accessed = lua.lua_isnoneornil(L, 2) ? now : lauxlib.luaL_checknumber(L, 2);
  const modified = lua.lua_isnoneornil(L, 3) ? accessed : lauxlib.luaL_checknumber(L, 3);
  return attempt(L, () => {
    utimesSync(toBuffer(path), accessed, modified);
    return pushTrue(L);
  });
}
