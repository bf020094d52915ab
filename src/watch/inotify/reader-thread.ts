// The thread that keeps the kernel's event queue empty: waits, reads, posts the bytes, nothing else. It knows no paths.
// Started by reader.ts, which wakes it to end it (a thread blocked in read(2) could not be ended by anything).

import { parentPort, workerData } from 'node:worker_threads';
import { readEvents, waitForEither } from '../../os/inotify.ts';
import { readClocks } from './file-times.ts';
import type { ReaderThreadData, ReadEvents } from './reader.ts';

/** Room for some 2,000 events; one event needs 272 bytes at most. */
const readBytes = 64 * 1024;
const largestEventBytes = 272;

const { inotify, wakeup, backlog, backlogLimitBytes, openedAt } = workerData as ReaderThreadData;
const unhandledBytes = new Int32Array(backlog);
const into = new Uint8Array(readBytes);

/** Above the limit the kernel's own queue fills and overflows, which is said and repaired; our memory is not. */
function waitForRoom(): void {
  for (let bytes = Atomics.load(unhandledBytes, 0); bytes > backlogLimitBytes;) {
    Atomics.wait(unhandledBytes, 0, bytes);
    bytes = Atomics.load(unhandledBytes, 0);
  }
}

let emptiedAt = openedAt;

while (!waitForEither(inotify, wakeup)) {
  const now = readClocks();
  const bytes = readEvents(inotify, into);
  if (bytes > 0) {
    const events = into.slice(0, bytes);
    Atomics.add(unhandledBytes, 0, bytes);
    parentPort?.postMessage({ events, emptiedAt } satisfies ReadEvents, [events.buffer]);
  }
  if (bytes + largestEventBytes <= readBytes) emptiedAt = now;
  waitForRoom();
}
