// Functions of Lua's library, written against fengari's stack: the same checks of arguments as in Lua's own, so that an
// error says the same. Used by the libraries of this room only.

import fengari from './patched-fengari.ts';
import type { LuaThread, NativeFunction } from 'fengari';
import { fromBuffer, fromText, toBuffer } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { reasonOf } from './file-error.ts';

const { lua, lauxlib } = fengari;

export type Natives = Readonly<Record<string, NativeFunction>>;

export function bytes(text: BytePath): Buffer {
  return toBuffer(text);
}

/** @throws a Lua error, `bad argument #1 to 'open' (string expected, got nil)` */
export function checkText(L: LuaThread, argument: number): BytePath {
  return fromBuffer(lauxlib.luaL_checkstring(L, argument));
}

export function optionalText(L: LuaThread, argument: number): BytePath | undefined {
  return lua.lua_isnoneornil(L, argument) ? undefined : checkText(L, argument);
}

export function isText(L: LuaThread, argument: number): boolean {
  const type = lua.lua_type(L, argument);
  return type === lua.LUA_TSTRING || type === lua.LUA_TNUMBER;
}

/** The index of the argument among `names`; `fallback` where it is absent. */
export function checkOption<T extends string>(
  L: LuaThread,
  argument: number,
  { names, fallback }: { readonly names: readonly T[]; readonly fallback?: T },
): T {
  const given = fallback === undefined ? null : bytes(fallback);
  const index = lauxlib.luaL_checkoption(L, argument, given, names.map(bytes));
  return names[index] as T;
}

export function argumentError(L: LuaThread, argument: number, message: string): never {
  return lauxlib.luaL_argerror(L, argument, bytes(message));
}

/** Raises `message` with the position of the Lua code that called. */
export function raise(L: LuaThread, message: BytePath): never {
  lauxlib.luaL_where(L, 1);
  const where = lua.lua_tostring(L, -1);
  lua.lua_pushstring(L, Buffer.concat([where ?? Buffer.alloc(0), bytes(message)]));
  return lua.lua_error(L);
}

export function pushText(L: LuaThread, text: BytePath | undefined): 1 {
  if (text === undefined) lua.lua_pushnil(L);
  else lua.lua_pushstring(L, bytes(text));
  return 1;
}

export function pushInteger(L: LuaThread, value: number): 1 {
  lua.lua_pushinteger(L, value);
  return 1;
}

export function pushTrue(L: LuaThread): 1 {
  lua.lua_pushboolean(L, true);
  return 1;
}

/** What Lua's functions return for a failed system call: nil, `NAME: reason`, errno. */
export function pushFailure(L: LuaThread, error: unknown, name?: BytePath): 3 {
  const { errno } = error as NodeJS.ErrnoException;
  lua.lua_pushnil(L);
  pushText(L, (name === undefined ? '' : `${name}: `) + fromText(reasonOf(error)));
  pushInteger(L, Math.abs(errno ?? 0));
  return 3;
}

/** Runs a system call; its failure is pushed as Lua's library returns it. `action` must not raise Lua errors. */
export function attempt(L: LuaThread, action: () => number, name?: BytePath): number {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return pushFailure(L, error, name);
  }
}

/** Pushes a new table of functions. */
export function pushLibrary(L: LuaThread, natives: Natives): void {
  lua.lua_createtable(L, 0, Object.keys(natives).length);
  lauxlib.luaL_setfuncs(L, natives, 0);
}

/** The library as a global and for require. */
export function installLibrary(L: LuaThread, name: string, natives: Natives): void {
  pushLibrary(L, natives);
  lauxlib.luaL_getsubtable(L, lua.LUA_REGISTRYINDEX, bytes('_LOADED'));
  lua.lua_pushvalue(L, -2);
  lua.lua_setfield(L, -2, bytes(name));
  lua.lua_pop(L, 1);
  lua.lua_setglobal(L, bytes(name));
}
