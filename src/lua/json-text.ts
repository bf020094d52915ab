// JSON to and from Lua's values. Strings are bytes; what JSON escapes as \u is UTF-8.

import type { LuaThread } from 'fengari';
import { fromBuffer, fromText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { floatText } from './c-format.ts';
import { pushText } from './native.ts';
import fengari from './patched-fengari.ts';

const { lua, lauxlib } = fengari;

const deepest = 1000;

export interface EncodeOptions {
  /** What an empty table is. */
  readonly empty: '{}' | '[]';
  /** Spaces for each level; undefined = all in one line. */
  readonly indent?: number | undefined;
}

/** A value that JSON has not, as text for an error. */
export class NoJson extends Error {
  override readonly name = 'NoJson';
}

/** @throws NoJson for functions, userdata, mixed keys, nan and what is nested too deep */
export function encode(L: LuaThread, index: number, options: EncodeOptions, depth = 0): BytePath {
  switch (lua.lua_type(L, index)) {
    case lua.LUA_TNIL:
    case lua.LUA_TLIGHTUSERDATA:
      return 'null';
    case lua.LUA_TBOOLEAN:
      return String(lua.lua_toboolean(L, index));
    case lua.LUA_TNUMBER:
      return encodeNumber(L, index);
    case lua.LUA_TSTRING:
      return quoted(fromBuffer(lua.lua_tostring(L, index) ?? new Uint8Array()));
    case lua.LUA_TTABLE:
      return encodeTable(L, lua.lua_absindex(L, index), options, depth + 1);
    default:
      throw new NoJson(`a ${fromBuffer(lauxlib.luaL_typename(L, index))} has no JSON`);
  }
}

function encodeNumber(L: LuaThread, index: number): string {
  if (lua.lua_isinteger(L, index)) return String(lua.lua_tointegerx(L, index));
  const value = lua.lua_tonumber(L, index);
  if (!Number.isFinite(value)) throw new NoJson('nan and inf have no JSON');
  return floatText(value);
}

function quoted(text: BytePath): BytePath {
  // eslint-disable-next-line no-control-regex
  const escaped = text.replaceAll(/["\\\x00-\x1f\x7f]/g, (character) =>
    character === '\x7f' ? String.raw`\u007f` : JSON.stringify(character).slice(1, -1),
  );
  return `"${escaped}"`;
}

function encodeTable(L: LuaThread, table: number, options: EncodeOptions, depth: number): BytePath {
  if (depth > deepest) throw new NoJson('nested too deep');
  lauxlib.luaL_checkstack(L, 8, null);
  const size = arraySize(L, table);
  if (size === 0) return options.empty;
  if (size !== undefined) return encodeArray(L, table, { size, options, depth });
  const members: string[] = [];
  lua.lua_pushnil(L);
  while (lua.lua_next(L, table)) {
    lua.lua_pushvalue(L, -2);
    const key = quoted(fromBuffer(lua.lua_tostring(L, -1) ?? new Uint8Array()));
    lua.lua_pop(L, 1);
    members.push(`${key}:${options.indent === undefined ? '' : ' '}${encode(L, -1, options, depth)}`);
    lua.lua_pop(L, 1);
  }
  return bracketed('{}', members, { options, depth });
}

interface ArrayPlace {
  readonly size: number;
  readonly options: EncodeOptions;
  readonly depth: number;
}

function encodeArray(L: LuaThread, table: number, { size, options, depth }: ArrayPlace): BytePath {
  const items = Array.from({ length: size }, (_, index) => {
    lua.lua_rawgeti(L, table, index + 1);
    const item = encode(L, -1, options, depth);
    lua.lua_pop(L, 1);
    return item;
  });
  return bracketed('[]', items, { options, depth });
}

/** How many items it has; undefined where its keys are texts.
 * @throws NoJson if it has both, or holes */
function arraySize(L: LuaThread, table: number): number | undefined {
  let [numbers, texts, largest] = [0, 0, 0];
  lua.lua_pushnil(L);
  while (lua.lua_next(L, table)) {
    lua.lua_pop(L, 1);
    if (lua.lua_type(L, -1) === lua.LUA_TSTRING) texts += 1;
    else {
      numbers += 1;
      largest = Math.max(largest, lua.lua_isinteger(L, -1) ? lua.lua_tonumber(L, -1) : Infinity);
    }
  }
  if (numbers === 0) return texts === 0 ? 0 : undefined;
  if (texts > 0 || largest !== numbers) throw new NoJson('a table with mixed keys or holes has no JSON');
  return numbers;
}

function bracketed(
  [open = '', close = '']: string,
  items: readonly string[],
  { options, depth }: { readonly options: EncodeOptions; readonly depth: number },
): string {
  if (options.indent === undefined) return `${open}${items.join(',')}${close}`;
  const margin = ' '.repeat(options.indent * depth);
  const last = ' '.repeat(options.indent * (depth - 1));
  return `${open}\n${items.map((item) => margin + item).join(',\n')}\n${last}${close}`;
}

/** Pushes the value; `pushNull` stands for each null.
 * @throws SyntaxError if it is not JSON; nothing is pushed then */
export function decode(L: LuaThread, text: BytePath, pushNull: () => void): void {
  pushJson(L, JSON.parse(withoutEscapedLetters(text)), pushNull);
}

/** \u of what is no control character, quote or backslash becomes bytes of UTF-8, as the rest of the text is bytes. */
function withoutEscapedLetters(text: BytePath): BytePath {
  return text.replaceAll(
    /\\(?:u(d[89ab][\da-f]{2})\\u(d[c-f][\da-f]{2})|u([\da-f]{4})|[^u])/gi,
    (whole, high?: string, low?: string, single?: string) => {
      const units = [high, low, single].filter((unit) => unit !== undefined);
      const letters = String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16)));
      return letters === '' || letters < ' ' || letters === '"' || letters === '\\'
        ? whole
        : fromText(letters);
    },
  );
}

function pushJson(L: LuaThread, value: unknown, pushNull: () => void): void {
  lauxlib.luaL_checkstack(L, 8, null);
  if (value === null) pushNull();
  else if (typeof value === 'string') pushText(L, value);
  else if (typeof value === 'boolean') lua.lua_pushboolean(L, value);
  else if (typeof value === 'number') pushNumber(L, value);
  else pushTable(L, value as object, pushNull);
}

function pushNumber(L: LuaThread, value: number): void {
  if (Number.isSafeInteger(value)) lua.lua_pushinteger(L, value);
  else lua.lua_pushnumber(L, value);
}

function pushTable(L: LuaThread, value: object, pushNull: () => void): void {
  lua.lua_createtable(L, 0, 0);
  for (const [key, item] of Object.entries(value)) {
    if (Array.isArray(value)) lua.lua_pushinteger(L, Number(key) + 1);
    else pushText(L, key);
    pushJson(L, item, pushNull);
    lua.lua_rawset(L, -3);
  }
}
