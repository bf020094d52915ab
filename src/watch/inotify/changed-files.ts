// After an overflow, or where a directory cannot be watched, nobody says what has changed in it: its files are asked for their ctime, some at a time.

import { lstatSync } from 'node:fs';
import { toBuffer } from '../../byte-path.ts';
import type { BytePath } from '../../byte-path.ts';
import type { Directory } from './directory.ts';
import * as dir from './directory.ts';

/** What is to be asked for its ctime. */
export interface FilesOfDirectory {
  readonly directory: Directory;
  readonly names: readonly BytePath[];
  /** How many of them were asked. */
  readonly asked: number;
  /** Wall clock, ms. */
  readonly since: number;
}

/** So many files are asked for their ctime in one step. */
const filesPerStep = 1000;

/**
 * Tells of some files, and before the first of them of the directory itself.
 * @param isStillThere whether the path of a directory is still that of the directory
 * @returns those that are left to be asked
 */
export function tellChanged(
  { directory, names, asked, since }: FilesOfDirectory,
  isStillThere: (directory: Directory) => boolean,
): FilesOfDirectory | undefined {
  const path = dir.pathOf(directory);
  const absolute = dir.absolutePathOf(directory);
  const end = asked + filesPerStep;
  const isListingDoubtful = asked === 0 && hasChanged(absolute, since);
  const changed = names.slice(asked, end).filter((name) => hasChanged(absolute + name, since));
  if (!isStillThere(directory)) {
    // It was moved while we asked: the event of that leads to another look, or the next rescan.
    directory.unlisted = true;
    return undefined;
  }
  const { audience } = directory.tree;
  if (isListingDoubtful) audience.tell(path, { kind: 'listing', path });
  for (const name of changed) audience.tell(path, { kind: 'create', path: path + name, found: true });
  return end < names.length ? { directory, names, asked: end, since } : undefined;
}

/** What is gone has changed the directory it was in. */
function hasChanged(path: BytePath, since: number): boolean {
  try {
    return lstatSync(toBuffer(path)).ctimeMs >= since;
  } catch {
    return false;
  }
}
