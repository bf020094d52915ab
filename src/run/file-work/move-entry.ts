// A rename at the target, as the source had it: what lies at the destination is replaced, a directory too, and never moved into.

import { lstatSync, renameSync, rmdirSync, unlinkSync, type BigIntStats } from 'node:fs';
import { toBuffer, type BytePath } from '../../byte-path.ts';
import { removeEntry } from './remove-entry.ts';

export interface MoveEntry {
  /** Both in directories that are held. */
  readonly from: BytePath;
  readonly to: BytePath;
  /** false: a directory at the destination is only replaced when it is empty. */
  readonly mayDelete: boolean;
  readonly checkpoint: () => void;
}

/** @throws Error of rename(2), or of what had to be removed; ENOENT when there is nothing to move */
export function moveEntry(move: MoveEntry): void {
  const moved = lstatSync(toBuffer(move.from), { bigint: true });
  const replaced = lstatSync(toBuffer(move.to), { bigint: true, throwIfNoEntry: false });
  if (replaced !== undefined) makeRoom(move, { moved, replaced });
  renameSync(toBuffer(move.from), toBuffer(move.to));
  // Two names of one file: rename(2) leaves both, and says nothing.
  if (replaced !== undefined && isSameFile(moved, replaced)) unlinkSync(toBuffer(move.from));
}

interface Both {
  readonly moved: BigIntStats;
  readonly replaced: BigIntStats;
}

function makeRoom({ to, mayDelete, checkpoint }: MoveEntry, { moved, replaced }: Both): void {
  if (replaced.isDirectory()) {
    if (mayDelete) removeEntry(to, checkpoint);
    else rmdirSync(toBuffer(to));
  } else if (moved.isDirectory()) {
    unlinkSync(toBuffer(to));
  }
}

function isSameFile(one: BigIntStats, other: BigIntStats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}
