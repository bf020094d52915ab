// Calls what a config has for a function, the user's or one of ours.

import { HostFunction, isLuaFunction, type LuaValue } from '../lua/lua-value.ts';

export function isCallable(value: LuaValue): boolean {
  return value instanceof HostFunction || isLuaFunction(value);
}

/** @throws LuaError for an error in Lua; LuaRaise for one of ours; TypeError for what cannot be called */
export function callFunction(value: LuaValue, args: readonly LuaValue[]): readonly LuaValue[] {
  if (value instanceof HostFunction) return value.call({ args, position: undefined });
  if (isLuaFunction(value)) return value.call(args);
  throw new TypeError('Cannot call what is no function');
}
