// What exit codes mean: the maps of default.rsync and default.rsyncssh, and the user's over them.

import { LuaTable } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';
import { kinds } from './value-kinds.ts';
import { read, refuse } from './values.ts';
import type { Key } from './values.ts';
import type { ExitCodes, Verdict } from './sync-spec.ts';

const verdicts: readonly Verdict[] = ['ok', 'again', 'die'];

function codes(verdict: Verdict, numbers: readonly number[]): readonly (readonly [number, Verdict])[] {
  return numbers.map((code) => [code, verdict]);
}

/** lsyncd's, but 23 (some files were not sent) is tried again: there it is ok, and the files are forgotten. */
export const defaultRsyncExitCodes: ExitCodes = new Map([
  ...codes('ok', [0, 24]),
  ...codes('die', [1, 2, 4, 25]),
  ...codes('again', [3, 5, 6, 10, 11, 12, 14, 20, 21, 22, 23, 30, 35, 255]),
]);

/** lsyncd's. */
export const defaultSshExitCodes: ExitCodes = new Map([...codes('ok', [0]), ...codes('again', [255])]);

/**
 * The user's map over `defaults`, or alone when it says `_verbatim = true` or `_merge = false` (lsyncd always replaces the
 * whole map). 0 is ok unless the user says otherwise.
 * @throws ConfigProblem for a key that is no code, or a value that is no verdict
 */
export function toExitCodes(key: Key, value: LuaValue, defaults: ExitCodes): ExitCodes {
  const table = value === false ? undefined : read(key, kinds.table, value);
  if (table === undefined) return defaults;
  const isAlone = table.get('_verbatim') === true || table.get('_merge') === false;
  const merged = new Map<number, Verdict>(isAlone ? [[0, 'ok']] : defaults);
  for (const [name, verdict] of table.entries) {
    if (typeof name === 'string' && name.startsWith('_')) continue;
    const entry: Key = { ...key, path: `${key.path}[${name}]` };
    merged.set(toCode(entry, name), toVerdict(entry, verdict));
  }
  return merged;
}

/** The map as a table that scripts read. */
export function toExitCodeTable(map: ExitCodes): LuaTable {
  return new LuaTable([...map, ['_verbatim', true], ['_merge', false]]);
}

function toCode(key: Key, name: string | number): number {
  const code = Number(name);
  return Number.isInteger(code) && code >= 0 && code <= 255
    ? code
    : refuse(key, name, 'expected a code from 0 to 255');
}

function toVerdict(key: Key, value: LuaValue): Verdict {
  const verdict = verdicts.find((word) => word === value);
  if (verdict !== undefined) return verdict;
  return refuse(key, value, 'expected "ok", "again" or "die"');
}
