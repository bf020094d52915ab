// What lies under a path: its type, size, times and identity. Batches ask for thousands.

import { constants, lstatSync, type BigIntStats } from 'node:fs';
import { constants as system } from 'node:os';
import { toBuffer, type BytePath } from '../byte-path.ts';
import { deviceOf, s64At, statx, STATX_BASIC_STATS, STATX_BTIME, statxField, u16At, u32At } from './statx.ts';

/** Since 1970; nanoseconds from 0 to 999,999,999, also before 1970. */
export interface FileTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export interface EntryFields {
  /** Type and permissions, as `st_mode`. */
  readonly mode: number;
  /** Bytes; exact up to 2^53. */
  readonly size: number;
  /** Device and inode tell what exists at one time apart. */
  readonly device: number;
  readonly inode: number;
  readonly mtime: FileTime;
  readonly ctime: FileTime;
  /** 0 where the file system does not keep it. */
  readonly birth: FileTime;
}

const NS_PER_SECOND = 1_000_000_000n;

export class EntryStatus implements EntryFields {
  readonly mode: number;
  readonly size: number;
  readonly device: number;
  readonly inode: number;
  readonly mtime: FileTime;
  readonly ctime: FileTime;
  readonly birth: FileTime;

  constructor({ mode, size, device, inode, mtime, ctime, birth }: EntryFields) {
    this.mode = mode;
    this.size = size;
    this.device = device;
    this.inode = inode;
    this.mtime = mtime;
    this.ctime = ctime;
    this.birth = birth;
  }

  /** S_IFREG and the like. */
  get type(): number {
    return this.mode & constants.S_IFMT;
  }

  get mtimeNs(): bigint {
    return BigInt(this.mtime.seconds) * NS_PER_SECOND + BigInt(this.mtime.nanoseconds);
  }

  isDirectory(): boolean {
    return this.type === constants.S_IFDIR;
  }

  isFile(): boolean {
    return this.type === constants.S_IFREG;
  }

  isSymbolicLink(): boolean {
    return this.type === constants.S_IFLNK;
  }
}

const { ENOENT, ENOSYS, ENOTDIR } = system.errno;

/**
 * Of what lies there, a symlink itself; undefined when nothing does: ENOENT, ENOTDIR.
 * @throws Error of lstat(2)
 */
export function statusOf(path: BytePath): EntryStatus | undefined {
  const errno = statxErrno(path);
  if (errno === 0) return answered();
  if (errno === ENOENT || errno === ENOTDIR) return undefined;
  return statusByNode(path);
}

/** Some sandboxes refuse statx (EPERM, ENOSYS), other systems do not have it: Node knows another way. */
export function statusByNode(path: BytePath): EntryStatus | undefined {
  try {
    return fromStats(lstatSync(toBuffer(path), { bigint: true }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

let hasStatx = true;

function statxErrno(path: BytePath): number {
  if (!hasStatx) return ENOSYS;
  try {
    return statx(path, STATX_BASIC_STATS | STATX_BTIME);
  } catch {
    hasStatx = false;
    return ENOSYS;
  }
}

function answered(): EntryStatus {
  return new EntryStatus({
    mode: u16At(statxField.mode),
    size: s64At(statxField.size),
    device: deviceOf(),
    inode: s64At(statxField.inode),
    mtime: timeAt(statxField.mtime),
    ctime: timeAt(statxField.ctime),
    birth: timeAt(statxField.btime),
  });
}

const NANOSECONDS_OFFSET = 8;

function timeAt(offset: number): FileTime {
  return { seconds: s64At(offset), nanoseconds: u32At(offset + NANOSECONDS_OFFSET) };
}

function fromStats(stats: BigIntStats): EntryStatus {
  return new EntryStatus({
    mode: Number(stats.mode),
    size: Number(stats.size),
    device: Number(stats.dev),
    inode: Number(stats.ino),
    mtime: toFileTime(stats.mtimeNs),
    ctime: toFileTime(stats.ctimeNs),
    birth: toFileTime(stats.birthtimeNs),
  });
}

function toFileTime(ns: bigint): FileTime {
  const nanoseconds = ((ns % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  return { seconds: Number((ns - nanoseconds) / NS_PER_SECOND), nanoseconds: Number(nanoseconds) };
}
