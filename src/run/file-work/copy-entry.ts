// Copies one entry that is no directory as `cp -pP` does: under a name of its own first, which then takes the place of what is there. So a reader sees the
// old file or the new one, a full disk leaves the old one, and nothing is written through a symlink or into a hard link.

import { randomBytes } from 'node:crypto';
import {
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  type BigIntStats,
} from 'node:fs';
import { toBuffer, type BytePath } from '../../byte-path.ts';
import { giveAttributes } from '../../os/attributes.ts';
import { copyData, createFlags, readFlags } from '../../os/file-data.ts';
import { holdEntry, holdOpened, type HeldEntry } from '../../os/held-entry.ts';
import { makeNode } from '../../os/make-node.ts';

/** A file of this size that changes while it is copied is copied again at once; a longer one when it has its next turn. */
const SMALL_BYTES = 1_048_576n;
const MAX_COPIES = 3;

/** Until it has its own. */
const PRIVATE_MODE = 0o600;

export interface CopyEntry {
  /** The file itself, in directories that are held. */
  readonly from: BytePath;
  /** Asked when there is something to copy. */
  readonly toDirectory: () => BytePath;
  readonly toName: BytePath;
  /** What it throws ends the copying, and leaves nothing behind. */
  readonly checkpoint: () => void;
}

/** What became of it. */
export type Copied =
  | 'copied'
  /** It is there, but it changed all the while: once more. */
  | 'unsteady'
  /** The source has nothing there any more, or a directory. */
  | 'gone';

/** @throws Error of any call at the target, and of those at the source but ENOENT */
export function copyEntry(copy: CopyEntry): Copied {
  const stats = lstatSync(toBuffer(copy.from), { throwIfNoEntry: false });
  if (stats === undefined || stats.isDirectory()) return 'gone';
  return stats.isFile() ? copyFile(copy) : copyOther(copy);
}

function copyFile(copy: CopyEntry): Copied {
  const from = openUnlessReplaced(copy.from);
  if (from === undefined) return 'gone';
  const wanted = holdOpened(from, copy.from);
  try {
    if (!wanted.stats.isFile()) return 'gone';
    return publish(copy, (aside) => {
      const to = openSync(toBuffer(aside), createFlags, PRIVATE_MODE);
      const found = holdOpened(to, aside);
      try {
        const { checkpoint } = copy;
        const { stats, isSteady } = copySteadily({ from, to, first: wanted.stats, checkpoint });
        giveAttributes({ wanted: { ...wanted, stats }, found });
        return isSteady ? 'copied' : 'unsteady';
      } finally {
        found.close();
      }
    });
  } finally {
    wanted.close();
  }
}

/** ELOOP, ENXIO: a symlink or a socket has come in its place. */
function openUnlessReplaced(path: BytePath): number | undefined {
  try {
    return openSync(toBuffer(path), readFlags);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

interface Files {
  readonly from: number;
  readonly to: number;
  /** Of `from`, just now. */
  readonly first: BigIntStats;
  readonly checkpoint: () => void;
}

/** Of a file that never rests the stats are those of before the copy: the next look then sees that it is not up to date. */
function copySteadily(files: Files): { readonly stats: BigIntStats; readonly isSteady: boolean } {
  let stats = files.first;
  for (let copies = 1; ; copies += 1) {
    copyData({ ...files, stats });
    const after = fstatSync(files.from, { bigint: true });
    if (after.size === stats.size && after.mtimeNs === stats.mtimeNs) return { stats: after, isSteady: true };
    if (copies === MAX_COPIES || after.size > SMALL_BYTES) return { stats, isSteady: false };
    ftruncateSync(files.to, 0);
    stats = after;
  }
}

function copyOther(copy: CopyEntry): Copied {
  const wanted = holdEntry(copy.from);
  try {
    const { stats } = wanted;
    // Replaced in this very moment: its next turn is sure to come.
    if (stats.isFile() || stats.isDirectory()) return 'gone';
    return publish(copy, (aside) => {
      if (stats.isSymbolicLink()) symlinkSync(readlinkSync(toBuffer(copy.from), 'buffer'), toBuffer(aside));
      else makeNode(aside, { mode: (Number(stats.mode) & ~0o7777) | PRIVATE_MODE, device: stats.rdev });
      giveToNew(aside, wanted);
      return 'copied';
    });
  } finally {
    wanted.close();
  }
}

function giveToNew(path: BytePath, wanted: HeldEntry): void {
  const found = holdEntry(path);
  try {
    giveAttributes({ wanted, found });
  } finally {
    found.close();
  }
}

/** Makes it under a name of its own, which then takes the place of the right one; nothing is left behind when that fails. */
function publish({ toDirectory, toName }: CopyEntry, make: (aside: BytePath) => Copied): Copied {
  const directory = toDirectory();
  const aside = `${directory}/${asideName()}`;
  try {
    const copied = make(aside);
    renameSync(toBuffer(aside), toBuffer(`${directory}/${toName}`));
    return copied;
  } catch (error) {
    removeAside(aside);
    throw error;
  }
}

/** Of this thread: what an earlier one may have left behind is not met again. */
const ownMark = randomBytes(6).toString('hex');
let asides = 0;

/** Short, whatever the file is called: a name may have 255 bytes. */
function asideName(): BytePath {
  asides += 1;
  return `.tsyncd-${ownMark}-${asides}`;
}

function removeAside(aside: BytePath): void {
  try {
    unlinkSync(toBuffer(aside));
  } catch {
    // It was not made, or the target is away.
  }
}
