// poll(2) for one descriptor, without waiting.

import koffi from 'koffi';
import { libc } from './libc.ts';

const pollfd = koffi.struct('tsyncd_pollfd', { fd: 'int', events: 'short', revents: 'short' });
const poll = libc.func('poll', 'int', [koffi.inout(koffi.pointer(pollfd)), 'unsigned long', 'int']);

/** The same on Linux, macOS and FreeBSD. */
const POLLOUT = 4;

/** True if a write to `fd` will not block: there is room, or it fails at once because nobody reads or the descriptor is closed. */
export function canWrite(fd: number): boolean {
  const request = { fd, events: POLLOUT, revents: 0 };
  return poll(request, 1, 0) !== 0;
}
