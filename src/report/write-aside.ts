// A file written so that a reader sees the old one or the new one, never half of it.

import {
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { followOwnLinks, isOpenToOthers, isOurs } from './planted.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_TRUNC } = constants;

/** When the directory, not the file, is what cannot be written to: a directory of root, a file mounted on its own. */
const onlyInPlaceCodes = new Set(['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV']);

/**
 * Replaces `path` (absolute) by a file of mode 644 with these bytes. A symlink is followed where it is root's or ours, unless everybody may write to
 * its directory; else it is replaced. A device, fifo or socket is written to as it is, but replaced where others may have planted it. Where the
 * directory does not let us, the file is written in place.
 * @throws Error of open(2), write(2), rename(2); the old file is then as it was, and nothing is left beside it
 */
export function writeAside(path: string, bytes: Buffer): void {
  const destination = followOwnLinks(path);
  const before = lstatSync(destination, { throwIfNoEntry: false });
  const mayBePlanted = before !== undefined && isPlantable(destination, before);
  if (before !== undefined && !mayBePlanted && !before.isFile())
    return writeThrough(destination, bytes, O_NONBLOCK | O_NOFOLLOW);
  try {
    replace(destination, bytes);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (before === undefined || mayBePlanted || !onlyInPlaceCodes.has(code)) throw error;
    writeThrough(destination, bytes, O_NOFOLLOW | O_TRUNC);
  }
}

/** A symlink that is not to be followed, another user's fifo, another name of some file: where others may write. */
function isPlantable(destination: string, stats: Stats): boolean {
  if (stats.isSymbolicLink()) return true;
  if (stats.isFile() && stats.nlink === 1) return false;
  return isOpenToOthers(dirname(destination)) && (stats.isFile() || !isOurs(stats));
}

/** Removes what daemons that were killed while they wrote `path` have left beside it. Never throws. */
export function removeLeftovers(path: string): void {
  try {
    const destination = followOwnLinks(path);
    const pattern = asidePattern(basename(destination));
    for (const entry of readdirSync(dirname(destination))) {
      const pid = pattern.exec(entry)?.[1];
      if (pid !== undefined && !isAlive(Number(pid))) unlinkSync(join(dirname(destination), entry));
    }
  } catch {
    // They do no harm.
  }
}

function replace(destination: string, bytes: Buffer): void {
  const aside = join(
    dirname(destination),
    `.${basename(destination)}.${process.pid}.${randomBytes(8).toString('hex')}.tmp`,
  );
  const fd = openSync(aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
  try {
    try {
      fchmodSync(fd, 0o644);
      writeWhole(fd, bytes);
    } finally {
      closeSync(fd);
    }
    renameSync(aside, destination);
  } catch (error) {
    unlinkSync(aside);
    throw error;
  }
}

function writeThrough(destination: string, bytes: Buffer, flags: number): void {
  const fd = openSync(destination, O_WRONLY | flags);
  try {
    writeWhole(fd, bytes);
  } finally {
    closeSync(fd);
  }
}

function writeWhole(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

function asidePattern(name: string): RegExp {
  return new RegExp(
    `^\\.${name.replaceAll(/[\\^$.*+?()[\]{}|]/gu, '\\$&')}\\.(\\d+)\\.[0-9a-f]{16}\\.tmp$`,
    'u',
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
