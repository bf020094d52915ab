// The attributes of one directory entry given to another, as `cp -p` does: owner, mode, times.

import { closeSync, constants as fsConstants, fchmodSync, lchownSync, lstatSync, openSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { constants } from 'node:os';
import koffi from 'koffi';
import type { BytePath } from '../byte-path.ts';
import { toBuffer, toText } from '../byte-path.ts';
import { checked, lastErrno, libc, systemError } from './libc.ts';

const timespec = koffi.struct('tsyncd_timespec', { seconds: 'long', nanoseconds: 'long' });
const utimensat = libc.func('utimensat', 'int', ['int', 'const void *', koffi.pointer(timespec), 'int']);
const fchmodat = libc.func('int fchmodat(int directory, const void *path, unsigned int mode, int flags)');

/** From <fcntl.h> of each system. */
const at: { readonly cwd: number; readonly noFollow: number } =
  process.platform === 'darwin'
    ? { cwd: -2, noFollow: 0x20 }
    : { cwd: -100, noFollow: process.platform === 'freebsd' ? 0x200 : 0x100 };

const permissionBits = 0o7777;
const plainPermissionBits = 0o777;
const fileTypeBits = 0o170000n;
const nanosecondsPerSecond = 1_000_000_000n;

/**
 * Gives `target` the owner, group, mode and times (to the nanosecond) of `source`; symlinks are not followed, and keep their own mode. Who may not give
 * a file away keeps it his own (only the group is tried), and then setuid, setgid and sticky are left out, as with `cp -p`.
 * @throws Error of lstat, chown, chmod or utimensat; Error `Cannot copy attributes to "…": …` when the two are not of one type
 */
export function copyAttributes(source: BytePath, target: BytePath): void {
  const wanted = lstatSync(toBuffer(source), { bigint: true });
  const found = lstatSync(toBuffer(target), { bigint: true });
  if ((wanted.mode & fileTypeBits) !== (found.mode & fileTypeBits)) {
    throw new Error(
      `Cannot copy attributes to "${toText(target)}": it is not of the type of "${toText(source)}"`,
    );
  }
  const isOwnerSet = copyOwner(target, { wanted, found });
  if (!wanted.isSymbolicLink()) {
    setMode(target, Number(wanted.mode) & (isOwnerSet ? permissionBits : plainPermissionBits));
  }
  setTimes(target, wanted);
}

interface Pair {
  readonly wanted: BigIntStats;
  readonly found: BigIntStats;
}

/** False when the owner could not be set for want of privilege. */
function copyOwner(target: BytePath, { wanted, found }: Pair): boolean {
  if (wanted.uid === found.uid && wanted.gid === found.gid) return true;
  try {
    lchownSync(toBuffer(target), Number(wanted.uid), Number(wanted.gid));
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  try {
    lchownSync(toBuffer(target), Number(found.uid), Number(wanted.gid));
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  return false;
}

/** EINVAL: an owner that this user namespace does not know. */
function isRefusal(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPERM' || code === 'EINVAL';
}

function setMode(target: BytePath, mode: number): void {
  if (fchmodat(at.cwd, toCString(target), mode, at.noFollow) === 0) return;
  const errno = lastErrno();
  // glibc before 2.32 does not know the flag.
  if (errno !== constants.errno.EOPNOTSUPP) throw systemError('fchmodat', errno);
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fsConstants;
  const fd = openSync(toBuffer(target), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

function setTimes(target: BytePath, { atimeNs, mtimeNs }: BigIntStats): void {
  const times = [atimeNs, mtimeNs].map(toTimespec);
  checked('utimensat', utimensat(at.cwd, toCString(target), times, at.noFollow));
}

/** Times before 1970 have negative seconds, and nanoseconds that count up all the same. */
function toTimespec(timeNs: bigint): { seconds: bigint; nanoseconds: bigint } {
  const nanoseconds = ((timeNs % nanosecondsPerSecond) + nanosecondsPerSecond) % nanosecondsPerSecond;
  return { seconds: (timeNs - nanoseconds) / nanosecondsPerSecond, nanoseconds };
}

function toCString(path: BytePath): Buffer {
  return Buffer.from(`${path}\0`, 'latin1');
}
