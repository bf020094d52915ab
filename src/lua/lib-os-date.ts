// os.date, os.time and os.difftime.

import fengari from './patched-fengari.ts';
import type { LuaThread } from 'fengari';
import { calendarOf, timeOf } from './calendar.ts';
import { argumentError, bytes, optionalText, pushInteger, pushText, raise } from './native.ts';
import { strftime, wrongConversion } from './strftime.ts';
import type { Calendar } from './strftime.ts';

const { lua, lauxlib } = fengari;

/** What fits into a field of C's struct tm, with room to add. */
const largestField = (2 ** 31 - 1) / 2;

const defaultHour = 12;

export const dateFunctions = {
  date,
  time,
  difftime: (L: LuaThread) => {
    lua.lua_pushnumber(L, lauxlib.luaL_checkinteger(L, 1) - lauxlib.luaL_checkinteger(L, 2));
    return 1;
  },
};

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function date(L: LuaThread): number {
  const given = optionalText(L, 1) ?? '%c';
  const at = lua.lua_isnoneornil(L, 2) ? now() : lauxlib.luaL_checkinteger(L, 2);
  const isUtc = given.startsWith('!');
  const format = isUtc ? given.slice(1) : given;
  const calendar =
    calendarOf(at, isUtc) ?? raise(L, 'time result cannot be represented in this installation');
  if (format === '*t') {
    lua.lua_createtable(L, 0, 9);
    setFields(L, calendar);
    return 1;
  }
  const wrong = wrongConversion(format);
  if (wrong !== undefined) argumentError(L, 1, `invalid conversion specifier '%${wrong}'`);
  return pushText(L, strftime(format, calendar));
}

/** Into the table on top of the stack. */
function setFields(L: LuaThread, at: Calendar): void {
  const fields = {
    sec: at.second,
    min: at.minute,
    hour: at.hour,
    day: at.day,
    month: at.month + 1,
    year: at.year,
    wday: at.weekday + 1,
    yday: at.yearDay + 1,
  };
  for (const [name, value] of Object.entries(fields)) {
    pushInteger(L, value);
    lua.lua_setfield(L, -2, bytes(name));
  }
  lua.lua_pushboolean(L, at.isSummer);
  lua.lua_setfield(L, -2, bytes('isdst'));
}

function time(L: LuaThread): number {
  if (lua.lua_isnoneornil(L, 1)) return pushInteger(L, now());
  lauxlib.luaL_checktype(L, 1, lua.LUA_TTABLE);
  lua.lua_settop(L, 1);
  const second = field(L, 'sec', 0);
  const minute = field(L, 'min', 0);
  const hour = field(L, 'hour', defaultHour);
  const day = field(L, 'day');
  const month = field(L, 'month') - 1;
  const year = field(L, 'year');
  const result = timeOf({ year, month, day, hour, minute, second, isSummer: summerField(L) });
  const calendar = calendarOf(result, false);
  if (calendar === undefined) {
    return raise(L, 'time result cannot be represented in this installation');
  }
  setFields(L, calendar);
  return pushInteger(L, result);
}

function field(L: LuaThread, name: string, fallback?: number): number {
  const type = lua.lua_getfield(L, 1, bytes(name));
  const value = lua.lua_tointegerx(L, -1);
  lua.lua_pop(L, 1);
  if (value === false) {
    if (type !== lua.LUA_TNIL) return raise(L, `field '${name}' is not an integer`);
    return fallback ?? raise(L, `field '${name}' missing in date table`);
  }
  return Math.abs(Number(value)) <= largestField
    ? Number(value)
    : raise(L, `field '${name}' is out-of-bound`);
}

function summerField(L: LuaThread): boolean | undefined {
  const isGiven = lua.lua_getfield(L, 1, bytes('isdst')) !== lua.LUA_TNIL;
  const value = lua.lua_toboolean(L, -1);
  lua.lua_pop(L, 1);
  return isGiven ? value : undefined;
}
