// poll(2) for one descriptor.

import { constants } from 'node:os';
import koffi from 'koffi';
import { lastErrno, libc } from './libc.ts';

const pollfd = koffi.struct('tsyncd_pollfd', { fd: 'int', events: 'short', revents: 'short' });
const poll = libc.func('poll', 'int', [koffi.inout(koffi.pointer(pollfd)), 'unsigned long', 'int']);

/** The same on Linux, macOS and FreeBSD. */
const POLLIN = 1;
const POLLOUT = 4;
const POLLNVAL = 0x20;

/**
 * True if a write to `fd` will not block: there is room, or it fails at once because nobody reads or the descriptor is closed. `waitMs`: how
 * long to wait for that; default not at all.
 */
export function canWrite(fd: number, waitMs = 0): boolean {
  for (;;) {
    const ready = poll({ fd, events: POLLOUT, revents: 0 }, 1, waitMs) as number;
    // A signal (a child's end) cuts the wait short and says nothing of the stream.
    if (ready !== -1 || lastErrno() !== constants.errno.EINTR) return ready !== 0;
  }
}

/** What can be done with a descriptor without waiting; its end and its errors count as readable. */
export interface Readiness {
  readonly isOpen: boolean;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
}

export function readinessOf(fd: number): Readiness {
  const asked = { fd, events: POLLIN | POLLOUT, revents: 0 };
  poll(asked, 1, 0);
  const { revents } = asked;
  const isOpen = (revents & POLLNVAL) === 0;
  return { isOpen, isReadable: isOpen && (revents & ~POLLOUT) !== 0, isWritable: (revents & POLLOUT) !== 0 };
}
