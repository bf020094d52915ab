// The userdata `FILE*` and its methods.

import fengari from './patched-fengari.ts';
import type { LuaThread } from 'fengari';
import { fromBuffer } from '../byte-path.ts';
import { readValues, writeValues } from './file-values.ts';
import type { Arguments } from './file-values.ts';
import { LuaFile } from './lua-file.ts';
import type { FileTarget } from './lua-file.ts';
import {
  argumentError,
  attempt,
  bytes,
  checkOption,
  pushFailure,
  pushInteger,
  pushText,
  pushTrue,
  raise,
} from './native.ts';

const { lua, lauxlib } = fengari;

const className = bytes('FILE*');
const maxLinesArguments = 250;
const forgetAtLeast = 64;

/** The files of one Lua state. */
export class FileClass {
  /** Those that must be closed at the end; one that Lua has dropped closes itself. */
  readonly #open = new Set<WeakRef<LuaFile>>();
  readonly #standard = new WeakSet<LuaFile>();
  #forgetAt = forgetAtLeast;
  #count = 0;
  readonly #numberOf = new WeakMap<LuaFile, number>();

  constructor(L: LuaThread) {
    lauxlib.luaL_newmetatable(L, className);
    lua.lua_pushvalue(L, -1);
    lua.lua_setfield(L, -2, bytes('__index'));
    lauxlib.luaL_setfuncs(L, methodsOf(this), 0);
    lua.lua_pop(L, 1);
  }

  push(L: LuaThread, target: FileTarget): 1 {
    const file = new LuaFile(target);
    if (this.#open.size >= this.#forgetAt) this.#forgetClosed();
    this.#open.add(new WeakRef(file));
    return this.#pushObject(L, file);
  }

  /** One of the three that Lua code cannot close. */
  pushStandard(L: LuaThread, file: LuaFile): 1 {
    this.#standard.add(file);
    return this.#pushObject(L, file);
  }

  isStandard(file: LuaFile): boolean {
    return this.#standard.has(file);
  }

  at(L: LuaThread, index: number): LuaFile | undefined {
    const file = lauxlib.luaL_testudata(L, index, className)?.['host'];
    return file instanceof LuaFile ? file : undefined;
  }

  /** @throws a Lua error if it is no file, or a closed one */
  checkOpen(L: LuaThread, argument: number): LuaFile {
    const file = this.check(L, argument);
    return file.isClosed ? raise(L, 'attempt to use a closed file') : file;
  }

  check(L: LuaThread, argument: number): LuaFile {
    return lauxlib.luaL_checkudata(L, argument, className)['host'] as LuaFile;
  }

  /** `file (0x…)`: a number that is this file's own. */
  addressOf(file: LuaFile): string {
    return (this.#numberOf.get(file) ?? 0).toString(16).padStart(12, '0');
  }

  closeAll(): void {
    for (const reference of this.#open) reference.deref()?.close();
    this.#open.clear();
  }

  #forgetClosed(): void {
    for (const reference of this.#open) {
      if (reference.deref()?.isClosed !== false) this.#open.delete(reference);
    }
    this.#forgetAt = Math.max(forgetAtLeast, this.#open.size * 2);
  }

  #pushObject(L: LuaThread, file: LuaFile): 1 {
    this.#count += 1;
    this.#numberOf.set(file, this.#count);
    lua.lua_newuserdata(L, 0)['host'] = file;
    lauxlib.luaL_setmetatable(L, className);
    return 1;
  }
}

function methodsOf(files: FileClass) {
  const top = (L: LuaThread): Arguments => ({ first: 2, count: lua.lua_gettop(L) });
  return {
    close: (L: LuaThread) => closeFile(L, files, files.checkOpen(L, 1)),
    flush: (L: LuaThread) => (files.checkOpen(L, 1), pushTrue(L)),
    lines: (L: LuaThread) => linesOf(L, files, { file: files.checkOpen(L, 1), first: 2, closes: false }),
    read: (L: LuaThread) => readValues(L, files.checkOpen(L, 1), top(L)),
    seek: (L: LuaThread) => seek(L, files.checkOpen(L, 1)),
    setvbuf: (L: LuaThread) => {
      files.checkOpen(L, 1);
      checkOption(L, 2, { names: ['no', 'full', 'line'] });
      lauxlib.luaL_optinteger(L, 3, 1);
      return pushTrue(L);
    },
    write: (L: LuaThread) => {
      const file = files.checkOpen(L, 1);
      const { count } = top(L);
      lua.lua_pushvalue(L, 1);
      return writeValues(L, file, { first: 2, count });
    },
    __gc: () => 0,
    __tostring: (L: LuaThread) => {
      const file = files.check(L, 1);
      return pushText(L, file.isClosed ? 'file (closed)' : `file (0x${files.addressOf(file)})`);
    },
  };
}

export function closeFile(L: LuaThread, files: FileClass, file: LuaFile): number {
  if (files.isStandard(file)) {
    lua.lua_pushnil(L);
    return 1 + pushText(L, 'cannot close standard file');
  }
  return attempt(L, () => {
    const end = file.close();
    return end === undefined ? pushTrue(L) : pushShellResult(L, end);
  });
}

/** true or nil, `exit` or `signal`, number. */
export function pushShellResult(
  L: LuaThread,
  { how, code }: { readonly how: string; readonly code: number },
): 3 {
  if (how === 'exit' && code === 0) lua.lua_pushboolean(L, true);
  else lua.lua_pushnil(L);
  pushText(L, how);
  pushInteger(L, code);
  return 3;
}

function seek(L: LuaThread, file: LuaFile): number {
  const whence = checkOption(L, 2, { names: ['set', 'cur', 'end'], fallback: 'cur' });
  const offset = lauxlib.luaL_optinteger(L, 3, 0);
  return attempt(L, () => {
    const position = file.seek(whence, offset);
    if (position !== undefined) return pushInteger(L, position);
    return pushFailure(L, Object.assign(new Error('Invalid argument'), { errno: -22, code: 'EINVAL' }));
  });
}

interface Lines {
  readonly file: LuaFile;
  /** The index of the first format. */
  readonly first: number;
  readonly closes: boolean;
}

/** Pushes an iterator. */
export function linesOf(L: LuaThread, files: FileClass, { file, first, closes }: Lines): 1 {
  const formats = Math.max(0, lua.lua_gettop(L) - first + 1);
  if (formats > maxLinesArguments) argumentError(L, maxLinesArguments + 2, 'too many arguments');
  const pushFormats = Array.from({ length: formats }, (_, index) => lua.lua_toproxy(L, first + index));
  lua.lua_pushcfunction(L, (thread) => {
    if (file.isClosed) return raise(thread, 'file is already closed');
    lua.lua_settop(thread, 1);
    for (const push of pushFormats) push(thread);
    const results = readValues(thread, file, { first: 2, count: formats + 1 });
    if (lua.lua_type(thread, -results) !== lua.LUA_TNIL) return results;
    if (results > 1)
      return raise(thread, fromBuffer(lua.lua_tostring(thread, 1 - results) ?? new Uint8Array()));
    if (closes) closeFile(thread, files, file);
    return 0;
  });
  return 1;
}
