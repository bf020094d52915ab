// Two changes of one path become one. The table of the rules; no paths, no time.

import type { DelayKind } from './delay.ts';

/** What is known of a path that must be brought to the state of the source. */
export interface Change {
  kind: Exclude<DelayKind, 'Move'>;
  isDirectory: boolean;
  /** It was a file and a directory since the target last heard of it. */
  isMixed: boolean;
  /** As Delay.whole. Only directories are. */
  whole: boolean;
  /** As Delay.listing. Without meaning on what is whole, or no directory. */
  listing?: boolean;
  /** A batch with it failed: the target may have lost a part of what is below it. */
  isDoubtful: boolean;
}

const STRENGTH: Readonly<Record<Change['kind'], number>> = { Attrib: 0, Modify: 1, Create: 2, Delete: 3 };

/**
 * - a Delete after anything is a Delete;
 * - anything after a Delete is a Create: the target still has the old one, so that a directory is whole;
 * - a file where a directory was, or the reverse, is a Create; a directory then is whole, and so is what was whole as a file;
 * - else the stronger kind stays (Attrib < Modify < Create), whole stays whole, and what is to be listed is listed.
 */
export function mergeChanges(older: Readonly<Change>, newer: Readonly<Change>): Change {
  const isOtherType = older.isDirectory !== newer.isDirectory;
  const isMixed = older.isMixed || newer.isMixed || isOtherType;
  const isDoubtful = older.isDoubtful || newer.isDoubtful;
  const { isDirectory } = newer;
  if (newer.kind === 'Delete') return { kind: 'Delete', isDirectory, isMixed, whole: false, isDoubtful };
  if (older.kind === 'Delete' || isOtherType) {
    return { kind: 'Create', isDirectory, isMixed, whole: isDirectory || newer.whole, isDoubtful };
  }
  const kind = STRENGTH[newer.kind] > STRENGTH[older.kind] ? newer.kind : older.kind;
  const whole = older.whole || newer.whole;
  const listing = !whole && (older.listing === true || newer.listing === true);
  return { kind, isDirectory, isMixed, whole, listing, isDoubtful };
}
