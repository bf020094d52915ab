// flock(2).

import { constants } from 'node:os';
import { lastErrno, libc, systemError } from './libc.ts';

const flock = libc.func('int flock(int fd, int operation)');

/** The same on Linux, macOS and FreeBSD. */
const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Locks the file for this open descriptor alone, without waiting; the lock ends when the descriptor (and every copy of it) is closed.
 * @returns false when somebody else has it locked
 * @throws Error of flock(2), e.g. ENOLCK on a file system without locks
 */
export function tryLockExclusive(fd: number): boolean {
  for (;;) {
    if (flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
    const errno = lastErrno();
    if (errno === constants.errno.EWOULDBLOCK) return false;
    if (errno !== constants.errno.EINTR) throw systemError('flock', errno);
  }
}
