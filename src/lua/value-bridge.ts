// Values between Lua's stack and TypeScript, in both directions. Identity holds: what came from Lua goes back as the same
// table or function, what came from here comes back as the same object.

import type { LuaThread, NativeFunction } from 'fengari';
import { fromBuffer, toBuffer } from '../byte-path.ts';
import { metamethods } from './host-metatable.ts';
import { HostFunction, HostObject, LuaTable } from './lua-value.ts';
import type { HostClass, LiveTable, LuaFunction, LuaKey, LuaValue } from './lua-value.ts';
import fengari from './patched-fengari.ts';

const { lua, lauxlib } = fengari;

/** Pushes one value of Lua. */
export type Pusher = (L: LuaThread) => void;

export interface BridgeOptions {
  /** Runs a host function that Lua calls; returns the number of results on the stack. */
  readonly callHost: (L: LuaThread, host: HostFunction) => number;
  /** Calls a function of Lua from TypeScript. */
  readonly callLua: (push: Pusher, args: readonly LuaValue[]) => readonly LuaValue[];
  /** The thread that runs now. */
  readonly thread: () => LuaThread;
}

export class ValueBridge {
  readonly #options: BridgeOptions;
  readonly #natives = new WeakMap<NativeFunction, HostFunction>();
  readonly #nativeOf = new WeakMap<HostFunction, NativeFunction>();
  readonly #classes = new Set<HostClass>();
  /** Host objects that are tables, both ways. */
  readonly #objectOf = new WeakMap<object, HostObject>();
  /** What pushes the table or userdata that Lua has of a host object. */
  readonly #valueOf = new WeakMap<HostObject, Pusher>();
  readonly #functionOf = new WeakMap<object, LuaFunction>();
  readonly #pusherOf = new WeakMap<LuaFunction | LiveTable, Pusher>();

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  push(L: LuaThread, value: LuaValue): void {
    if (value === undefined) lua.lua_pushnil(L);
    else if (typeof value === 'boolean') lua.lua_pushboolean(L, value);
    else if (typeof value === 'number') pushNumber(L, value);
    else if (typeof value === 'string') lua.lua_pushstring(L, toBuffer(value));
    else if (value instanceof HostFunction) lua.lua_pushcfunction(L, this.#native(value));
    else if (value instanceof LuaTable) this.#pushTable(L, value);
    else if (value instanceof HostObject) this.#pushObject(L, value);
    else this.#pushKept(L, value);
  }

  /** `seen`: the copies of tables made so far, by the identity of the table. */
  read(L: LuaThread, index: number, seen = new Map<object, LuaTable>()): LuaValue {
    switch (lua.lua_type(L, index)) {
      case lua.LUA_TBOOLEAN:
        return lua.lua_toboolean(L, index);
      case lua.LUA_TNUMBER:
        return lua.lua_tonumber(L, index);
      case lua.LUA_TSTRING:
        return fromBuffer(lua.lua_tostring(L, index) ?? new Uint8Array());
      case lua.LUA_TTABLE:
        return this.#objectOf.get(lua.lua_topointer(L, index)) ?? this.#readTable(L, index, seen);
      case lua.LUA_TFUNCTION:
        return this.#readFunction(L, index);
      case lua.LUA_TUSERDATA:
        return this.#readObject(L, index);
      default:
        return undefined;
    }
  }

  #native(host: HostFunction): NativeFunction {
    const known = this.#nativeOf.get(host);
    if (known !== undefined) return known;
    const native: NativeFunction = (L) => this.#options.callHost(L, host);
    this.#nativeOf.set(host, native);
    this.#natives.set(native, host);
    return native;
  }

  #pushKept(L: LuaThread, value: LuaFunction | LiveTable): void {
    const push = this.#pusherOf.get(value);
    if (push === undefined) throw new TypeError('Cannot hand a value of another Lua state to Lua');
    push(L);
  }

  #pushTable(L: LuaThread, table: LuaTable): void {
    lauxlib.luaL_checkstack(L, 8, null);
    lua.lua_createtable(L, 0, table.entries.size);
    for (const [key, value] of table.entries) {
      this.push(L, key);
      this.push(L, value);
      lua.lua_rawset(L, -3);
    }
  }

  #pushObject(L: LuaThread, object: HostObject): void {
    const known = this.#valueOf.get(object);
    if (known !== undefined) return known(L);
    if (object.hostClass.isTable === true) this.#createTable(L, object);
    else lua.lua_newuserdata(L, 0)['host'] = object;
    this.#pushMetatable(L, object.hostClass);
    lua.lua_setmetatable(L, -2);
  }

  #createTable(L: LuaThread, object: HostObject): void {
    lua.lua_createtable(L, 0, 0);
    this.#objectOf.set(lua.lua_topointer(L, -1), object);
    this.#valueOf.set(object, lua.lua_toproxy(L, -1));
  }

  #pushMetatable(L: LuaThread, hostClass: HostClass): void {
    lauxlib.luaL_newmetatable(L, toBuffer(hostClass.name));
    if (this.#classes.has(hostClass)) return;
    this.#classes.add(hostClass);
    for (const [name, method] of metamethods(hostClass)) {
      this.push(L, method);
      lua.lua_setfield(L, -2, toBuffer(name));
    }
  }

  #readObject(L: LuaThread, index: number): HostObject | undefined {
    const object = hostObjectAt(L, index);
    if (object !== undefined && !this.#valueOf.has(object)) {
      this.#valueOf.set(object, lua.lua_toproxy(L, index));
    }
    return object;
  }

  #readFunction(L: LuaThread, index: number): LuaFunction | HostFunction {
    const native = lua.lua_tocfunction(L, index);
    const host = native === null ? undefined : this.#natives.get(native);
    if (host !== undefined) return host;
    const identity = lua.lua_topointer(L, index);
    const known = this.#functionOf.get(identity);
    if (known !== undefined) return known;
    const push = lua.lua_toproxy(L, index);
    const made: LuaFunction = { type: 'function', call: (args) => this.#options.callLua(push, args) };
    this.#functionOf.set(identity, made);
    this.#pusherOf.set(made, push);
    return made;
  }

  #readTable(L: LuaThread, index: number, seen: Map<object, LuaTable>): LuaTable {
    const identity = lua.lua_topointer(L, index);
    const known = seen.get(identity);
    if (known !== undefined) return known;
    const table = new LuaTable([], this.#liveTable(lua.lua_toproxy(L, index)));
    seen.set(identity, table);
    lauxlib.luaL_checkstack(L, 8, null);
    lua.lua_pushvalue(L, index);
    lua.lua_pushnil(L);
    while (lua.lua_next(L, -2) !== 0) {
      const key = readKey(L);
      if (key !== undefined) table.entries.set(key, this.read(L, -1, seen));
      lua.lua_pop(L, 1);
    }
    lua.lua_pop(L, 1);
    return table;
  }

  #liveTable(push: Pusher): LiveTable {
    const within = <T>(action: (L: LuaThread) => T): T => {
      const L = this.#options.thread();
      const top = lua.lua_gettop(L);
      lauxlib.luaL_checkstack(L, 8, null);
      push(L);
      const result = action(L);
      lua.lua_settop(L, top);
      return result;
    };
    const live: LiveTable = {
      type: 'live table',
      get: (key) =>
        within((L) => {
          this.push(L, key);
          lua.lua_rawget(L, -2);
          return this.read(L, -1);
        }),
      set: (key, value) =>
        within((L) => {
          this.push(L, key);
          this.push(L, value);
          lua.lua_rawset(L, -3);
        }),
      copy: () => within((L) => this.#readTable(L, -1, new Map())),
    };
    this.#pusherOf.set(live, push);
    return live;
  }
}

/** A whole number is an integer of Lua, where JavaScript holds it exactly. */
function pushNumber(L: LuaThread, value: number): void {
  if (Number.isSafeInteger(value)) lua.lua_pushinteger(L, value);
  else lua.lua_pushnumber(L, value);
}

function readKey(L: LuaThread): LuaKey | undefined {
  const type = lua.lua_type(L, -2);
  if (type === lua.LUA_TNUMBER) return lua.lua_tonumber(L, -2);
  return type === lua.LUA_TSTRING ? fromBuffer(lua.lua_tostring(L, -2) ?? new Uint8Array()) : undefined;
}

function hostObjectAt(L: LuaThread, index: number): HostObject | undefined {
  const data = lua.lua_touserdata(L, index) as Record<string, unknown> | null;
  const object = data?.['host'];
  return object instanceof HostObject ? object : undefined;
}
