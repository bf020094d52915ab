// posix.stat and posix.lstat of luaposix: all fields in a table, or one by its name.

import { lstatSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { LuaThread } from 'fengari';
import { toBuffer } from '../byte-path.ts';
import { fileTypeName, permissionText } from './file-mode.ts';
import { argumentError, attempt, bytes, checkText, optionalText, pushInteger, pushText } from './native.ts';
import fengari from './patched-fengari.ts';

const { lua } = fengari;

type Field = string | number;

const typeNames: Readonly<Record<string, string>> = {
  file: 'regular',
  'named pipe': 'fifo',
  'char device': 'character device',
};

const fields: Readonly<Record<string, (stats: Stats) => Field>> = {
  type: (stats) => typeNames[fileTypeName(stats)] ?? fileTypeName(stats),
  mode: permissionText,
  size: (stats) => stats.size,
  mtime: (stats) => Math.floor(stats.mtimeMs / 1000),
  atime: (stats) => Math.floor(stats.atimeMs / 1000),
  ctime: (stats) => Math.floor(stats.ctimeMs / 1000),
  uid: (stats) => stats.uid,
  gid: (stats) => stats.gid,
  ino: (stats) => stats.ino,
  dev: (stats) => stats.dev,
  nlink: (stats) => stats.nlink,
};

export function pushStats(L: LuaThread, call: 'stat' | 'lstat'): number {
  const path = checkText(L, 1);
  const name = optionalText(L, 2);
  if (name !== undefined && !Object.hasOwn(fields, name)) argumentError(L, 2, `invalid option '${name}'`);
  return attempt(
    L,
    () => {
      const found = (call === 'stat' ? statSync : lstatSync)(toBuffer(path));
      if (name !== undefined) return pushField(L, fields[name]?.(found) ?? '');
      lua.lua_createtable(L, 0, 0);
      for (const [key, field] of Object.entries(fields)) {
        pushField(L, field(found));
        lua.lua_setfield(L, -2, bytes(key));
      }
      return 1;
    },
    path,
  );
}

function pushField(L: LuaThread, value: Field): 1 {
  return typeof value === 'number' ? pushInteger(L, value) : pushText(L, value);
}
