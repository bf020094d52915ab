// Linux's inotify, poll and eventfd, as thin as they can be: descriptors are numbers, paths are bytes. What the events mean is
// the business of src/watch/. Source of every number: <sys/inotify.h>, <poll.h>, <sys/eventfd.h> of Linux.

import type { BytePath } from '../byte-path.ts';
import { checked, lastErrno, libc, systemError } from './libc.ts';
import { pathArgument } from './path-argument.ts';

/** Bits of an event's mask, and of a watch's mask; names as in inotify(7). */
export const inotifyBits = {
  modify: 0x2,
  attrib: 0x4,
  closeWrite: 0x8,
  movedFrom: 0x40,
  movedTo: 0x80,
  create: 0x100,
  delete: 0x200,
  deleteSelf: 0x400,
  moveSelf: 0x800,
  unmount: 0x2000,
  overflow: 0x4000,
  ignored: 0x8000,
  onlyDirectory: 0x1000000,
  dontFollow: 0x2000000,
  maskAdd: 0x20000000,
  isDirectory: 0x40000000,
} as const;

const nonBlockAndCloseOnExec = 0o2004000;
const pollIn = 1;
const errnoOf = { interrupted: 4, tryAgain: 11 } as const;

type Inotify = ReturnType<typeof declare>;
let declared: Inotify | undefined;

/** Declared at the first use: on other systems the module can be imported, and the first call throws. */
function inotify(): Inotify {
  declared ??= declare();
  return declared;
}

function declare() {
  return {
    init: libc.func('int inotify_init1(int flags)'),
    add: libc.func('int inotify_add_watch(int fd, const void *path, uint32_t mask)'),
    remove: libc.func('int inotify_rm_watch(int fd, int wd)'),
    eventfd: libc.func('int eventfd(unsigned int count, int flags)'),
    poll: libc.func('int poll(_Inout_ uint8_t *fds, unsigned long count, int timeoutMs)'),
    read: libc.func('long read(int fd, _Out_ uint8_t *into, size_t bytes)'),
    write: libc.func('long write(int fd, const uint8_t *from, size_t bytes)'),
    close: libc.func('int close(int fd)'),
  };
}

/**
 * A new inotify descriptor: not blocking, not inherited by children.
 * @throws Error EMFILE when the user has `fs.inotify.max_user_instances` of them, or the process too many descriptors
 */
export function openInotify(): number {
  return checked('inotify_init1', inotify().init(nonBlockAndCloseOnExec) as number);
}

/** A descriptor that becomes readable, and stays so until `clearWakeup`, after `wake`. @throws Error EMFILE */
export function openWakeup(): number {
  return checked('eventfd', inotify().eventfd(0, nonBlockAndCloseOnExec) as number);
}

/** Makes the descriptor of `openWakeup` readable. Any number of times. */
export function wake(descriptor: number): void {
  inotify().write(descriptor, new Uint8Array(new BigUint64Array([1n]).buffer), 8);
}

/** Makes it unreadable until the next `wake`. Harmless when it is. */
export function clearWakeup(descriptor: number): void {
  inotify().read(descriptor, new Uint8Array(8), 8);
}

/** Closes a descriptor of this file; an error means it was closed already, and is not said. */
export function closeDescriptor(descriptor: number): void {
  inotify().close(descriptor);
}

export interface InotifyWatch {
  /** Absolute. */
  readonly path: BytePath;
  /** Bits of `inotifyBits`. */
  readonly mask: number;
}

/** The number of the watch (> 0; the same one when the inode is watched already), or the negative errno. */
export function addInotifyWatch(descriptor: number, watch: InotifyWatch): number {
  const result = inotify().add(descriptor, pathArgument(watch.path), watch.mask) as number;
  return result === -1 ? -lastErrno() : result;
}

/** Ends a watch; false when the kernel had ended it already. */
export function removeInotifyWatch(descriptor: number, wd: number): boolean {
  return inotify().remove(descriptor, wd) === 0;
}

/**
 * Blocks the calling thread until one of two descriptors is readable; true if the second one is.
 * @param longestMs gives up after so long, and returns false; -1: never
 * @throws Error of poll(2)
 */
export function waitForEither(descriptor: number, wakeup: number, longestMs = -1): boolean {
  const fds = Buffer.alloc(16);
  fds.writeInt32LE(descriptor, 0);
  fds.writeInt16LE(pollIn, 4);
  fds.writeInt32LE(wakeup, 8);
  fds.writeInt16LE(pollIn, 12);
  while (inotify().poll(fds, 2, longestMs) === -1) {
    if (lastErrno() !== errnoOf.interrupted) throw systemError('poll');
  }
  return fds.readInt16LE(14) !== 0;
}

/** Whether there is something to read; true as well where that cannot be said. */
export function isReadable(descriptor: number): boolean {
  const fds = Buffer.alloc(8);
  fds.writeInt32LE(descriptor, 0);
  fds.writeInt16LE(pollIn, 4);
  return (inotify().poll(fds, 1, 0) as number) !== 0;
}

/** Fills `into` with whole events; how many bytes, 0 when there is nothing to read. @throws Error of read(2) */
export function readEvents(descriptor: number, into: Uint8Array): number {
  const bytes = Number(inotify().read(descriptor, into, into.byteLength));
  if (bytes !== -1) return bytes;
  const errno = lastErrno();
  if (errno === errnoOf.tryAgain || errno === errnoOf.interrupted) return 0;
  throw systemError('read', errno);
}
