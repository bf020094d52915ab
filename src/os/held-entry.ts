// A directory entry held by a descriptor: what is done through it is done to that very file, whatever lies under its name by then.
// Linux has /proc/self/fd/N, which is openat(2) and its family for every call of Node. Where that is missing, names are all there is.

import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, type BigIntStats } from 'node:fs';
import { toBuffer, type BytePath } from '../byte-path.ts';

/** <fcntl.h> of Linux, the same on every architecture that Node runs on. */
const O_PATH = 0o10000000;

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/** Whether entries can be held here. */
export const canHold = process.platform === 'linux' && existsSync('/proc/self/fd');

export interface HeldEntry {
  readonly stats: BigIntStats;
  /** Leads to the entry itself. */
  readonly path: BytePath;
  /** Whether calls may follow `path`: it is a link to what is held, and not the name of something that may be a symlink. */
  readonly isHeld: boolean;
  /** Call once. */
  close(): void;
}

/** What lies under this name; a symlink itself. @throws Error of open(2) or lstat(2) */
export function holdEntry(path: BytePath): HeldEntry {
  if (canHold) return holdOpened(openSync(toBuffer(path), O_PATH | O_NOFOLLOW), path);
  const stats = lstatSync(toBuffer(path), { bigint: true });
  return { stats, path, isHeld: false, close: () => undefined };
}

/** What an open descriptor leads to; `path` is its name. `close` closes the descriptor. @throws Error of fstat(2) */
export function holdOpened(fd: number, path: BytePath): HeldEntry {
  try {
    const stats = fstatSync(fd, { bigint: true });
    return { stats, path: canHold ? pathOf(fd) : path, isHeld: canHold, close: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The path that leads to an open descriptor. Only where `canHold`. */
export function pathOf(fd: number): BytePath {
  return `/proc/self/fd/${fd}`;
}

export interface DirectoryOptions {
  /** A symlink to a directory counts as one. */
  readonly followsLinks: boolean;
}

/** A descriptor of a directory, good for nothing but going on from it; no right to read it is needed. @throws Error ENOTDIR, ENOENT, EACCES */
export function openDirectory(path: BytePath, { followsLinks }: DirectoryOptions): number {
  return openSync(toBuffer(path), O_PATH | O_DIRECTORY | (followsLinks ? 0 : O_NOFOLLOW));
}

/** A descriptor of a directory whose entries are to be read; symlinks are not followed. @throws Error ENOTDIR, ENOENT, EACCES */
export function openReadableDirectory(path: BytePath): number {
  return openSync(toBuffer(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}
