// The pidfile: written by every daemon that has one in its settings, locked as long as it runs, removed by nobody but its owner.

import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { MachineError } from './errors.ts';
import { tryLockExclusive } from './os/flock.ts';

export interface Pidfile {
  /** As it was given to `acquirePidfile`. */
  readonly path: string;
  /** Removes the file if it is still ours, then lets the lock go. Never throws; idempotent. */
  release(): void;
}

/** What a pidfile may hold; the rest of a longer one is not looked at. */
const maxReadBytes = 4096;
/** Each try loses only against a process that removed its pidfile in that very moment. */
const maxTries = 100;

/**
 * Writes our process number, a line feed behind it, to `path`, in place of whatever number was left there. Relative paths count from the working directory.
 * @throws MachineError when another process holds it (`Cannot lock pidfile; 'PATH' (held by process N)`), when it cannot be created
 *   (`Cannot create pidfile; 'PATH'`), is a symlink, no plain file or has other names, or holds something else than process numbers, which would be lost
 */
export function acquirePidfile(path: string): Pidfile {
  const absolute = resolve(path);
  const fd = openLocked(path, absolute);
  try {
    refuseOtherContent(path, fd);
    ftruncateSync(fd, 0);
    writeSync(fd, `${process.pid}\n`, 0);
  } catch (error) {
    closeSync(fd);
    throw error instanceof MachineError ? error : cannotCreate(path, error);
  }
  return toPidfile(path, { absolute, fd });
}

function toPidfile(
  path: string,
  { absolute, fd }: { readonly absolute: string; readonly fd: number },
): Pidfile {
  let isHeld = true;
  return {
    path,
    release: () => {
      if (!isHeld) return;
      isHeld = false;
      // Removed before the lock goes, so that nobody can lock it in between and find it removed.
      if (isStillAt(absolute, fd)) tryTo(() => unlinkSync(absolute));
      tryTo(() => closeSync(fd));
    },
  };
}

/** A file that its last owner removed between our open and our lock is a file nobody will ever find: then once more. */
function openLocked(path: string, absolute: string): number {
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    const fd = openPlain(path, absolute);
    lock(path, fd);
    if (isStillAt(absolute, fd)) return fd;
    closeSync(fd);
  }
  throw new MachineError(`Cannot lock pidfile; '${path}' (it is being replaced again and again)`);
}

function openPlain(path: string, absolute: string): number {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  let fd: number | undefined;
  try {
    // Node sets O_CLOEXEC: no child inherits the lock.
    fd = openSync(absolute, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o644);
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new Error('it is no plain file');
    // Whoever may write to the directory could give some file of ours this name too.
    if (stats.nlink > 1) throw new Error('it has other names');
    return fd;
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    throw cannotCreate(path, error);
  }
}

function lock(path: string, fd: number): void {
  let isLocked = false;
  try {
    isLocked = tryLockExclusive(fd);
    if (!isLocked) {
      const holder = /^\d+/u.exec(readStart(fd))?.[0];
      const held = holder === undefined ? 'held by another process' : `held by process ${holder}`;
      throw new MachineError(`Cannot lock pidfile; '${path}' (${held})`);
    }
  } catch (error) {
    closeSync(fd);
    if (error instanceof MachineError) throw error;
    throw new MachineError(`Cannot lock pidfile; '${path}' (${(error as Error).message})`, { cause: error });
  }
}

function isStillAt(absolute: string, fd: number): boolean {
  try {
    const ours = fstatSync(fd, { bigint: true });
    const there = lstatSync(absolute, { bigint: true, throwIfNoEntry: false });
    return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
  } catch {
    return false;
  }
}

/** A mistyped option must not cost somebody a file. lsyncd leaves the tail of a longer number behind, on a line of its own. */
function refuseOtherContent(path: string, fd: number): void {
  if (/^[\d\s]*$/u.test(readStart(fd))) return;
  throw new MachineError(`Cannot use pidfile '${path}': it holds something else than a process number`);
}

function readStart(fd: number): string {
  const bytes = Buffer.alloc(maxReadBytes);
  return bytes.toString('latin1', 0, readSync(fd, bytes, 0, maxReadBytes, 0));
}

function cannotCreate(path: string, cause: unknown): MachineError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason = code === 'ENOENT' ? '' : ` (${message})`;
  return new MachineError(`Cannot create pidfile; '${path}'${reason}`, { cause });
}

function tryTo(action: () => void): void {
  try {
    action();
  } catch {
    // It is gone already, which is what was wanted.
  }
}
