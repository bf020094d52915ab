// One Lua world: it runs files, hands values over in both directions, and can be stopped for good from inside a call.
// The only place that talks to fengari's stack. Whoever creates a state closes it.

import fengari from 'fengari';
import type { LuaThread, NativeFunction } from 'fengari';
import { fromBuffer, toBuffer, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { HostFunction, HostObject, LuaFunction, LuaRaise, LuaTable } from './lua-value.ts';
import type { HostCall, HostClass, LuaKey, LuaValue, Position } from './lua-value.ts';

const { lua, lauxlib, lualib } = fengari;

/** How a file ended. `load` = it could not be read or compiled; `run` = it raised an error. Messages are text. */
export type RunEnd =
  | { readonly type: 'done' }
  | { readonly type: 'error'; readonly phase: 'load' | 'run'; readonly message: string };

/** Chunk name of Lua text of our own. */
const ownChunk = '=(tsyncd)';

const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/** A file that does not end runs for ever, as in lua. */
export class LuaState {
  readonly #thread: LuaThread = lauxlib.luaL_newstate();
  readonly #natives = new WeakMap<NativeFunction, HostFunction>();
  readonly #nativeOf = new WeakMap<HostFunction, NativeFunction>();
  readonly #classes = new Set<HostClass>();
  #abortReason: Error | undefined;
  #bug: unknown;

  constructor() {
    lualib.luaL_openlibs(this.#thread);
    lua.lua_atnativeerror(this.#thread, (L) => this.#raiseNativeError(L));
  }

  /** A global, or a field when `name` has dots: `os.exit`. */
  set(name: string, value: LuaValue): void {
    const L = this.#thread;
    const path = name.split('.');
    const field = path.pop() ?? name;
    lua.lua_pushglobaltable(L);
    for (const step of path) lua.lua_getfield(L, -1, toBuffer(step));
    this.#push(L, value);
    lua.lua_setfield(L, -2, toBuffer(field));
    lua.lua_settop(L, 0);
  }

  /** A copy of a global's value. */
  get(name: string): LuaValue {
    lua.lua_getglobal(this.#thread, toBuffer(name));
    const value = this.#read(this.#thread, -1, new Map());
    lua.lua_pop(this.#thread, 1);
    return value;
  }

  /** Sees each assignment to the global `name`, which stays what it is. */
  onAssign(name: string, value: LuaValue, assigned: (call: HostCall) => void): void {
    const seen = new HostFunction('__newindex', (call) => {
      assigned(call);
      return [];
    });
    this.set('__tsyncd_seen', seen);
    this.set('__tsyncd_value', value);
    this.runText(
      `local seen, held, name, set = __tsyncd_seen, __tsyncd_value, ${JSON.stringify(name)}, rawset
       __tsyncd_seen, __tsyncd_value = nil, nil
       setmetatable(_G, { __index = function(_, k) if k == name then return held end end,
         __newindex = function(t, k, v) if k == name then seen(v) else set(t, k, v) end end })`,
    );
  }

  /** Runs a file. Its chunk's name is `@` and the path as given.
   * @throws the reason given to `abort`, or what a host function threw by mistake */
  runFile(path: BytePath): RunEnd {
    return this.#run(lauxlib.luaL_loadfile(this.#thread, toBuffer(path)));
  }

  /** Runs Lua text of our own; its functions are never given as the position of a call.
   * @throws Error if the text is wrong */
  runText(code: string): void {
    const bytes = Buffer.from(code, 'utf8');
    const end = this.#run(lauxlib.luaL_loadbuffer(this.#thread, bytes, bytes.length, Buffer.from(ownChunk)));
    if (end.type === 'error') throw new Error(`Cannot run own Lua text: ${end.message}`);
  }

  /** Ends the run for good from within a host function: no pcall of Lua catches it, `runFile` throws `reason`. */
  abort(reason: Error): never {
    this.#abortReason ??= reason;
    throw new LuaRaise('aborted', { withPosition: false });
  }

  #run(loaded: number): RunEnd {
    const L = this.#thread;
    if (loaded !== lua.LUA_OK) return this.#failed('load');
    lua.lua_pushcfunction(L, errorToText);
    lua.lua_insert(L, 1);
    const status = lua.lua_pcall(L, 0, 0, 1);
    if (this.#bug !== undefined) throw this.#bug;
    if (this.#abortReason !== undefined) throw this.#abortReason;
    if (status !== lua.LUA_OK) return this.#failed('run');
    lua.lua_settop(L, 0);
    return { type: 'done' };
  }

  #failed(phase: 'load' | 'run'): RunEnd {
    const message = lua.lua_tostring(this.#thread, -1);
    lua.lua_settop(this.#thread, 0);
    return {
      type: 'error',
      phase,
      message: message === null ? '(null)' : Buffer.from(message).toString('utf8'),
    };
  }

  /** What is thrown inside fengari and is not a Lua error: ours to raise (LuaRaise), or a bug, which ends the run. */
  #raiseNativeError(L: LuaThread): number {
    const error = lua.lua_touserdata(L, 1);
    if (error instanceof RangeError) {
      lua.lua_pushstring(L, Buffer.from('stack overflow', 'utf8'));
      return 1;
    }
    this.#bug ??= error;
    this.#stopAll(L);
    lua.lua_pushstring(L, Buffer.from(String(error), 'utf8'));
    return 1;
  }

  /** From here on each Lua instruction raises an error, so that no pcall of the user can go on. */
  #stopAll(L: LuaThread): void {
    for (const thread of new Set([L, this.#thread]))
      lua.lua_sethook(thread, raiseAborted, lua.LUA_MASKCOUNT, 1);
  }

  #native(host: HostFunction): NativeFunction {
    const known = this.#nativeOf.get(host);
    if (known !== undefined) return known;
    const native: NativeFunction = (L) => this.#callHost(L, host);
    this.#nativeOf.set(host, native);
    this.#natives.set(native, host);
    return native;
  }

  #callHost(L: LuaThread, host: HostFunction): number {
    const position = positionAt(L, 1);
    const seen = new Map<object, LuaTable>();
    const args = Array.from({ length: lua.lua_gettop(L) }, (_, i) => this.#read(L, i + 1, seen));
    let results: readonly LuaValue[];
    try {
      results = host.call({ args, position });
    } catch (error) {
      if (!(error instanceof LuaRaise)) throw error;
      if (this.#abortReason !== undefined) this.#stopAll(L);
      const where =
        error.withPosition && position !== undefined ? `${toText(position.file)}:${position.line}: ` : '';
      return raiseText(L, `${where}${error.message}`);
    }
    lauxlib.luaL_checkstack(L, results.length + 4, null);
    for (const result of results) this.#push(L, result);
    return results.length;
  }

  #push(L: LuaThread, value: LuaValue): void {
    if (value === undefined) lua.lua_pushnil(L);
    else if (typeof value === 'boolean') lua.lua_pushboolean(L, value);
    else if (typeof value === 'number') pushNumber(L, value);
    else if (typeof value === 'string') lua.lua_pushstring(L, toBuffer(value));
    else if (value instanceof HostFunction) lua.lua_pushcfunction(L, this.#native(value));
    else if (value instanceof LuaTable) this.#pushTable(L, value);
    else if (value instanceof HostObject) this.#pushObject(L, value);
    else throw new TypeError('Cannot hand a Lua function back to Lua');
  }

  #pushTable(L: LuaThread, table: LuaTable): void {
    lauxlib.luaL_checkstack(L, 8, null);
    lua.lua_createtable(L, 0, table.entries.size);
    for (const [key, value] of table.entries) {
      this.#push(L, key);
      this.#push(L, value);
      lua.lua_rawset(L, -3);
    }
  }

  #pushObject(L: LuaThread, object: HostObject): void {
    lua.lua_newuserdata(L, 0)['host'] = object;
    this.#pushMetatable(L, object.hostClass);
    lua.lua_setmetatable(L, -2);
  }

  #pushMetatable(L: LuaThread, hostClass: HostClass): void {
    lauxlib.luaL_newmetatable(L, toBuffer(hostClass.name));
    if (this.#classes.has(hostClass)) return;
    this.#classes.add(hostClass);
    for (const [name, method] of metamethods(hostClass)) {
      this.#push(L, method);
      lua.lua_setfield(L, -2, toBuffer(name));
    }
  }

  #read(L: LuaThread, index: number, seen: Map<object, LuaTable>): LuaValue {
    switch (lua.lua_type(L, index)) {
      case lua.LUA_TBOOLEAN:
        return lua.lua_toboolean(L, index);
      case lua.LUA_TNUMBER:
        return lua.lua_tonumber(L, index);
      case lua.LUA_TSTRING:
        return fromBuffer(lua.lua_tostring(L, index) ?? new Uint8Array());
      case lua.LUA_TTABLE:
        return this.#readTable(L, index, seen);
      case lua.LUA_TFUNCTION:
        return this.#readFunction(L, index);
      case lua.LUA_TUSERDATA:
        return hostObjectAt(L, index);
      default:
        return undefined;
    }
  }

  #readFunction(L: LuaThread, index: number): LuaFunction | HostFunction {
    const native = lua.lua_tocfunction(L, index);
    return (native === null ? undefined : this.#natives.get(native)) ?? new LuaFunction();
  }

  #readTable(L: LuaThread, index: number, seen: Map<object, LuaTable>): LuaTable {
    const identity = lua.lua_topointer(L, index);
    const known = seen.get(identity);
    if (known !== undefined) return known;
    const table = new LuaTable();
    seen.set(identity, table);
    lauxlib.luaL_checkstack(L, 8, null);
    lua.lua_pushvalue(L, index);
    lua.lua_pushnil(L);
    while (lua.lua_next(L, -2) !== 0) {
      const key = this.#readKey(L);
      if (key !== undefined) table.entries.set(key, this.#read(L, -1, seen));
      lua.lua_pop(L, 1);
    }
    lua.lua_pop(L, 1);
    return table;
  }

  #readKey(L: LuaThread): LuaKey | undefined {
    const type = lua.lua_type(L, -2);
    if (type === lua.LUA_TNUMBER) return lua.lua_tonumber(L, -2);
    return type === lua.LUA_TSTRING ? fromBuffer(lua.lua_tostring(L, -2) ?? new Uint8Array()) : undefined;
  }
}

/** fengari's integers have 32 bits; larger ones are floats there. */
function pushNumber(L: LuaThread, value: number): void {
  const isInteger = Number.isInteger(value) && value >= int32.min && value <= int32.max;
  if (isInteger) lua.lua_pushinteger(L, value);
  else lua.lua_pushnumber(L, value);
}

function raiseText(L: LuaThread, message: string): never {
  lua.lua_pushstring(L, Buffer.from(message, 'utf8'));
  return lua.lua_error(L);
}

function raiseAborted(L: LuaThread): never {
  return raiseText(L, 'aborted');
}

/** lsyncd shows an error value that is not text as `(null)`; `__tostring` is honoured. */
function errorToText(L: LuaThread): number {
  if (lua.lua_type(L, 1) === lua.LUA_TTABLE && !lua.lua_getmetatable(L, 1)) {
    lua.lua_pushstring(L, Buffer.from('(null)', 'utf8'));
    return 1;
  }
  lauxlib.luaL_tolstring(L, 1);
  return 1;
}

/** The Lua code at `level` of the call stack (1 = who called the running function), or the nearest above it. */
function positionAt(L: LuaThread, level: number): Position | undefined {
  for (let at = level; ; at++) {
    const info = new lua.lua_Debug();
    if (lua.lua_getstack(L, at, info) === 0) return undefined;
    lua.lua_getinfo(L, Buffer.from('Sl'), info);
    const source = fromBuffer(info.source);
    if (info.currentline > 0 && source !== ownChunk) {
      return { file: source.replace(/^[@=]/, ''), line: info.currentline };
    }
  }
}

function hostObjectAt(L: LuaThread, index: number): HostObject | undefined {
  const data = lua.lua_touserdata(L, index) as Record<string, unknown> | null;
  const object = data?.['host'];
  return object instanceof HostObject ? object : undefined;
}

function metamethods(hostClass: HostClass): readonly (readonly [string, LuaValue])[] {
  const { newIndex, call } = hostClass;
  const self = (value: LuaValue): HostObject => {
    if (value instanceof HostObject && value.hostClass === hostClass) return value;
    throw new LuaRaise(`${hostClass.name} expected`);
  };
  const methods: [string, LuaValue][] = [
    ['__name', hostClass.name],
    ['__index', new HostFunction('__index', ({ args }) => [hostClass.index(self(args[0]), args[1])])],
    ['__tostring', new HostFunction('__tostring', ({ args }) => [hostClass.toText(self(args[0]))])],
  ];
  if (newIndex !== undefined) {
    const assign = (at: HostCall): readonly LuaValue[] => {
      newIndex(self(at.args[0]), at.args[1], { ...at, args: at.args.slice(2) });
      return [];
    };
    methods.push(['__newindex', new HostFunction('__newindex', assign)]);
  }
  if (call !== undefined) {
    const invoke = (at: HostCall): readonly LuaValue[] =>
      call(self(at.args[0]), { ...at, args: at.args.slice(1) });
    methods.push(['__call', new HostFunction('__call', invoke)]);
  }
  return methods;
}
