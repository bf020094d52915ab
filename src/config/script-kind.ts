// Whether a sync is done by the user's Lua, and which behaviour of tsyncd's own it can fall back on.

import { isLuaFunction } from '../lua/lua-value.ts';
import type { LuaTable, LuaValue } from '../lua/lua-value.ts';
import { kindOfFunction } from './inherit.ts';
import { eventKeys, functionKeys } from './known-keys.ts';
import type { SyncKind } from './known-keys.ts';

/**
 * A function of the user's as action, init, collect or full makes it one; an on… does so where no default.* acts. `prepare` alone
 * does not: it may just fill in what default.rsync is to do.
 * @param merged the sync's table with all that it inherits
 */
export function isScript(merged: LuaTable): boolean {
  if (functionKeys.some((key) => isLuaFunction(merged.get(key)))) return true;
  return (
    kindOfFunction(merged.get('action')) === undefined && eventKeys.some((key) => isSet(merged.get(key)))
  );
}

/** The behaviour whose functions stand in the table, though not as a table of default.*. */
export function borrowedKind(merged: LuaTable): SyncKind | undefined {
  for (const key of [...functionKeys, 'prepare']) {
    const kind = kindOfFunction(merged.get(key));
    if (kind !== undefined) return kind;
  }
  return undefined;
}

function isSet(value: LuaValue): boolean {
  return value !== undefined && value !== false;
}
