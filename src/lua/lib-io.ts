// Lua's io library: files, pipes, and the three standard streams. fengari has only a part of it.

import { constants, openSync, unlinkSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fengari from './patched-fengari.ts';
import type { LuaThread } from 'fengari';
import { fromText, toBuffer } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { reasonOf } from './file-error.ts';
import { closeFile, FileClass, linesOf } from './file-methods.ts';
import { readValues, writeValues } from './file-values.ts';
import { LuaFile, writeFully } from './lua-file.ts';
import type { FileTarget } from './lua-file.ts';
import {
  argumentError,
  attempt,
  bytes,
  checkText,
  installLibrary,
  isText,
  optionalText,
  pushText,
  pushTrue,
  raise,
} from './native.ts';
import { openPipe } from './pipe.ts';

const { lua, lauxlib } = fengari;

const { O_RDONLY, O_RDWR, O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;
const openFlags: Readonly<Record<string, number>> = {
  r: O_RDONLY,
  'r+': O_RDWR,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  'w+': O_RDWR | O_CREAT | O_TRUNC,
  a: O_WRONLY | O_CREAT | O_APPEND,
  'a+': O_RDWR | O_CREAT | O_APPEND,
};

const createMode = 0o666;

type Stream = 'input' | 'output';

/** Where the current default file of a direction is in the registry. */
const currentKeys: Readonly<Record<Stream, Buffer>> = {
  input: bytes('_IO_input'),
  output: bytes('_IO_output'),
};

export interface IoLibrary {
  /** Closes what was left open: a command that io.popen writes to sees its end, and is waited for. */
  closeAll(): void;
}

/** Makes `io`. `print` takes what goes to stdout. */
export function openIo(L: LuaThread, print: (content: Buffer) => void): IoLibrary {
  const files = new FileClass(L);
  installLibrary(L, 'io', { ...openers(files), ...currentFileFunctions(files) });
  addStandardFiles(L, files, print);
  return { closeAll: () => files.closeAll() };
}

function addStandardFiles(L: LuaThread, files: FileClass, print: (content: Buffer) => void): void {
  const standard = {
    stdin: new LuaFile({ fd: 0 }),
    stdout: new LuaFile({ fd: undefined, write: print }),
    stderr: new LuaFile({ fd: undefined, write: (content) => writeFully(2, content) }),
  };
  lua.lua_getglobal(L, bytes('io'));
  for (const [name, file] of Object.entries(standard)) {
    files.pushStandard(L, file);
    if (name !== 'stderr') {
      lua.lua_pushvalue(L, -1);
      lua.lua_setfield(L, lua.LUA_REGISTRYINDEX, currentKeys[name === 'stdin' ? 'input' : 'output']);
    }
    lua.lua_setfield(L, -2, bytes(name));
  }
  lua.lua_pop(L, 1);
}

function openers(files: FileClass) {
  return {
    open: (L: LuaThread) => {
      const path = checkText(L, 1);
      const mode = optionalText(L, 2) ?? 'r';
      if (!/^[rwa]\+?b*$/.test(mode)) argumentError(L, 2, 'invalid mode');
      return attempt(L, () => files.push(L, openTarget(path, mode)), path);
    },
    popen: (L: LuaThread) => {
      const command = checkText(L, 1);
      const mode = optionalText(L, 2) ?? 'r';
      if (mode !== 'r' && mode !== 'w') return argumentError(L, 2, 'invalid mode');
      return attempt(L, () => files.push(L, openPipe(command, mode)), command);
    },
    tmpfile: (L: LuaThread) => attempt(L, () => files.push(L, openUnnamed())),
    type: (L: LuaThread) => {
      lauxlib.luaL_checkany(L, 1);
      const file = files.at(L, 1);
      return pushText(L, file && (file.isClosed ? 'closed file' : 'file'));
    },
  };
}

function currentFileFunctions(files: FileClass) {
  const current = (L: LuaThread, stream: Stream): LuaFile => {
    lua.lua_getfield(L, lua.LUA_REGISTRYINDEX, currentKeys[stream]);
    const file = files.at(L, -1);
    if (file === undefined || file.isClosed) return raise(L, `standard ${stream} file is closed`);
    return file;
  };
  return {
    input: (L: LuaThread) => select(L, files, 'input'),
    output: (L: LuaThread) => select(L, files, 'output'),
    close: (L: LuaThread) => {
      if (lua.lua_type(L, 1) === lua.LUA_TNONE) {
        lua.lua_getfield(L, lua.LUA_REGISTRYINDEX, currentKeys.output);
        lua.lua_insert(L, 1);
      }
      return closeFile(L, files, files.checkOpen(L, 1));
    },
    flush: (L: LuaThread) => (current(L, 'output'), pushTrue(L)),
    read: (L: LuaThread) => {
      const count = lua.lua_gettop(L);
      return readValues(L, current(L, 'input'), { first: 1, count });
    },
    write: (L: LuaThread) => {
      const count = lua.lua_gettop(L);
      return writeValues(L, current(L, 'output'), { first: 1, count });
    },
    lines: (L: LuaThread) => lines(L, files),
  };
}

function select(L: LuaThread, files: FileClass, stream: Stream): number {
  if (!lua.lua_isnoneornil(L, 1)) {
    if (isText(L, 1)) openOrRaise(L, files, stream === 'input' ? 'r' : 'w');
    else {
      files.checkOpen(L, 1);
      lua.lua_pushvalue(L, 1);
    }
    lua.lua_setfield(L, lua.LUA_REGISTRYINDEX, currentKeys[stream]);
  }
  lua.lua_getfield(L, lua.LUA_REGISTRYINDEX, currentKeys[stream]);
  return 1;
}

function lines(L: LuaThread, files: FileClass): number {
  if (lua.lua_isnoneornil(L, 1)) {
    lua.lua_getfield(L, lua.LUA_REGISTRYINDEX, currentKeys.input);
    const file = files.checkOpen(L, -1);
    lua.lua_pop(L, 1);
    return linesOf(L, files, { file, first: 2, closes: false });
  }
  checkText(L, 1);
  const count = lua.lua_gettop(L);
  openOrRaise(L, files, 'r');
  const file = files.checkOpen(L, -1);
  lua.lua_settop(L, count);
  return linesOf(L, files, { file, first: 2, closes: true });
}

/** Pushes the file whose name is the first argument. */
function openOrRaise(L: LuaThread, files: FileClass, mode: string): void {
  const path = checkText(L, 1);
  let target: FileTarget;
  try {
    target = openTarget(path, mode);
  } catch (error) {
    return raise(L, `cannot open file '${path}' (${fromText(reasonOf(error))})`);
  }
  files.push(L, target);
}

/** C's functions see a name up to its first NUL. */
function openTarget(path: BytePath, mode: string): FileTarget {
  const flags = openFlags[mode.replaceAll('b', '')] ?? O_RDONLY;
  const [name = ''] = path.split('\0', 1);
  return { fd: openSync(toBuffer(name), flags, createMode), append: mode.startsWith('a') };
}

function openUnnamed(): FileTarget {
  const path = fromText(join(tmpdir(), `lua_${randomUUID()}`));
  const target = openTarget(path, 'w+');
  unlinkSync(toBuffer(path));
  return target;
}
