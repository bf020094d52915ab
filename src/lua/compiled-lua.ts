// Compiles own Lua text when the program is built, so that it need not be done at each start (build/bundle.ts).

import { fromBuffer, toBuffer } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import type { LuaBytes, LuaThread } from 'fengari';
import { OWN_CHUNK } from './lua-state.ts';
import fengari from './patched-fengari.ts';

const { lua, lauxlib } = fengari;

/** What `LuaState.runText` takes as well as the text itself; with all that error messages need. @throws Error if the text is wrong */
export function compiledLua(text: string): BytePath {
  const L = lauxlib.luaL_newstate();
  const bytes = toBuffer(text);
  const status = lauxlib.luaL_loadbuffer(L, bytes, bytes.length, toBuffer(OWN_CHUNK));
  if (status !== lua.LUA_OK) throw new Error('Cannot compile own Lua text');
  const parts: Uint8Array[] = [];
  const write = (_L: LuaThread, part: LuaBytes, size: number): number => {
    parts.push(part.slice(0, size));
    return 0;
  };
  lua.lua_dump(L, write, null, false);
  return fromBuffer(Buffer.concat(parts));
}
