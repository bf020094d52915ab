// The thread that keeps the kernel's event queue empty: waits, reads, posts the bytes. While the main thread is
// busy with what it has, what comes is joined: a message for each event would cost more memory than the events.
// While the main thread sets the watches of a large tree there is little to read, and it asks for the link counts of what was watched.
// Started by reader.ts, which wakes it to post what it holds or to end (a thread blocked in read(2) could not be ended by anything).

import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { BytePath } from '../../byte-path.ts';
import { clearWakeup, inotifyBits, isReadable, readEvents, waitForEither } from '../../os/inotify.ts';
import { linkCountOf } from '../../os/link-count.ts';
import { readClocks } from './file-times.ts';
import { parseEvents } from './parse-events.ts';
import { sharedState, type ReaderThreadData, type ReadEvents } from './reader.ts';

/** Room for some 2,000 events; one event needs 272 bytes at most. */
const bufferBytes = 64 * 1024;
const largestEventBytes = 272;
/** A buffer with less room is posted: reads are not to become small. */
const leastRoomBytes = bufferBytes / 4;
/** Who makes a file mostly closes it within microseconds. Told of one by one, they would be sent twice where the delay is 0. */
const longestWriteMs = 1;

const { inotify, wakeup, shared, linkCounts, backlogLimitBytes, openedAt } = workerData as ReaderThreadData;
const state = new Int32Array(shared);
const counts = new Float64Array(linkCounts);
const { unhandledBytes, isHolding, isClosing, isOver, readsBegun, isReady, lotsGiven, lotsDone } =
  sharedState;

const held = new Uint8Array(bufferBytes);
let heldBytes = 0;
let emptiedAt = openedAt;
/** `emptiedAt` before the first of the reads that are held. */
let emptiedBeforeHeld = openedAt;

/** @returns how many bytes */
function readMore(): number {
  const now = readClocks();
  const room = held.subarray(heldBytes);
  Atomics.add(state, readsBegun, 1);
  const bytes = readEvents(inotify, room);
  if (heldBytes === 0) emptiedBeforeHeld = emptiedAt;
  heldBytes += bytes;
  if (bytes + largestEventBytes <= room.byteLength) emptiedAt = now;
  return bytes;
}

/** @param bytes of the last read */
function endsWithNewFile(bytes: number): boolean {
  if (bytes > largestEventBytes) return false;
  const mask = parseEvents(held.subarray(heldBytes - bytes, heldBytes)).at(-1)?.mask ?? 0;
  return (mask & inotifyBits.create) !== 0 && (mask & inotifyBits.isDirectory) === 0;
}

/** Reads more; of a new file the end of its write too, if that comes at once. */
function readWholeWrite(): void {
  if (!endsWithNewFile(readMore())) return;
  waitForEither(inotify, wakeup, longestWriteMs);
  if (isReadable(inotify)) readMore();
}

/** The main thread looks at `isHolding` after it has counted down, we count after we have said it: one of both sees the other. */
function postUnlessBusy(): void {
  Atomics.store(state, isHolding, heldBytes > 0 ? 1 : 0);
  const isBusy = Atomics.load(state, unhandledBytes) > 0;
  if (heldBytes === 0 || (isBusy && heldBytes + leastRoomBytes <= bufferBytes)) return;
  Atomics.store(state, isHolding, 0);
  const events = held.slice(0, heldBytes);
  Atomics.add(state, unhandledBytes, heldBytes);
  parentPort?.postMessage({ events, emptiedAt: emptiedBeforeHeld } satisfies ReadEvents, [events.buffer]);
  heldBytes = 0;
}

/** Above the limit the kernel's own queue fills and overflows, which is said and repaired; our memory is not. */
function waitForRoom(): void {
  for (let bytes = Atomics.load(state, unhandledBytes); bytes > backlogLimitBytes;) {
    Atomics.wait(state, unhandledBytes, bytes);
    bytes = Atomics.load(state, unhandledBytes);
  }
}

function hasLot(): boolean {
  return Atomics.load(state, lotsGiven) !== Atomics.load(state, lotsDone);
}

/** Of the paths of one lot. */
function countLinks(): void {
  const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
  const paths = (received?.message ?? []) as readonly BytePath[];
  for (const [index, path] of paths.entries()) {
    const { links, device } = linkCountOf(path) ?? { links: 0, device: 0 };
    counts[2 * index] = links;
    counts[2 * index + 1] = device;
  }
  Atomics.add(state, lotsDone, 1);
  Atomics.notify(state, lotsDone);
}

Atomics.store(state, isReady, 1);
for (;;) {
  if (waitForEither(inotify, wakeup)) clearWakeup(wakeup);
  if (Atomics.load(state, isClosing) === 1) break;
  if (hasLot()) countLinks();
  else readWholeWrite();
  postUnlessBusy();
  waitForRoom();
}

Atomics.store(state, isOver, 1);
Atomics.notify(state, isOver);
