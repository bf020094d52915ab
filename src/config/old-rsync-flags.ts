// rsyncOps (2.0) and rsyncOpts (2.0, 2.1): rsync's flags as a text `"-rltvupgo"` or a table, in place of the default flags.

import { LuaTable } from '../lua/lua-value.ts';
import { oldRsyncKeys } from './known-keys.ts';
import type { Place } from './diagnostics.ts';
import { kinds } from './value-kinds.ts';
import { read } from './values.ts';

export interface OldFlags {
  /** Letters without the dash; without `r`, which a sync's rsync has by itself where it is wanted. */
  readonly flags: string;
  /** Every other word, in its order. */
  readonly words: readonly string[];
}

/** Words of letters that take no value can be joined; `-e ssh` cannot. */
const joinable = /^-[a-zA-Z0-9]+$/;
const lettersWithValue = /[eBTfM@]/;

/** undefined when the sync has neither key; a warning when it has one.
 * @throws ConfigProblem with -strict, or for a value that is neither text nor table */
export function readOldFlags(sync: LuaTable, place: Place): OldFlags | undefined {
  const name = oldRsyncKeys.find((key) => sync.get(key) !== undefined);
  if (name === undefined) return undefined;
  place.oldSpelling(
    `"${name}" is an old spelling; write rsync = { … }, flags that have no key of their own in rsync._extra`,
  );
  const value = sync.get(name);
  const key = { place, path: name };
  const words =
    value instanceof LuaTable
      ? value.positional().map((item) => read(key, kinds.text, item) ?? '')
      : (read(key, kinds.text, value) ?? '').split(/\s+/).filter((word) => word !== '');
  const letters = words
    .filter(isFlags)
    .flatMap((word) => word.slice(1).split(''))
    .filter((letter) => letter !== 'r');
  return { flags: [...new Set(letters)].join(''), words: words.filter((word) => !isFlags(word)) };
}

function isFlags(word: string): boolean {
  return joinable.test(word) && !lettersWithValue.test(word);
}
