// The actions of a script: texts and functions where they belong, and texts that do what they look like.

import { HostFunction, isLuaFunction } from '../lua/lua-value.ts';
import type { LuaTable, LuaValue } from '../lua/lua-value.ts';
import { translateAction } from '../script/shell-action.ts';
import type { Place } from './diagnostics.ts';
import { eventKeys, functionKeys } from './known-keys.ts';
import { refuse } from './values.ts';

/** Warns of variables that a shell would not replace.
 * @throws ConfigProblem `Cannot use onCreate 5: expected a text or a function (conf.lua:12, sync 2)` */
export function checkActions(table: LuaTable, place: Place): void {
  for (const key of functionKeys) {
    const value = table.get(key);
    if (!isFunctionOrFlag(value)) refuse({ place, path: key }, value, 'expected a function');
  }
  for (const key of eventKeys) {
    const value = table.get(key);
    if (typeof value === 'string') {
      for (const warning of translateAction(value).warnings) place.warn(`${key}: ${warning}`);
    } else if (!isFunctionOrFlag(value)) refuse({ place, path: key }, value, 'expected a text or a function');
  }
}

function isFunctionOrFlag(value: LuaValue): boolean {
  return (
    value === undefined || typeof value === 'boolean' || isLuaFunction(value) || value instanceof HostFunction
  );
}
