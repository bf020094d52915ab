// The part of fengari (Lua 5.3 in JavaScript, MIT) that the lua room uses; fengari ships no types of its own.
// Names and calling rules are those of the C API (Lua 5.3 reference manual, section 4).

declare module 'fengari' {
  /** Lua's own string: bytes. */
  type LuaBytes = Uint8Array;
  /** Opaque: one Lua thread. */
  interface LuaThread {
    readonly __luaThread: never;
  }
  type NativeFunction = (L: LuaThread) => number;

  interface LuaDebug {
    readonly source: LuaBytes;
    readonly currentline: number;
  }

  interface LuaApi {
    readonly LUA_OK: number;
    readonly LUA_MASKCOUNT: number;
    readonly LUA_MULTRET: number;
    readonly LUA_REGISTRYINDEX: number;
    readonly LUA_TNIL: number;
    readonly LUA_TBOOLEAN: number;
    readonly LUA_TNUMBER: number;
    readonly LUA_TSTRING: number;
    readonly LUA_TTABLE: number;
    readonly LUA_TFUNCTION: number;
    readonly LUA_TUSERDATA: number;
    readonly lua_Debug: new () => LuaDebug;
    lua_atnativeerror(L: LuaThread, handler: NativeFunction): void;
    lua_checkstack(L: LuaThread, size: number): boolean;
    lua_createtable(L: LuaThread, arraySize: number, hashSize: number): void;
    lua_dump(
      L: LuaThread,
      writer: (L: LuaThread, part: LuaBytes, size: number) => number,
      data: null,
      strip: boolean,
    ): number;
    lua_error(L: LuaThread): never;
    lua_getfield(L: LuaThread, index: number, key: LuaBytes): number;
    lua_getglobal(L: LuaThread, name: LuaBytes): number;
    lua_getinfo(L: LuaThread, what: LuaBytes, info: LuaDebug): number;
    lua_getmetatable(L: LuaThread, index: number): boolean;
    lua_getstack(L: LuaThread, level: number, info: LuaDebug): number;
    lua_gettop(L: LuaThread): number;
    lua_insert(L: LuaThread, index: number): void;
    lua_isinteger(L: LuaThread, index: number): boolean;
    lua_next(L: LuaThread, index: number): number;
    lua_pcall(L: LuaThread, args: number, results: number, handler: number): number;
    lua_pop(L: LuaThread, count: number): void;
    lua_pushboolean(L: LuaThread, value: boolean): void;
    lua_pushcfunction(L: LuaThread, value: NativeFunction): void;
    lua_pushglobaltable(L: LuaThread): void;
    lua_pushinteger(L: LuaThread, value: number): void;
    lua_pushnil(L: LuaThread): void;
    lua_pushnumber(L: LuaThread, value: number): void;
    lua_pushstring(L: LuaThread, value: LuaBytes): void;
    lua_pushvalue(L: LuaThread, index: number): void;
    lua_newuserdata(L: LuaThread, size: number): Record<string, unknown>;
    lua_rawget(L: LuaThread, index: number): number;
    lua_rawset(L: LuaThread, index: number): void;
    lua_remove(L: LuaThread, index: number): void;
    lua_setfield(L: LuaThread, index: number, key: LuaBytes): void;
    lua_setglobal(L: LuaThread, name: LuaBytes): void;
    lua_sethook(L: LuaThread, hook: (L: LuaThread) => void, mask: number, count: number): void;
    lua_setmetatable(L: LuaThread, index: number): void;
    lua_settop(L: LuaThread, index: number): void;
    lua_toboolean(L: LuaThread, index: number): boolean;
    lua_tocfunction(L: LuaThread, index: number): NativeFunction | null;
    lua_tonumber(L: LuaThread, index: number): number;
    lua_topointer(L: LuaThread, index: number): object;
    /** A function that pushes the value; it keeps the value alive. */
    lua_toproxy(L: LuaThread, index: number): (L: LuaThread) => void;
    lua_tostring(L: LuaThread, index: number): LuaBytes | null;
    lua_touserdata(L: LuaThread, index: number): unknown;
    lua_type(L: LuaThread, index: number): number;
  }

  interface LuaAuxiliary {
    luaL_checkstack(L: LuaThread, size: number, message: LuaBytes | null): void;
    luaL_loadbuffer(L: LuaThread, code: LuaBytes, size: number, chunkName: LuaBytes): number;
    luaL_loadfile(L: LuaThread, path: LuaBytes): number;
    luaL_newmetatable(L: LuaThread, name: LuaBytes): number;
    luaL_newstate(): LuaThread;
    luaL_traceback(L: LuaThread, of: LuaThread, message: LuaBytes | null, level: number): void;
    luaL_tolstring(L: LuaThread, index: number): LuaBytes;
  }

  const fengari: {
    readonly lua: LuaApi;
    readonly lauxlib: LuaAuxiliary;
    readonly lualib: { luaL_openlibs(L: LuaThread): void };
    readonly to_luastring: (text: string) => LuaBytes;
  };
  export type { LuaApi, LuaAuxiliary, LuaBytes, LuaDebug, LuaThread, NativeFunction };
  export default fengari;
}
