// `require "socket"`: its clock, sleep and host name. Connections are not part of it.

import { hostname } from 'node:os';
import type { LuaThread } from 'fengari';
import { fromText } from '../byte-path.ts';
import { pause } from './lua-file.ts';
import { bytes, pushLibrary, pushText } from './native.ts';
import fengari from './patched-fengari.ts';

const { lua, lauxlib } = fengari;

export function pushSocket(L: LuaThread): 1 {
  pushLibrary(L, {
    gettime: (thread) => {
      lua.lua_pushnumber(thread, Date.now() / 1000);
      return 1;
    },
    sleep: (thread) => {
      pause(Math.max(0, lauxlib.luaL_checknumber(thread, 1)) * 1000);
      return 0;
    },
  });
  pushLibrary(L, { gethostname: (thread) => pushText(thread, fromText(hostname())) });
  lua.lua_setfield(L, -2, bytes('dns'));
  return 1;
}
