// Libraries of C and of others that configs require, as far as tsyncd has them. A file of that name in package.path comes
// first. What a module lacks is an error that says so.

import type { LuaThread, NativeFunction } from 'fengari';
import { jsonModules } from './lib-json.ts';
import { pushLfs } from './lib-lfs.ts';
import { pushPosix } from './lib-posix.ts';
import { pushSocket } from './lib-socket.ts';
import { bytes, optionalText, pushLibrary, raise } from './native.ts';
import fengari from './patched-fengari.ts';

const { lua } = fengari;

const posixParts = ['dirent', 'libgen', 'signal', 'stdlib', 'sys.stat', 'time', 'unistd'];

/** What pushes the table of a module. */
const modules: Readonly<Record<string, (L: LuaThread) => 1>> = {
  ...jsonModules,
  lfs: pushLfs,
  posix: pushPosix,
  socket: pushSocket,
  ...Object.fromEntries(posixParts.map((part) => [`posix.${part}`, pushPosix])),
};

/** Puts the loaders into `package.builtin`, by the names of the modules, for the searcher of the prelude. */
export function openModules(L: LuaThread): void {
  lua.lua_getglobal(L, bytes('package'));
  pushLibrary(
    L,
    Object.fromEntries(Object.entries(modules).map(([name, push]) => [name, loaderOf(name, push)])),
  );
  lua.lua_setfield(L, -2, bytes('builtin'));
  lua.lua_pop(L, 1);
}

function loaderOf(name: string, push: (L: LuaThread) => 1): NativeFunction {
  return (L) => {
    push(L);
    lua.lua_createtable(L, 0, 1);
    lua.lua_pushcfunction(L, (thread) => refuse(thread, name));
    lua.lua_setfield(L, -2, bytes('__index'));
    lua.lua_setmetatable(L, -2);
    return 1;
  };
}

function refuse(L: LuaThread, module: string): never {
  return raise(L, `Cannot use ${module}.${optionalText(L, 2) ?? '?'}: tsyncd's ${module} does not have it`);
}
