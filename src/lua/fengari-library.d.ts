// What the libraries of this room use of fengari beside fengari.d.ts: the checks of arguments, and closures.

import type { LuaBytes, LuaThread, NativeFunction } from 'fengari';

declare module 'fengari' {
  interface LuaApi {
    readonly LUA_TLIGHTUSERDATA: number;
    readonly LUA_TNONE: number;
    lua_absindex(L: LuaThread, index: number): number;
    lua_call(L: LuaThread, args: number, results: number): void;
    lua_copy(L: LuaThread, from: number, to: number): void;
    lua_isnoneornil(L: LuaThread, index: number): boolean;
    lua_pushlightuserdata(L: LuaThread, value: object): void;
    lua_rawgeti(L: LuaThread, index: number, key: number): number;
    lua_rawlen(L: LuaThread, index: number): number;
    lua_rawseti(L: LuaThread, index: number, key: number): void;
    lua_stringtonumber(L: LuaThread, text: LuaBytes): number;
    /** false where the value is no integer and cannot be made one. */
    lua_tointegerx(L: LuaThread, index: number): number | bigint | false;
    lua_typename(L: LuaThread, type: number): LuaBytes;
  }

  interface LuaAuxiliary {
    luaL_argerror(L: LuaThread, argument: number, message: LuaBytes): never;
    luaL_checkany(L: LuaThread, argument: number): void;
    luaL_checkinteger(L: LuaThread, argument: number): number;
    luaL_checknumber(L: LuaThread, argument: number): number;
    luaL_checkoption(
      L: LuaThread,
      argument: number,
      fallback: LuaBytes | null,
      names: readonly LuaBytes[],
    ): number;
    luaL_checkstring(L: LuaThread, argument: number): LuaBytes;
    luaL_checktype(L: LuaThread, argument: number, type: number): void;
    luaL_checkudata(L: LuaThread, argument: number, name: LuaBytes): Record<string, unknown>;
    luaL_error(L: LuaThread, format: LuaBytes, ...values: readonly LuaBytes[]): never;
    luaL_getsubtable(L: LuaThread, index: number, name: LuaBytes): boolean;
    luaL_optinteger(L: LuaThread, argument: number, fallback: number): number;
    luaL_setfuncs(L: LuaThread, functions: Readonly<Record<string, NativeFunction>>, upvalues: number): void;
    luaL_setmetatable(L: LuaThread, name: LuaBytes): void;
    luaL_testudata(L: LuaThread, argument: number, name: LuaBytes): Record<string, unknown> | null;
    luaL_typename(L: LuaThread, index: number): LuaBytes;
    luaL_where(L: LuaThread, level: number): void;
  }
}
