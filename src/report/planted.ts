// What others may have put where the log and the status file are written, to have us write somewhere else: symlinks, hard links, fifos.
// Only the last part of a path is looked at: who may replace the directories before it has other ways.

import {
  constants,
  lstatSync,
  readlinkSync,
  realpathSync,
  statSync,
  type BigIntStats,
  type Stats,
} from 'node:fs';
import { dirname, isAbsolute } from 'node:path';

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;

/** As many symlinks one behind the other as Linux follows. */
const MAX_LINKS = 40;

/**
 * Where `path` leads. A symlink is followed only where it is root's or ours, and lies where not everybody may write; else the path of that
 * symlink is returned, to be refused (O_NOFOLLOW) or replaced.
 */
export function followOwnLinks(path: string): string {
  let at = path;
  for (let count = 0; count < MAX_LINKS; count += 1) {
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() !== true || !isOurs(found) || isOpenToAll(dirname(at))) return at;
    if (isOfKernel(at)) return at;
    const leadsTo = readlinkSync(at);
    // Not normalised: `..` after a symlink is the kernel's to resolve.
    at = isAbsolute(leadsTo) ? leadsTo : `${realpathSync(dirname(at))}/${leadsTo}`;
  }
  return at;
}

/** For open(2) of what `followOwnLinks` returned. `/dev/stdout` leads to a symlink of /proc, which only the kernel can follow. */
export function followFlag(path: string): number {
  return isOfKernel(path) ? 0 : constants.O_NOFOLLOW;
}

/** Whether others than root and us may put entries into `directory`. A group with the owner's own number has nobody else in it. */
export function isOpenToOthers(directory: string): boolean {
  const stats = statSync(directory);
  const isGroupForeign = stats.gid !== 0 && stats.gid !== stats.uid;
  const open = WRITABLE_BY_ALL | (isGroupForeign ? WRITABLE_BY_GROUP : 0);
  return (stats.mode & open) !== 0 || !isOurs(stats);
}

/** Root's, or that of this process. */
export function isOurs({ uid }: Stats | BigIntStats): boolean {
  return Number(uid) === 0 || Number(uid) === process.geteuid?.();
}

function isOfKernel(path: string): boolean {
  return `${realpathSync(dirname(path))}/`.startsWith('/proc/');
}

function isOpenToAll(directory: string): boolean {
  return (statSync(directory).mode & WRITABLE_BY_ALL) !== 0;
}
