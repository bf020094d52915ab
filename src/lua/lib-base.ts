// What of Lua's basic library must be ours: print, which must not write to Node's stdout, and collectgarbage, which
// fengari lacks.

import type { LuaThread, NativeFunction } from 'fengari';
import { fromBuffer } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import fengari from './patched-fengari.ts';
import { bytes, checkOption, raise } from './native.ts';

const { lua, lauxlib } = fengari;

/** Names of Lua 5.1, and what they are called now; functions of their own, as an error names the function. */
const oldNames: readonly (readonly [table: string, name: string, newTable: string, newName: string])[] = [
  ['_G', 'unpack', 'table', 'unpack'],
  ['_G', 'loadstring', '_G', 'load'],
  ['string', 'gfind', 'string', 'gmatch'],
];

const bytesInKiB = 1024;

const collectorOptions = [
  'stop',
  'restart',
  'collect',
  'count',
  'step',
  'setpause',
  'setstepmul',
  'isrunning',
] as const;

type CollectorOption = (typeof collectorOptions)[number];

/** Lua's own, in percent. */
const defaultPace = 200;

export interface BaseOptions {
  /** Takes the bytes for stdout. */
  readonly print: (content: Buffer) => void;
  /** Sees once what Lua would do and this Lua does not; `where` is the caller's `file:line`. */
  readonly warn: (where: BytePath, text: string) => void;
}

export function openBase(L: LuaThread, { print, warn }: BaseOptions): void {
  const functions = {
    print: printWith(print),
    collectgarbage: collector(),
    setmetatable: warningOfFinalizers(globalFunction(L, 'setmetatable'), warn),
  };
  for (const [name, native] of Object.entries(functions)) {
    lua.lua_pushcfunction(L, native);
    lua.lua_setglobal(L, bytes(name));
  }
}

function globalFunction(L: LuaThread, name: string): NativeFunction {
  lua.lua_getglobal(L, bytes(name));
  const native = lua.lua_tocfunction(L, -1);
  lua.lua_pop(L, 1);
  if (native === null) throw new TypeError(`Cannot find ${name} in fengari`);
  return native;
}

function warningOfFinalizers(native: NativeFunction, warn: BaseOptions['warn']): NativeFunction {
  let isWarned = false;
  return (L) => {
    if (!isWarned && hasFinalizer(L)) {
      isWarned = true;
      lauxlib.luaL_where(L, 1);
      const where = fromBuffer(lua.lua_tostring(L, -1) ?? new Uint8Array()).replace(/: $/, '');
      lua.lua_pop(L, 1);
      warn(where, '__gc is never called: close what must be closed');
    }
    return native(L);
  };
}

function hasFinalizer(L: LuaThread): boolean {
  if (lua.lua_type(L, 2) !== lua.LUA_TTABLE) return false;
  lua.lua_pushstring(L, bytes('__gc'));
  lua.lua_rawget(L, 2);
  const isFunction = lua.lua_type(L, -1) === lua.LUA_TFUNCTION;
  lua.lua_pop(L, 1);
  return isFunction;
}

/** What configs of lsyncd 2.0 and 2.1 call, which ran on Lua 5.1. */
export function openOldNames(L: LuaThread): void {
  for (const [table, name, newTable, newName] of oldNames) {
    lua.lua_getglobal(L, bytes(newTable));
    lua.lua_getfield(L, -1, bytes(newName));
    const native = lua.lua_tocfunction(L, -1);
    lua.lua_getglobal(L, bytes(table));
    if (native !== null) lua.lua_pushcfunction(L, (thread) => native(thread));
    lua.lua_setfield(L, -2, bytes(name));
    lua.lua_settop(L, -4);
  }
}

function printWith(print: (content: Buffer) => void): NativeFunction {
  return (L) => {
    const count = lua.lua_gettop(L);
    lua.lua_getglobal(L, bytes('tostring'));
    const parts: Buffer[] = [];
    for (let index = 1; index <= count; index++) {
      if (index > 1) parts.push(Buffer.from('\t'));
      parts.push(shownText(L, index, count + 1));
    }
    print(Buffer.concat([...parts, Buffer.from('\n')]));
    return 0;
  };
}

/** By the global tostring, which is at `converter`. */
function shownText(L: LuaThread, index: number, converter: number): Buffer {
  lua.lua_pushvalue(L, converter);
  lua.lua_pushvalue(L, index);
  lua.lua_call(L, 1, 1);
  const text = lua.lua_tostring(L, -1) ?? raise(L, "'tostring' must return a string to 'print'");
  lua.lua_pop(L, 1);
  return Buffer.from(text);
}

/** Memory is JavaScript's to reclaim: the options do nothing but answer. */
function collector(): NativeFunction {
  const paces = { setpause: defaultPace, setstepmul: defaultPace };
  let isRunning = true;
  const answer = (L: LuaThread, option: CollectorOption, value: number): void => {
    switch (option) {
      case 'count':
        return lua.lua_pushnumber(L, process.memoryUsage().heapUsed / bytesInKiB);
      case 'step':
        return lua.lua_pushboolean(L, false);
      case 'isrunning':
        return lua.lua_pushboolean(L, isRunning);
      case 'setpause':
      case 'setstepmul':
        lua.lua_pushinteger(L, paces[option]);
        paces[option] = value;
        return;
      case 'collect':
        return lua.lua_pushinteger(L, 0);
      case 'stop':
      case 'restart':
        isRunning = option === 'restart';
        return lua.lua_pushinteger(L, 0);
    }
  };
  return (L) => {
    const option = checkOption(L, 1, { names: collectorOptions, fallback: 'collect' });
    answer(L, option, lauxlib.luaL_optinteger(L, 2, 0));
    return 1;
  };
}
