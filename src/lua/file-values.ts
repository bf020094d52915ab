// What reads values from a file by Lua's formats, and writes them.

import type { LuaThread } from 'fengari';
import { fromBuffer } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { floatText } from './c-format.ts';
import type { LuaFile } from './lua-file.ts';
import { argumentError, attempt, bytes, checkText, pushText } from './native.ts';
import fengari from './patched-fengari.ts';
import { takeNumeral } from './read-number.ts';

const { lua, lauxlib } = fengari;

/** Part of the stack. */
export interface Arguments {
  readonly first: number;
  /** The index of the last one. */
  readonly count: number;
}

/** Writes the arguments, and returns what is on top of the stack: the file. */
export function writeValues(L: LuaThread, file: LuaFile, { first, count }: Arguments): number {
  for (let index = first; index <= count; index++) {
    const text = writtenText(L, index);
    const failed = attempt(L, () => (file.write(text), 0));
    if (failed > 0) return failed;
  }
  return 1;
}

/** A float is written as by C's `%.14g`, without the `.0` that tostring adds. */
function writtenText(L: LuaThread, index: number): BytePath {
  const isFloat = lua.lua_type(L, index) === lua.LUA_TNUMBER && !lua.lua_isinteger(L, index);
  return isFloat ? floatText(lua.lua_tonumber(L, index)) : checkText(L, index);
}

/** Reads one value a format, and stops at the first that is not there. */
export function readValues(L: LuaThread, file: LuaFile, { first, count }: Arguments): number {
  if (count < first) return attempt(L, () => pushText(L, file.readLine(false)));
  lauxlib.luaL_checkstack(L, count + 4, bytes('too many arguments'));
  const base = lua.lua_gettop(L);
  for (let index = first; index <= count; index++) {
    const read = readerOf(L, index);
    const failed = attempt(L, () => (read(file), 0));
    if (failed > 0) return failed;
    if (lua.lua_type(L, -1) === lua.LUA_TNIL) break;
  }
  return lua.lua_gettop(L) - base;
}

/** What pushes one value, by the format at `index`. */
function readerOf(L: LuaThread, index: number): (file: LuaFile) => void {
  if (lua.lua_type(L, index) === lua.LUA_TNUMBER) {
    const size = lauxlib.luaL_checkinteger(L, index);
    return (file) => pushText(L, file.readBytes(size));
  }
  const format = fromBuffer(lauxlib.luaL_checkstring(L, index)).replace(/^\*/, '').charAt(0);
  switch (format) {
    case 'l':
    case 'L':
      return (file) => pushText(L, file.readLine(format === 'L'));
    case 'a':
      return (file) => pushText(L, file.readAll());
    case 'n':
      return (file) => pushNumeral(L, takeNumeral(file));
    default:
      return argumentError(L, index, 'invalid format');
  }
}

function pushNumeral(L: LuaThread, text: string): void {
  if (lua.lua_stringtonumber(L, bytes(text)) === 0) lua.lua_pushnil(L);
}
