// Files that moves brought to their places at the target, compared with what the source has there. inotify drops the second of two events in a row
// that differ by their cookie only: `mv a x; mv /elsewhere/o x`, while nobody reads, is told as one move, and x is not what a was.

import { readlinkSync } from 'node:fs';
import { toBuffer, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import type { Seen, TreeView } from './source-state.ts';

/** What the target has at a path, as far as it is known. */
export interface Landed {
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

/** What the source has at this very path, if it is no directory; of anything else an event is still to come. */
export function fileAt(source: TreeView, path: BytePath): (Seen & { state: 'there' }) | undefined {
  const seen = source.look(path);
  if (seen.state !== 'there' || seen.path !== path || seen.stats.isDirectory()) return undefined;
  return seen;
}

/** A change of a landed file that nobody has told. */
export function toUnheard(path: BytePath, { dueMs }: Delay): Delay {
  return { kind: 'Modify', path, status: 'active', dueMs, whole: false };
}

export interface LocalTrees {
  readonly source: TreeView;
  readonly target: TreeView;
  /** Where they are: absolute, with a trailing slash. */
  readonly roots: { readonly source: BytePath; readonly target: BytePath };
}

/** Whether a local target has another thing at this path than the source, which has a file or the like there. */
export function isUnlikeSource(path: BytePath, { source, target, roots }: LocalTrees): boolean {
  const wanted = fileAt(source, path)?.stats;
  if (wanted === undefined) return false;
  const found = target.look(path);
  if (found.state !== 'there' || found.path !== path) return true;
  if (wanted.type !== found.stats.type) return true;
  if (wanted.isSymbolicLink()) return !hasSameText(path, roots);
  return wanted.isFile() && !(wanted.size === found.stats.size && isSameTime(wanted, found.stats));
}

/** One that is gone in this moment will be told of. */
function hasSameText(path: BytePath, roots: LocalTrees['roots']): boolean {
  const textIn = (root: BytePath): Buffer => readlinkSync(toBuffer(root + path.slice(1)), 'buffer');
  try {
    return textIn(roots.source).equals(textIn(roots.target));
  } catch {
    return true;
  }
}

/** Whole seconds are the coarsest that a target may keep, but for FAT. */
const COARSEST_NS = 1_000_000_000n;

/** Whether the target's time is the source's, cut off where the target's ends in zeros: not every file system or `stat` has nanoseconds. */
export function isSameTime(source: Pick<Landed, 'mtimeNs'>, target: Pick<Landed, 'mtimeNs'>): boolean {
  let unitNs = 1n;
  while (unitNs < COARSEST_NS && target.mtimeNs % (unitNs * 10n) === 0n) unitNs *= 10n;
  const lateNs = source.mtimeNs - target.mtimeNs;
  return lateNs >= 0n && lateNs < unitNs;
}
