// `require "json"`, `"cjson"` (and `"cjson.safe"`) and `"dkjson"`: encode, decode and null, with the ways of each to tell
// of an error.

import type { LuaThread } from 'fengari';
import { fromText } from '../byte-path.ts';
import { decode, encode, NoJson } from './json-text.ts';
import type { EncodeOptions } from './json-text.ts';
import { bytes, checkText, pushLibrary, pushText, raise } from './native.ts';
import fengari from './patched-fengari.ts';

const { lua } = fengari;

const dkjsonIndent = 2;

/** What cjson.null is: a light userdata that no other is equal to. */
const nullMark = {};

interface Manner {
  readonly empty: '{}' | '[]';
  /** null is `null` of the module; otherwise nil. */
  readonly hasNull: boolean;
  /** What a wrong text or value does: an error, nil and a message, or dkjson's nil, position, message. */
  readonly failure: 'raise' | 'message' | 'position';
}

const manners: Readonly<Record<string, Manner>> = {
  json: { empty: '[]', hasNull: false, failure: 'raise' },
  cjson: { empty: '{}', hasNull: true, failure: 'raise' },
  'cjson.safe': { empty: '{}', hasNull: true, failure: 'message' },
  dkjson: { empty: '[]', hasNull: false, failure: 'position' },
};

/** What pushes each of the modules. */
export const jsonModules = Object.fromEntries(
  Object.entries(manners).map(([name, manner]) => [name, (L: LuaThread) => pushModule(L, manner)]),
);

function pushModule(L: LuaThread, manner: Manner): 1 {
  pushLibrary(L, {
    encode: (thread) => encodeArgument(thread, manner),
    decode: (thread) => decodeArgument(thread, manner),
  });
  lua.lua_pushlightuserdata(L, nullMark);
  lua.lua_setfield(L, -2, bytes('null'));
  return 1;
}

function encodeArgument(L: LuaThread, manner: Manner): number {
  const options: EncodeOptions = { empty: manner.empty, indent: indentAt(L) };
  lua.lua_settop(L, 1);
  return trying(L, manner, () => pushText(L, encode(L, 1, options)));
}

/** dkjson.encode(value, { indent = true }) */
function indentAt(L: LuaThread): number | undefined {
  if (lua.lua_type(L, 2) !== lua.LUA_TTABLE) return undefined;
  lua.lua_getfield(L, 2, bytes('indent'));
  return lua.lua_toboolean(L, -1) ? dkjsonIndent : undefined;
}

function decodeArgument(L: LuaThread, manner: Manner): number {
  const text = checkText(L, 1);
  const pushNull = (): void => {
    if (manner.hasNull) lua.lua_pushlightuserdata(L, nullMark);
    else lua.lua_pushnil(L);
  };
  return trying(L, manner, () => {
    decode(L, text, pushNull);
    return 1;
  });
}

function trying(L: LuaThread, manner: Manner, action: () => number): number {
  let message: string;
  try {
    return action();
  } catch (error) {
    if (!(error instanceof NoJson) && !(error instanceof SyntaxError)) throw error;
    message = fromText(error.message);
  }
  if (manner.failure === 'raise') return raise(L, message);
  lua.lua_settop(L, 0);
  lua.lua_pushnil(L);
  if (manner.failure === 'position') lua.lua_pushinteger(L, 1);
  pushText(L, message);
  return lua.lua_gettop(L);
}
