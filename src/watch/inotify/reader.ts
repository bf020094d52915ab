// The one inotify descriptor of a monitor, and the thread that reads it. Bytes come out; parse-events.ts says what they are.

import { constants } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { BytePath } from '../../byte-path.ts';
import {
  addInotifyWatch,
  closeDescriptor,
  isReadable,
  openInotify,
  openWakeup,
  removeInotifyWatch,
  wake,
} from '../../os/inotify.ts';
import type { LinkCount } from '../../os/link-count.ts';
import { readClocks, type ClockReading } from './file-times.ts';

/** What the thread may be ahead of us: about 2,000,000 events. */
const defaultBacklogLimitBytes = 64 * 1024 * 1024;

/** What reader-thread.ts is started with. */
export interface ReaderThreadData {
  readonly inotify: number;
  readonly wakeup: number;
  /** Int32s at the places of `sharedState`. */
  readonly shared: SharedArrayBuffer;
  /** Two Float64s for each path of a lot: its links, 0 where they are not known, and its device. */
  readonly linkCounts: SharedArrayBuffer;
  readonly backlogLimitBytes: number;
  /** When the descriptor was opened. */
  readonly openedAt: ClockReading;
}

/** What both threads know, and where. */
export const sharedState = {
  /** Bytes posted that `handled` was not yet called for. */
  unhandledBytes: 0,
  /** 1: the thread keeps events to itself while we are busy with others, and wants to be woken when we are done. */
  isHolding: 1,
  /** 1: the thread is to end. */
  isClosing: 2,
  /** 1: the thread calls nothing of the system any more. */
  isOver: 3,
  /** How many reads the thread has begun. */
  readsBegun: 4,
  /** 1: the thread has been started, and does what it is asked for. */
  isReady: 5,
  /** How many lots of paths were given to it, to ask for their link counts. */
  lotsGiven: 6,
  /** How many of them are done. */
  lotsDone: 7,
} as const;

/** The most paths of a lot. */
export const PATHS_PER_LOT = 250;

/** A lot takes the thread about 1 ms. It may be held up: by a disk, or since it waits for us. */
const longestLotMs = 100;

/** How long the end of the process is held back for a thread that is still being started; it takes some 50 ms. */
const longestEndMs = 2000;

/** What one read gave, or several while nobody had time for them. */
export interface ReadEvents {
  /** Whole events, as inotify(7) lays them out. */
  readonly events: Uint8Array;
  /** Before the last of the earlier messages' reads that left nothing in the kernel's queue: what was said by then was read. */
  readonly emptiedAt: ClockReading;
}

export interface ReaderOptions {
  /** `handled` must be called for them when done. */
  readonly onEvents: (read: ReadEvents) => void;
  /** The thread ended though nobody had closed the reader; nothing will come any more. */
  readonly onFailure: (error: Error) => void;
  /** Default 64 MiB. */
  readonly backlogLimitBytes?: number;
}

export interface Reader {
  /** Watches a path, or widens the watch its inode has. The watch's number (> 0), or the negative errno. */
  add(path: BytePath, mask: number): number;
  /** Ends a watch; one that the kernel has ended already is no error. */
  remove(wd: number): void;
  /** For `isSilentSince`. */
  now(): number;
  /** Whether the kernel has told nothing at all since then: nothing that is watched has changed. False where that is not sure. */
  isSilentSince(then: number): boolean;
  /**
   * Has the thread ask for the link counts of these paths, beside what we do: for a large tree that is a fifth of all work.
   * @param paths `PATHS_PER_LOT` at most
   * @returns the function to call for the answer, which waits for it, and is undefined when none came; undefined when the thread is busy
   */
  countLinks(paths: readonly BytePath[]): (() => readonly (LinkCount | undefined)[] | undefined) | undefined;
  /** So many bytes of `onEvents` are dealt with. */
  handled(bytes: number): void;
  /** Whether the thread keeps the process alive. */
  keepAlive(yes: boolean): void;
  /** Ends the thread and lets both descriptors go. Idempotent; resolves when the thread has ended. */
  close(): Promise<void>;
}

/** Compiled, the thread lies beside this file. Run from TypeScript (tests), the built one is used: Node 20 runs no TypeScript. */
function threadUrl(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return new URL(
    isSource ? '../../../dist/watch/inotify/reader-thread.js' : './reader-thread.js',
    import.meta.url,
  );
}

/**
 * Opens inotify and starts the thread.
 * @throws Error EMFILE when there are no more inotify instances or descriptors; TypeError where there is no inotify
 */
export function startReader(options: ReaderOptions): Reader {
  const inotify = openInotify();
  const openedAt = readClocks();
  const wakeup = openWakeup();
  const shared = new SharedArrayBuffer(Object.keys(sharedState).length * Int32Array.BYTES_PER_ELEMENT);
  const state = new Int32Array(shared);
  const linkCounts = new SharedArrayBuffer(2 * PATHS_PER_LOT * Float64Array.BYTES_PER_ELEMENT);
  const counts = new Float64Array(linkCounts);
  const { unhandledBytes, isHolding, isClosing, isOver, readsBegun, isReady, lotsGiven, lotsDone } =
    sharedState;
  const { backlogLimitBytes = defaultBacklogLimitBytes } = options;
  const workerData: ReaderThreadData = { inotify, wakeup, shared, linkCounts, backlogLimitBytes, openedAt };
  const thread = new Worker(threadUrl(), { workerData, execArgv: [], name: 'tsyncd-inotify' });
  let closed: Promise<void> | undefined;
  let failure: Error | undefined;
  let isOpen = true;

  function handled(bytes: number): void {
    const left = Atomics.sub(state, unhandledBytes, bytes) - bytes;
    Atomics.notify(state, unhandledBytes);
    if (left <= 0 && isOpen && Atomics.load(state, isHolding) === 1) wake(wakeup);
  }

  function interrupt(): void {
    Atomics.store(state, isClosing, 1);
    Atomics.store(state, unhandledBytes, 0);
    Atomics.notify(state, unhandledBytes);
    wake(wakeup);
  }

  function countLinks(paths: readonly BytePath[]): ReturnType<Reader['countLinks']> {
    const done = Atomics.load(state, lotsDone);
    if (!isOpen || Atomics.load(state, isReady) === 0 || Atomics.load(state, lotsGiven) !== done)
      return undefined;
    thread.postMessage(paths, []);
    Atomics.add(state, lotsGiven, 1);
    wake(wakeup);
    return () =>
      Atomics.wait(state, lotsDone, done, longestLotMs) === 'timed-out'
        ? undefined
        : paths.map((_, index) => linkCountAt(counts, index));
  }

  /** process.exit() waits for the thread, which is in poll(2), and aborts where it is cut off while it loads koffi or is in a call. */
  function endWithProcess(): void {
    interrupt();
    Atomics.wait(state, isOver, 0, longestEndMs);
  }

  const ended = new Promise<void>((resolve) => {
    thread.once('exit', () => {
      process.off('exit', endWithProcess);
      isOpen = false;
      closeDescriptor(inotify);
      closeDescriptor(wakeup);
      resolve();
      if (closed === undefined) options.onFailure(failure ?? new Error('the inotify reader thread ended'));
    });
  });
  thread.on('message', (read: ReadEvents) => {
    if (closed === undefined) options.onEvents(read);
  });
  thread.on('error', (error) => {
    failure = error;
  });
  process.on('exit', endWithProcess);

  return {
    // Once closed, the number may belong to another open file.
    add: (path, mask) => (isOpen ? addInotifyWatch(inotify, { path, mask }) : -constants.errno.EBADF),
    remove: (wd) => {
      if (isOpen) removeInotifyWatch(inotify, wd);
    },
    now: () => Atomics.load(state, readsBegun),
    // What is not in the kernel's queue any more was read, and the thread has counted that before it read.
    isSilentSince: (then) => isOpen && !isReadable(inotify) && Atomics.load(state, readsBegun) === then,
    countLinks,
    handled,
    keepAlive: (yes) => {
      if (yes) thread.ref();
      else thread.unref();
    },
    close: () => {
      closed ??= (thread.ref(), interrupt(), ended);
      return closed;
    },
  };
}

function linkCountAt(counts: Float64Array, index: number): LinkCount | undefined {
  const links = counts[2 * index] ?? 0;
  return links === 0 ? undefined : { links, device: counts[2 * index + 1] ?? 0 };
}
