// posix.dir and posix.files of luaposix; . and .. are among the names.

import { readdirSync } from 'node:fs';
import type { LuaThread } from 'fengari';
import { toBuffer } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { attempt, optionalText, pushText } from './native.ts';
import fengari from './patched-fengari.ts';

const { lua } = fengari;

function namesIn(path: BytePath): string[] {
  return ['.', '..', ...readdirSync(toBuffer(path), { encoding: 'latin1' })];
}

/** posix.dir: the names in a table. */
export function listDirectory(L: LuaThread): number {
  const path = optionalText(L, 1) ?? '.';
  return attempt(
    L,
    () => {
      lua.lua_createtable(L, 0, 0);
      for (const [index, name] of namesIn(path).entries()) {
        pushText(L, name);
        lua.lua_rawseti(L, -2, index + 1);
      }
      return 1;
    },
    path,
  );
}

/** posix.files: an iterator. */
export function iterateDirectory(L: LuaThread): number {
  const path = optionalText(L, 1) ?? '.';
  return attempt(
    L,
    () => {
      const names = namesIn(path);
      lua.lua_pushcfunction(L, (thread) => pushText(thread, names.shift()));
      return 1;
    },
    path,
  );
}
