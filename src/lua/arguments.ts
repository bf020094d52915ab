// Checks of a host function's arguments, with the messages of Lua's own library.

import { LuaRaise, luaTypeName } from './lua-value.ts';
import type { HostCall, LuaValue } from './lua-value.ts';
import type { BytePath } from '../byte-path.ts';

/** The argument as a string; numbers are taken as Lua's library takes them.
 * @throws LuaRaise `bad argument #1 to 'open' (string expected, got nil)` */
export function stringArgument(call: HostCall, index: number, functionName: string): BytePath {
  const value = optionalString(call.args[index]);
  if (value !== undefined) return value;
  const got = index < call.args.length ? luaTypeName(call.args[index]) : 'no value';
  throw new LuaRaise(`bad argument #${index + 1} to '${functionName}' (string expected, got ${got})`);
}

/** A string or a number as a string; undefined for everything else. */
export function optionalString(value: LuaValue): BytePath | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : undefined;
}
