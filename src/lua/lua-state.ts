// One Lua world: it runs files, calls and is called, and can be stopped for good from inside a call.
// With value-bridge.ts the only place that talks to fengari's stack.

import type { LuaThread } from 'fengari';
import { fromBuffer, toBuffer, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { HostFunction, LuaError, LuaRaise } from './lua-value.ts';
import type { HostCall, LuaValue, Position } from './lua-value.ts';
import fengari from './patched-fengari.ts';
import { ValueBridge, type Pusher } from './value-bridge.ts';

const { lua, lauxlib, lualib } = fengari;

/**
 * How a file ended. `load` = it could not be read or compiled; `run` = it raised an error. Messages are text. `traceback`: as lua(1)
 * prints it, when the error came from within a function.
 */
export type RunEnd =
  | { readonly type: 'done' }
  | {
      readonly type: 'error';
      readonly phase: 'load' | 'run';
      readonly message: string;
      readonly traceback?: string;
    };

/** Chunk name of Lua text of our own. */
export const OWN_CHUNK = '=(tsyncd)';

/** A file that does not end runs for ever, as in lua. */
export class LuaState {
  readonly #main: LuaThread = lauxlib.luaL_newstate();
  readonly #bridge: ValueBridge;
  /** The coroutine that runs now; calls of Lua go on there. */
  #thread = this.#main;
  #traceback = '';
  #abortReason: Error | undefined;
  #bug: unknown;

  constructor() {
    lualib.luaL_openlibs(this.#main);
    lua.lua_atnativeerror(this.#main, (L) => this.#raiseNativeError(L));
    this.#bridge = new ValueBridge({
      callHost: (L, host) => this.#callHost(L, host),
      callLua: (push, args) => this.#callLua(push, args),
      thread: () => this.#thread,
    });
  }

  /** Lets a library of this room that speaks to fengari itself make its functions. */
  open<T>(library: (L: LuaThread) => T): T {
    return this.#keepTop(library);
  }

  /** A global, or a field when `name` has dots: `os.exit`. */
  set(name: string, value: LuaValue): void {
    this.#keepTop((L) => {
      const path = name.split('.');
      const field = path.pop() ?? name;
      lua.lua_pushglobaltable(L);
      for (const step of path) lua.lua_getfield(L, -1, toBuffer(step));
      this.#bridge.push(L, value);
      lua.lua_setfield(L, -2, toBuffer(field));
    });
  }

  /** A copy of a global's value. */
  get(name: string): LuaValue {
    return this.#keepTop((L) => {
      lua.lua_getglobal(L, toBuffer(name));
      return this.#bridge.read(L, -1);
    });
  }

  /** Sees each assignment to the global `name`, which stays what it is. */
  onAssign(name: string, value: LuaValue, assigned: (call: HostCall) => void): void {
    const seen = new HostFunction('__newindex', (call) => {
      assigned(call);
      return [];
    });
    this.runText(
      `local seen, held, name, set = ..., select(2, ...), ${JSON.stringify(name)}, rawset
       setmetatable(_G, { __index = function(_, k) if k == name then return held end end,
         __newindex = function(t, k, v) if k == name then seen(v) else set(t, k, v) end end })`,
      [seen, value],
    );
  }

  /** Runs a file. Its chunk's name is `@` and the path as given.
   * @throws the reason given to `abort`, or what a host function threw by mistake */
  runFile(path: BytePath): RunEnd {
    return this.#keepTop((L) => {
      lua.lua_pushcfunction(L, (thread) => this.#explain(thread));
      if (lauxlib.luaL_loadfile(L, toBuffer(path)) !== lua.LUA_OK) return failed(L, 'load');
      const status = lua.lua_pcall(L, 0, 0, -2);
      this.#throwIfStopped();
      if (status === lua.LUA_OK) return { type: 'done' };
      const isDeep = /^\t(?!\[C\]|\(tsyncd\)).*: in (?!main chunk)/m.test(this.#traceback);
      return { ...failed(L, 'run'), ...(isDeep ? { traceback: this.#traceback } : {}) };
    });
  }

  /** Runs Lua text of our own (Latin-1), or what `compiledLua` made of it, with `args` as its `...`; its functions are never given as the position of a call.
   * @returns what the text returns
   * @throws Error if the text is wrong */
  runText(code: string, args: readonly LuaValue[] = []): readonly LuaValue[] {
    return this.#keepTop((L) => {
      const bytes = toBuffer(code);
      const status = lauxlib.luaL_loadbuffer(L, bytes, bytes.length, toBuffer(OWN_CHUNK));
      if (status !== lua.LUA_OK) throw new Error(`Cannot load own Lua text: ${textAt(L, -1)}`);
      return this.#callLua(lua.lua_toproxy(L, -1), args);
    });
  }

  /** Ends the run for good from within a host function: no pcall of Lua catches it, `runFile` throws `reason`. */
  abort(reason: Error): never {
    this.#abortReason ??= reason;
    throw new LuaRaise('aborted', { withPosition: false });
  }

  #keepTop<T>(action: (L: LuaThread) => T): T {
    const L = this.#thread;
    const top = lua.lua_gettop(L);
    lauxlib.luaL_checkstack(L, 16, null);
    try {
      return action(L);
    } finally {
      lua.lua_settop(L, top);
    }
  }

  #callLua(push: Pusher, args: readonly LuaValue[]): readonly LuaValue[] {
    return this.#keepTop((L) => {
      lauxlib.luaL_checkstack(L, args.length + 8, null);
      lua.lua_pushcfunction(L, (thread) => this.#explain(thread));
      const handler = lua.lua_gettop(L);
      push(L);
      for (const arg of args) this.#bridge.push(L, arg);
      const status = lua.lua_pcall(L, args.length, lua.LUA_MULTRET, handler);
      this.#throwIfStopped();
      if (status !== lua.LUA_OK) throw new LuaError(textAt(L, -1), this.#traceback);
      const seen = new Map();
      const count = lua.lua_gettop(L) - handler;
      return Array.from({ length: count }, (_, index) => this.#bridge.read(L, handler + 1 + index, seen));
    });
  }

  /** Makes text of an error and keeps where it came from. */
  #explain(L: LuaThread): number {
    errorToText(L);
    lauxlib.luaL_traceback(L, L, null, 1);
    this.#traceback = textAt(L, -1);
    lua.lua_pop(L, 1);
    return 1;
  }

  #throwIfStopped(): void {
    if (this.#bug !== undefined) throw this.#bug;
    if (this.#abortReason !== undefined) throw this.#abortReason;
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
    for (const thread of new Set([L, this.#main]))
      lua.lua_sethook(thread, raiseAborted, lua.LUA_MASKCOUNT, 1);
  }

  #callHost(L: LuaThread, host: HostFunction): number {
    const position = positionAt(L, 1);
    const seen = new Map();
    const args = Array.from({ length: lua.lua_gettop(L) }, (_, i) => this.#bridge.read(L, i + 1, seen));
    let results: readonly LuaValue[];
    const outer = this.#thread;
    this.#thread = L;
    try {
      results = host.call({ args, position });
    } catch (error) {
      if (error instanceof LuaError) return raiseText(L, error.message);
      if (!(error instanceof LuaRaise)) throw error;
      if (this.#abortReason !== undefined) this.#stopAll(L);
      const where =
        error.withPosition && position !== undefined ? `${toText(position.file)}:${position.line}: ` : '';
      return raiseText(L, `${where}${error.message}`);
    } finally {
      this.#thread = outer;
    }
    lauxlib.luaL_checkstack(L, results.length + 4, null);
    for (const result of results) this.#bridge.push(L, result);
    return results.length;
  }
}

function failed(L: LuaThread, phase: 'load' | 'run'): RunEnd & { type: 'error' } {
  return { type: 'error', phase, message: textAt(L, -1) };
}

function textAt(L: LuaThread, index: number): string {
  const message = lua.lua_tostring(L, index);
  return message === null ? '(null)' : Buffer.from(message).toString('utf8');
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
    if (info.currentline > 0 && source !== OWN_CHUNK) {
      return { file: source.replace(/^[@=]/, ''), line: info.currentline };
    }
  }
}
