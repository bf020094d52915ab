// The attributes of one directory entry given to another, as `cp -p` does: owner, mode, times.

import {
  chmodSync,
  chownSync,
  closeSync,
  constants as fsConstants,
  fchmodSync,
  lchownSync,
  openSync,
} from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { constants } from 'node:os';
import koffi from 'koffi';
import type { BytePath } from '../byte-path.ts';
import { toBuffer, toText } from '../byte-path.ts';
import { copyAcl } from './acl.ts';
import { holdEntry, type HeldEntry } from './held-entry.ts';
import { checked, lastErrno, libc, systemError } from './libc.ts';

const timespec = koffi.struct('tsyncd_timespec', { seconds: 'long', nanoseconds: 'long' });
const utimensat = libc.func('utimensat', 'int', ['int', 'const void *', koffi.pointer(timespec), 'int']);
const fchmodat = libc.func('int fchmodat(int directory, const void *path, unsigned int mode, int flags)');

/** From <fcntl.h> of each system. */
const at: { readonly cwd: number; readonly noFollow: number } =
  process.platform === 'darwin'
    ? { cwd: -2, noFollow: 0x20 }
    : { cwd: -100, noFollow: process.platform === 'freebsd' ? 0x200 : 0x100 };

/** Of the error when the two are not of one type. */
export const otherTypeCode = 'ERR_OTHER_TYPE';

const permissionBits = 0o7777;
const plainPermissionBits = 0o777;
const fileTypeBits = 0o170000n;
const nanosecondsPerSecond = 1_000_000_000n;

/**
 * Gives `target` the owner, group, mode, ACL and times (to the nanosecond) of `source`; symlinks are not followed, and keep their own mode. Who may not
 * give a file away keeps it his own (only the group is tried), and then setuid, setgid and sticky are left out, as with `cp -p`.
 * @throws Error of open, lstat, chown, chmod or utimensat; Error `Cannot copy attributes to "…": …` with
 *   `otherTypeCode` when the two are not of one type
 */
export function copyAttributes(source: BytePath, target: BytePath): void {
  const wanted = holdEntry(source);
  try {
    const found = holdEntry(target);
    try {
      requireSameType({ wanted, found }, { source, target });
      giveAttributes({ wanted, found });
    } finally {
      found.close();
    }
  } finally {
    wanted.close();
  }
}

interface Pair {
  readonly wanted: HeldEntry;
  readonly found: HeldEntry;
}

function requireSameType(
  { wanted, found }: Pair,
  { source, target }: { readonly source: BytePath; readonly target: BytePath },
): void {
  if ((wanted.stats.mode & fileTypeBits) === (found.stats.mode & fileTypeBits)) return;
  const text = `Cannot copy attributes to "${toText(target)}": it is not of the type of "${toText(source)}"`;
  throw Object.assign(new Error(text), { code: otherTypeCode });
}

/** The same for entries that are held already, and are of one type. */
export function giveAttributes({ wanted, found }: Pair): void {
  const isOwnerSet = copyOwner({ wanted, found });
  const { stats } = wanted;
  if (!stats.isSymbolicLink()) {
    if (wanted.isHeld && found.isHeld) {
      copyAcl({ from: wanted.path, to: found.path, isDirectory: stats.isDirectory() });
    }
    setMode(found, Number(stats.mode) & (isOwnerSet ? permissionBits : plainPermissionBits));
  }
  setTimes(found, stats);
}

/** False when the owner could not be set for want of privilege. */
function copyOwner({ wanted, found }: Pair): boolean {
  const { uid, gid } = wanted.stats;
  if (uid === found.stats.uid && gid === found.stats.gid) return true;
  try {
    setOwner(found, { uid, gid });
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  try {
    setOwner(found, { uid: found.stats.uid, gid });
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  return false;
}

function setOwner(
  { path, isHeld }: HeldEntry,
  { uid, gid }: { readonly uid: bigint; readonly gid: bigint },
): void {
  const chown = isHeld ? chownSync : lchownSync;
  chown(toBuffer(path), Number(uid), Number(gid));
}

/** EINVAL: an owner that this user namespace does not know. */
function isRefusal(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPERM' || code === 'EINVAL';
}

function setMode({ path, isHeld }: HeldEntry, mode: number): void {
  if (isHeld) return chmodSync(toBuffer(path), mode);
  if (fchmodat(at.cwd, toCString(path), mode, at.noFollow) === 0) return;
  const errno = lastErrno();
  // glibc before 2.32 does not know the flag.
  if (errno !== constants.errno.EOPNOTSUPP) throw systemError('fchmodat', errno);
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fsConstants;
  const fd = openSync(toBuffer(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

function setTimes({ path, isHeld }: HeldEntry, { atimeNs, mtimeNs }: BigIntStats): void {
  const times = [atimeNs, mtimeNs].map(toTimespec);
  checked('utimensat', utimensat(at.cwd, toCString(path), times, isHeld ? 0 : at.noFollow));
}

/** Times before 1970 have negative seconds, and nanoseconds that count up all the same. */
function toTimespec(timeNs: bigint): { seconds: bigint; nanoseconds: bigint } {
  const nanoseconds = ((timeNs % nanosecondsPerSecond) + nanosecondsPerSecond) % nanosecondsPerSecond;
  return { seconds: (timeNs - nanoseconds) / nanosecondsPerSecond, nanoseconds };
}

function toCString(path: BytePath): Buffer {
  return Buffer.from(`${path}\0`, 'latin1');
}
