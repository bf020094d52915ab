// pipe(2). Node gives its children sockets, and a socket cannot be opened by name: `echo >/dev/stderr` in a user's script fails, and a
// program that looks at its stdin finds no pipe.

import { libc, systemError } from './libc.ts';

/** <fcntl.h> of Linux. */
const O_CLOEXEC = 0o2000000;

const pipe2 = process.platform === 'linux' ? libc.func('int pipe2(_Out_ int *fds, int flags)') : undefined;

export interface Pipe {
  readonly readFd: number;
  readonly writeFd: number;
}

/**
 * A pipe whose ends no child gets unasked; undefined where there is no pipe2(2).
 * @throws Error EMFILE, ENFILE
 */
export function openPipe(): Pipe | undefined {
  if (pipe2 === undefined) return undefined;
  const ends = [0, 0];
  if (pipe2(ends, O_CLOEXEC) !== 0) throw systemError('pipe2');
  return { readFd: ends[0] ?? -1, writeFd: ends[1] ?? -1 };
}
