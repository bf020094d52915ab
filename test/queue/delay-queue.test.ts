// How an event meets what is queued, and what a batch may take: the rules as tables.

import { expect, test } from 'vitest';
import type { Combination } from '../../src/queue/combination.ts';
import type { Batch, Delay } from '../../src/queue/delay.ts';
import { DelayQueue, type DelayQueueOptions } from '../../src/queue/delay-queue.ts';
import { describeCombination } from '../../src/queue/describe-combination.ts';
import type { FsEvent } from '../../src/watch/monitor.ts';

/** `create /a`, `found /a`, `listing /d/`, `delete /d/`, `movedOut /d/`, `move /a /b`, `moveOver /a/ /b/`. */
function toEvent(line: string): FsEvent {
  const [word = '', path = '', movedTo = ''] = line.split(' ');
  switch (word) {
    case 'create':
    case 'modify':
    case 'attrib':
    case 'listing':
      return { kind: word, path };
    case 'found':
      return { kind: 'create', path, found: true };
    case 'delete':
    case 'movedOut':
      return { kind: 'delete', path, movedOut: word === 'movedOut' };
    case 'move':
    case 'moveOver':
      return { kind: 'move', path, movedTo, overExistingDirectory: word === 'moveOver' };
    default:
      throw new Error(`Cannot read event "${line}": unknown word`);
  }
}

function toLine({ kind, path, movedTo, whole, listing }: Delay): string {
  const extent = `${whole ? ' whole' : ''}${listing === true ? ' listing' : ''}`;
  return `${kind} ${path}${movedTo === undefined ? '' : ` ${movedTo}`}${extent}`;
}

function waiting(queue: DelayQueue): string[] {
  return [...queue.entries()].filter(({ status }) => status !== 'active').map(toLine);
}

function create(options: Partial<DelayQueueOptions> = {}): DelayQueue {
  return new DelayQueue({ delayMs: 1000, maxDelays: 1000, takesMoves: true, settleMs: 0, ...options });
}

function addAll(queue: DelayQueue, lines: readonly string[], nowMs = 0): Combination[] {
  return lines.flatMap((line) => queue.add(toEvent(line), nowMs));
}

function take(queue: DelayQueue, nowMs = 10_000): Batch {
  const batch = queue.take(nowMs);
  if (batch === undefined) throw new Error('Cannot take a batch: there is none');
  return batch;
}

interface Rule {
  readonly says: string;
  readonly events: readonly string[];
  readonly queued: readonly string[];
}

const CHANGES: readonly Rule[] = [
  { says: 'a modify is part of the create', events: ['create /f', 'modify /f'], queued: ['Create /f'] },
  { says: 'an attrib is part of the modify', events: ['modify /f', 'attrib /f'], queued: ['Modify /f'] },
  { says: 'a modify takes the place of the attrib', events: ['attrib /f', 'modify /f'], queued: ['Modify /f'] },
  { says: 'a directory and its path without slash are one', events: ['attrib /d/', 'create /d'], queued: ['Create /d'] },
  { says: 'a delete takes the place of what was queued', events: ['create /f', 'modify /f', 'delete /f'], queued: ['Delete /f'] },
  { says: 'a file made again is a create', events: ['delete /f', 'create /f'], queued: ['Create /f'] },
  { says: 'a change after a delete is a create', events: ['delete /f', 'attrib /f'], queued: ['Create /f'] },
  { says: 'only the topmost of what is gone', events: ['delete /d/a', 'delete /d/e/b', 'delete /d/e/', 'delete /d/'], queued: ['Delete /d/'] },
  { says: 'a delete of a file drops nothing else', events: ['create /d/', 'delete /d/a'], queued: ['Create /d/', 'Delete /d/a'] },
  { says: 'a directory made again is whole', events: ['delete /d/a', 'delete /d/', 'create /d/'], queued: ['Create /d/ whole'] },
  { says: 'a directory moved out and made again is whole', events: ['movedOut /d/', 'create /d/'], queued: ['Create /d/ whole'] },
  { says: 'what is below a whole directory is part of it', events: ['movedOut /d/', 'create /d/', 'found /d/a', 'delete /d/b'], queued: ['Create /d/ whole'] },
  { says: 'a file where a directory was', events: ['delete /x/a', 'delete /x/', 'create /x'], queued: ['Create /x'] },
  { says: 'a directory where a file was is whole', events: ['delete /x', 'create /x/', 'create /x/a'], queued: ['Create /x/ whole'] },
  { says: 'what was both goes as both', events: ['delete /x', 'create /x/', 'delete /x/'], queued: ['Delete /x/', 'Delete /x'] },
  { says: 'a change below what was to go: it is back, and unknown', events: ['delete /d/', 'modify /d/a'], queued: ['Create /d/ whole'] },
  { says: 'a delete below what was a file: it is a directory, and unknown', events: ['create /x', 'delete /x/a'], queued: ['Create /x/ whole'] },
  { says: 'the source itself is never deleted', events: ['delete /'], queued: [] },
  { says: 'a listing covers nothing below it', events: ['create /d/f', 'listing /d/', 'modify /d/e/f'], queued: ['Create /d/f', 'Modify /d/ listing', 'Modify /d/e/f'] },
  { says: 'a listing stays one when more is said of the directory', events: ['listing /d/', 'attrib /d/', 'create /d/'], queued: ['Create /d/ listing'] },
  { says: 'a listing of a directory that is gone is none', events: ['listing /d/', 'delete /d/'], queued: ['Delete /d/'] },
  { says: 'a listing of a directory made again is part of all of it', events: ['delete /d/', 'create /d/', 'listing /d/'], queued: ['Create /d/ whole'] },
  { says: 'a file where a directory was to be listed', events: ['listing /x/', 'create /x'], queued: ['Create /x'] },
  { says: 'a listing of the source itself', events: ['listing /', 'modify /f'], queued: ['Modify / listing', 'Modify /f'] },
  { says: 'attributes of the source do not cover what is in it', events: ['attrib /', 'create /f'], queued: ['Attrib /', 'Create /f'] },
]; // prettier-ignore

test.each(CHANGES)('add(): $says', ({ events, queued }) => {
  for (const takesMoves of [true, false]) {
    const queue = create({ takesMoves });
    addAll(queue, events);
    expect(waiting(queue)).toEqual(queued);
    const untold = create({ takesMoves, isTelling: () => false });
    addAll(untold, events);
    expect(waiting(untold)).toEqual(queued);
  }
});

const MOVES: readonly Rule[] = [
  { says: 'a move waits as one', events: ['move /a /b'], queued: ['Move /a /b'] },
  { says: 'a swap by three moves stays in order', events: ['move /a /t', 'move /b /a', 'move /t /b'], queued: ['Move /a /t', 'Move /b /a', 'Move /t /b'] },
  { says: 'what waits below the origin follows', events: ['modify /d/f', 'delete /d/g', 'move /d/ /e/'], queued: ['Move /d/ /e/', 'Modify /e/f', 'Delete /e/g'] },
  { says: 'what waits at the origin follows', events: ['modify /a', 'move /a /b'], queued: ['Move /a /b', 'Modify /b'] },
  { says: 'what waits at the destination is overwritten', events: ['modify /b', 'move /a /b'], queued: ['Move /a /b'] },
  { says: 'what waits below the destination is overwritten', events: ['delete /e/x', 'moveOver /d/ /e/'], queued: ['Move /d/ /e/'] },
  { says: 'a change of the old name is a new thing', events: ['move /a /b', 'create /a'], queued: ['Move /a /b', 'Create /a'] },
  { says: 'a file never sent is not moved there', events: ['create /t', 'modify /t', 'move /t /f'], queued: ['Delete /t', 'Create /f'] },
  { says: 'a directory never sent is sent whole', events: ['create /t/', 'found /t/a', 'move /t/ /d/'], queued: ['Delete /t/', 'Create /d/ whole'] },
  { says: 'two moves of one thing are one', events: ['move /a /b', 'move /b /c'], queued: ['Move /a /c', 'Delete /b'] },
  { says: 'there and back leaves what was overwritten to delete', events: ['move /a /b', 'modify /b', 'move /b /a'], queued: ['Modify /a', 'Delete /b'] },
  { says: 'there, a new one in its place, and into it', events: ['move /a/ /b/', 'create /a/', 'move /b/ /a/x/'], queued: ['Move /a/ /b/', 'Move /b/ /a/x/', 'Create /a/'] },
  { says: 'out of a directory whose content is unknown', events: ['movedOut /d/', 'create /d/', 'move /d/e/ /e/'], queued: ['Move /d/e/ /e/', 'Create /d/ whole', 'Modify /e/ whole'] },
  { says: 'into a directory that is sent whole', events: ['movedOut /d/', 'create /d/', 'modify /f', 'move /f /d/f'], queued: ['Move /f /d/f', 'Create /d/ whole'] },
  { says: 'a listing goes with its directory', events: ['listing /d/', 'move /d/ /e/'], queued: ['Move /d/ /e/', 'Modify /e/ listing'] },
  { says: 'of a file out of a directory to be listed: the target may have another', events: ['listing /d/', 'move /d/a /b'], queued: ['Move /d/a /b', 'Modify /d/ listing', 'Modify /b whole'] },
  { says: 'of a directory out of one to be listed: that one was known', events: ['listing /d/', 'move /d/a/ /b/'], queued: ['Move /d/a/ /b/', 'Modify /d/ listing'] },
  { says: 'onto itself is nothing', events: ['move /a /a'], queued: [] },
]; // prettier-ignore

test.each(MOVES)('add() of a move: $says', ({ events, queued }) => {
  const queue = create();
  addAll(queue, events);
  expect(waiting(queue)).toEqual(queued);
});

const SPLITS: readonly (Rule & { readonly lists: readonly string[] })[] = [
  { says: 'a file', events: ['move /a /b'], queued: ['Delete /a', 'Create /b'], lists: [] },
  { says: 'a directory has to be listed', events: ['move /d/ /e/'], queued: ['Delete /d/', 'Create /e/'], lists: ['/e/'] },
  { says: 'over a directory: whole, no listing', events: ['moveOver /d/ /e/'], queued: ['Delete /d/', 'Create /e/ whole'], lists: [] },
  { says: 'to where one is to be deleted: whole', events: ['movedOut /e/', 'move /d/ /e/'], queued: ['Create /e/ whole', 'Delete /d/'], lists: [] },
  { says: 'what waits below the origin is gone with it', events: ['modify /d/f', 'move /d/ /e/'], queued: ['Delete /d/', 'Create /e/'], lists: ['/e/'] },
]; // prettier-ignore

test.each(SPLITS)('add() of a move that is split: $says', ({ events, queued, lists }) => {
  const queue = create({ takesMoves: false });
  const combinations = addAll(queue, events);
  expect(waiting(queue)).toEqual(queued);
  expect(combinations.flatMap(({ needsListing = [] }) => needsListing)).toEqual(lists);
});

test('add() says nothing of a change to who does not want to know, but what has to be listed', () => {
  const queue = create({ takesMoves: false, isTelling: () => false });
  expect(addAll(queue, ['create /a', 'modify /a'])).toEqual([]);
  const lists = addAll(queue, ['move /d/ /e/']).flatMap(({ needsListing = [] }) => needsListing);
  expect(lists).toEqual(['/e/']);
});

test('add() splits a move once ten thousand wait', () => {
  const queue = create();
  for (let index = 0; index < 10_000; index++) queue.add(toEvent(`move /a${index} /b${index}`), 0);
  addAll(queue, ['move /a/ /b/']);
  expect(waiting(queue).slice(-2)).toEqual(['Delete /a/', 'Create /b/ whole']);
});

test('addWhole() sends all below, and takes in what waits there', () => {
  const queue = create();
  addAll(queue, ['modify /d/a', 'create /e']);
  queue.addWhole('/d/', 0);
  expect(waiting(queue)).toEqual(['Create /e', 'Modify /d/ whole']);
  queue.addWhole('/', 0);
  expect(waiting(queue)).toEqual(['Modify / whole']);
});

test('nextDueMs() is the delay of the oldest, not of the newest', () => {
  const queue = create();
  expect(queue.nextDueMs()).toBeUndefined();
  addAll(queue, ['create /a'], 5);
  addAll(queue, ['create /b'], 50);
  addAll(queue, ['modify /a'], 60);
  expect(queue.nextDueMs()).toBe(1005);
});

test('nextDueMs() is at once when maxDelays wait', () => {
  const queue = create({ maxDelays: 3 });
  addAll(queue, ['create /a', 'move /b /c']);
  expect(queue.nextDueMs()).toBe(1000);
  addAll(queue, ['create /d']);
  expect(queue.nextDueMs()).toBe(Number.NEGATIVE_INFINITY);
});

test('nextDueMs() does not hurry for what is blocked or held', () => {
  const queue = create({ maxDelays: 1 });
  addAll(queue, ['create /a']);
  const batch = take(queue);
  addAll(queue, ['modify /a']);
  expect(queue.nextDueMs()).toBeUndefined();
  expect(queue.take(99_999)).toBeUndefined();
  queue.again(batch, batch, 5000);
  expect(queue.nextDueMs()).toBe(5000);
  expect(queue.take(4999)).toBeUndefined();
  expect(take(queue, 5000).changes.map(toLine)).toEqual(['Create /a']);
});

test('take() gives all that waits, due or not, in order of arrival', () => {
  const queue = create();
  addAll(queue, ['create /b', 'create /a'], 0);
  addAll(queue, ['create /c', 'move /x /y'], 999);
  const batch = take(queue, 1000);
  expect([...batch.moves, ...batch.changes].map(toLine)).toEqual([
    'Move /x /y',
    'Create /b',
    'Create /a',
    'Create /c',
  ]);
  expect([queue.size, queue.activeCount, queue.waitingCount]).toEqual([4, 4, 0]);
  queue.done(batch, 1000);
  expect([queue.size, queue.activeCount, queue.waitingCount]).toEqual([0, 0, 0]);
});

const BLOCKS: readonly { readonly active: string; readonly event: string; readonly isBlocked: boolean }[] = [
  { active: 'create /d/a', event: 'modify /d/a', isBlocked: true },
  { active: 'create /d/a', event: 'attrib /d/', isBlocked: true },
  { active: 'attrib /d/', event: 'modify /d/a', isBlocked: true },
  { active: 'attrib /d/', event: 'modify /da', isBlocked: false },
  { active: 'create /d/a', event: 'create /d/b', isBlocked: false },
  { active: 'move /a /b', event: 'create /a', isBlocked: true },
  { active: 'move /a /b', event: 'modify /b', isBlocked: true },
  { active: 'modify /d/a', event: 'move /d/ /e/', isBlocked: true },
  { active: 'modify /e', event: 'move /d /e', isBlocked: true },
  { active: 'modify /e', event: 'move /d /f', isBlocked: false },
];

test.each(BLOCKS)(
  'take() while "$active" is active: "$event" blocked is $isBlocked',
  ({ active, event, isBlocked }) => {
    const queue = create();
    addAll(queue, [active]);
    const batch = take(queue);
    addAll(queue, [event]);
    const statuses = [...queue.entries()].slice(1).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([isBlocked ? 'block' : 'wait']));
    expect(queue.take(10_000) === undefined).toBe(isBlocked);
    queue.done(batch, 10_000);
    expect(isBlocked ? take(queue) : queue.nextDueMs()).toEqual(isBlocked ? expect.anything() : undefined);
  },
);

test('take() leaves a move behind a blocked one that it overlaps, and what overlaps those', () => {
  const queue = create();
  addAll(queue, ['modify /a']);
  const batch = take(queue);
  addAll(queue, ['move /a /b', 'move /b2 /b', 'move /x /y', 'create /b2', 'create /z']);
  const second = take(queue);
  expect([...second.moves, ...second.changes].map(toLine)).toEqual(['Move /x /y', 'Create /z']);
  queue.done(batch, 10_000);
  const third = take(queue);
  expect([...third.moves, ...third.changes].map(toLine)).toEqual(['Move /a /b', 'Move /b2 /b', 'Create /b2']);
});

test('done() refuses a batch that is not active', () => {
  const queue = create();
  addAll(queue, ['create /a']);
  const batch = take(queue);
  queue.done(batch, 0);
  expect(() => queue.done(batch, 0)).toThrow('not active');
});

interface Return {
  readonly says: string;
  readonly sent: readonly string[];
  /** Queued while the batch runs. */
  readonly meanwhile: readonly string[];
  /** undefined: all of it. */
  readonly remaining?: readonly string[];
  readonly queued: readonly string[];
}

const RETURNS: readonly Return[] = [
  { says: 'all comes back', sent: ['move /a /b', 'create /c'], meanwhile: [], queued: ['Move /a /b', 'Create /c'] },
  { says: 'what came meanwhile stands behind it', sent: ['create /c'], meanwhile: ['create /a'], queued: ['Create /c', 'Create /a'] },
  { says: 'nothing may remain', sent: ['create /c'], meanwhile: ['create /a'], remaining: [], queued: ['Create /a'] },
  { says: 'a newer change of the same path takes it in', sent: ['create /c'], meanwhile: ['modify /c'], queued: ['Create /c'] },
  { says: 'a newer delete stays a delete', sent: ['create /c'], meanwhile: ['delete /c'], queued: ['Delete /c'] },
  { says: 'a delete of the directory takes it in', sent: ['create /d/c'], meanwhile: ['delete /d/c', 'delete /d/'], queued: ['Delete /d/'] },
  { says: 'a directory made again while its delete ran is whole', sent: ['delete /d/'], meanwhile: ['create /d/', 'create /d/a'], queued: ['Create /d/ whole'] },
  { says: 'it follows a move that came meanwhile', sent: ['modify /d/a'], meanwhile: ['move /d/ /e/'], queued: ['Move /d/ /e/', 'Modify /e/a whole', 'Attrib /e/'] },
  { says: 'a move that comes back stands before newer moves', sent: ['move /a /b'], meanwhile: ['move /c /d'], queued: ['Move /a /b', 'Move /c /d'] },
  { says: 'it is overwritten by a move that came meanwhile', sent: ['modify /e/a'], meanwhile: ['move /d/ /e/'], queued: ['Move /d/ /e/'] },
  { says: 'a listing comes back as one', sent: ['listing /d/'], meanwhile: ['create /d/f'], queued: ['Modify /d/ listing', 'Create /d/f'] },
  { says: 'a listing that follows a move may have removed something: whole', sent: ['listing /d/'], meanwhile: ['move /d/ /e/'], queued: ['Move /d/ /e/', 'Modify /e/ whole'] },
  { says: 'a directory out of a listing that ran may be gone in part', sent: ['listing /d/'], meanwhile: ['move /d/a/ /b/'], queued: ['Move /d/a/ /b/', 'Modify /d/ listing', 'Modify /b/ whole'] },
  { says: 'a move out of it: the directory may have been removed in part', sent: ['attrib /p/'], meanwhile: ['move /p/q/ /r/'], queued: ['Move /p/q/ /r/', 'Attrib /p/', 'Modify /r/ whole'] },
  { says: 'what is left of a failed move goes on with the next', sent: ['move /a/ /b/'], meanwhile: ['move /b/ /c/'], remaining: ['Delete /a/', 'Create /b/ whole'], queued: ['Move /b/ /c/', 'Create /a/ whole', 'Create /c/ whole'] },
  { says: 'what is left of a failed move goes on with a later one of its batch', sent: ['move /x /d/f', 'move /d/ /e/'], meanwhile: [], remaining: ['Delete /x', 'Create /d/f'], queued: ['Create /x', 'Create /d/f', 'Create /e/f whole'] },
]; // prettier-ignore

test.each(RETURNS)('again(): $says', ({ sent, meanwhile, remaining, queued }) => {
  const queue = create();
  addAll(queue, sent);
  const batch = take(queue);
  addAll(queue, meanwhile);
  const changes = remaining?.map((line): Delay => {
    const [kind, path = '', whole] = line.split(' ');
    return { kind: kind as 'Create', path, whole: whole !== undefined, status: 'active', dueMs: 0 };
  });
  queue.again(batch, changes === undefined ? batch : { moves: [], changes }, 20_000);
  expect(waiting(queue)).toEqual(queued);
});

test('again() holds until its time; a newer change of the path does not wait that long', () => {
  const queue = create();
  addAll(queue, ['create /a']);
  const batch = take(queue, 0);
  queue.again(batch, batch, 5000);
  expect(queue.nextDueMs()).toBe(5000);
  addAll(queue, ['create /b', 'modify /a'], 100);
  expect(queue.nextDueMs()).toBe(1100);
  expect(take(queue, 1100).changes.map(toLine)).toEqual(['Create /b', 'Create /a']);
});

test('again() holds each path until its own time; what is new below a directory does not wait for it', () => {
  const queue = create();
  addAll(queue, ['create /a', 'movedOut /d/', 'create /d/', 'create /c']);
  const batch = take(queue, 0);
  const times = new Map([['/a', 5000], ['/d/', 9000]]); // prettier-ignore
  queue.again(batch, batch, { nowMs: 100, notBeforeMs: (path) => times.get(path) ?? 100 });
  expect(take(queue, 4999).changes.map(toLine)).toEqual(['Create /c']);
  expect(queue.nextDueMs()).toBe(5000);
  expect(take(queue, 5000).changes.map(toLine)).toEqual(['Create /a']);
  addAll(queue, ['modify /d/f'], 6000);
  expect(queue.nextDueMs()).toBe(7000);
  expect(take(queue, 7000).changes.map(toLine)).toEqual(['Create /d/ whole']);
});

test('take() gives so many changes as it is asked for, and all moves', () => {
  const queue = create();
  addAll(queue, ['move /x /y', 'create /a', 'create /b', 'create /c']);
  const batch = queue.take(2000, { maxChanges: 2 });
  expect(batch?.moves.map(toLine)).toEqual(['Move /x /y']);
  expect(batch?.changes.map(toLine)).toEqual(['Create /a', 'Create /b']);
  expect(queue.take(2000, { maxChanges: 2 })?.changes.map(toLine)).toEqual(['Create /c']);
});

interface Collapse {
  readonly says: string;
  readonly events: readonly string[];
  readonly queued: readonly string[];
}

const COLLAPSES: readonly Collapse[] = [
  { says: 'the directory with the most in it goes whole', events: ['create /a/1', 'create /b/1', 'modify /b/2', 'delete /b/3', 'create /c/1'], queued: ['Create /a/1', 'Create /c/1', 'Modify /b/ whole'] },
  { says: 'as many directories as it takes', events: ['create /a/1', 'create /a/2', 'create /b/1', 'create /b/2', 'create /b/3'], queued: ['Modify /b/ whole', 'Modify /a/ whole'] },
  { says: 'not the source itself while something else does', events: ['create /1', 'create /2', 'create /a/1', 'create /a/2', 'create /a/3'], queued: ['Create /1', 'Create /2', 'Modify /a/ whole'] },
  { says: 'the source itself when nothing else does', events: ['create /1', 'create /2', 'create /3', 'create /4', 'create /5'], queued: ['Modify / whole'] },
  { says: 'directories of one each: what holds the nearest together', events: ['create /a/x/1/f', 'create /a/x/2/f', 'create /a/y/f', 'create /b/4/f', 'create /5'], queued: ['Create /5', 'Create /b/4/f', 'Modify /a/ whole'] },
  { says: 'a directory that waits itself becomes whole', events: ['create /a/', 'create /a/1', 'create /a/2', 'create /a/3', 'create /b'], queued: ['Create /a/ whole', 'Create /b'] },
]; // prettier-ignore

test.each(COLLAPSES)('add() past maxPaths: $says', ({ events, queued }) => {
  const queue = create({ maxPaths: 4 });
  addAll(queue, events.slice(0, -1));
  expect(queue.size).toBe(4);
  addAll(queue, events.slice(-1));
  expect(waiting(queue).toSorted()).toEqual(queued.toSorted());
});

test('add() past maxPaths keeps a move of what is whole by then in doubt', () => {
  const queue = create({ maxPaths: 2 });
  addAll(queue, ['modify /d/1', 'modify /d/2', 'modify /d/3', 'move /d/1 /e']);
  expect(waiting(queue)).toEqual(['Move /d/1 /e', 'Modify /d/ whole', 'Modify /e whole']);
});

test('again() past maxPaths collapses too', () => {
  const queue = create({ maxPaths: 4 });
  addAll(queue, ['modify /a/1', 'modify /a/2', 'modify /a/3']);
  const batch = take(queue);
  addAll(queue, ['modify /b/1', 'modify /b/2']);
  queue.again(batch, batch, 10_000);
  expect(waiting(queue).toSorted()).toEqual(['Modify /a/ whole', 'Modify /b/ whole']);
});

test.each([
  {
    failed: 'attrib /p/',
    move: 'move /p/q/ /r/',
    queued: ['Move /p/q/ /r/', 'Attrib /p/', 'Modify /r/ whole'],
  },
  { failed: 'attrib /d/e/', move: 'move /d/ /f/', queued: ['Move /d/ /f/', 'Attrib /f/e/ whole'] },
])(
  'a failed "$failed" may have removed a part of what "$move" takes away later',
  ({ failed, move, queued }) => {
    const queue = create();
    addAll(queue, [failed]);
    const batch = take(queue, 1000);
    queue.again(batch, batch, 2000);
    addAll(queue, [move], 3000);
    expect(waiting(queue)).toEqual(queued);
  },
);

test('releaseHolds() lets what is held start', () => {
  const queue = create();
  addAll(queue, ['create /a', 'move /b /c']);
  const batch = take(queue);
  queue.again(batch, batch, 99_000);
  expect(queue.take(20_000)).toBeUndefined();
  queue.releaseHolds(20_000);
  expect(queue.nextDueMs()).toBeLessThanOrEqual(20_000);
  expect(take(queue, 20_000).changes.map(toLine)).toEqual(['Create /a']);
});

test('a batch that was sent is sent again below a directory that moves while it settles', () => {
  const queue = create({ settleMs: 500 });
  addAll(queue, ['modify /d/a']);
  queue.done(take(queue, 1000), 2000);
  addAll(queue, ['move /d/ /e/'], 2400);
  expect(waiting(queue)).toEqual(['Move /d/ /e/', 'Modify /e/a whole', 'Attrib /e/']);
  const settled = create({ settleMs: 500 });
  addAll(settled, ['modify /d/a']);
  settled.done(take(settled, 1000), 2000);
  addAll(settled, ['move /d/ /e/'], 2600);
  expect(waiting(settled)).toEqual(['Move /d/ /e/']);
});

test('a directory in which a move is under way, and that moves meanwhile, gets its times again at its new place', () => {
  const queue = create();
  addAll(queue, ['move /d/e/a /f/a', 'move /g/ /h/i/']);
  const batch = take(queue);
  addAll(queue, ['move /d/ /k/', 'move /f/ /l/', 'move /h/ /m/']);
  queue.done(batch);
  expect(waiting(queue)).toEqual([
    'Move /d/ /k/',
    'Move /f/ /l/',
    'Move /h/ /m/',
    'Attrib /k/e/',
    'Modify /l/a whole',
    'Attrib /l/',
    'Attrib /m/',
  ]);
});

test('a directory that appears where a batch was at work lately is whole', () => {
  const queue = create({ settleMs: 500 });
  addAll(queue, ['delete /d/']);
  queue.done(take(queue, 1000), 1000);
  addAll(queue, ['create /d/'], 1400);
  expect(waiting(queue)).toEqual(['Create /d/ whole']);
});

test.each([
  [['create /new.txt'], ['New Create: /new.txt']],
  [['create /p/', 'create /p/q/'], ['New Create: /p/', 'Create: /p/q/ blocked by Create: /p/']],
  [['create /d/', 'found /d/x'], ['New Create: /d/', 'Create creates Create on /d/x', 'Create: /d/x blocked by Create: /d/']],
  [['move /a /b'], ['New Move: /a -> /b']],
  [['create /q2', 'move /q2 /q3'], ['New Create: /q2', 'Move: /q2 -> /q3 splits on Create: /q2', 'Delete: /q2 replaces Create: /q2', 'New Create: /q3']],
  [['create /f', 'modify /f'], ['New Create: /f', 'Modify: /f absorbed by Create: /f']],
  [['delete /f', 'create /f'], ['New Delete: /f', 'Create: /f replaces Delete: /f']],
  [['modify /d/a', 'delete /d/'], ['New Modify: /d/a', 'Delete: /d/ replaces 1 delay below it']],
  [['modify /d/a', 'move /d/ /e/'], ['New Modify: /d/a', 'New Move: /d/ -> /e/', 'Move: /d/ -> /e/ takes 1 delay with it']],
  [['delete /'], ['Delete: / refused']],
  [['create /\xc3\xa4\xff'], ['New Create: /ä\ufffd']],
])('describeCombination() of %j', (events, lines) => {
  expect(addAll(create(), events).flatMap(describeCombination)).toEqual(lines);
}); // prettier-ignore

test('describeCombination() of a move that no behaviour takes', () => {
  const combinations = addAll(create({ takesMoves: false }), ['move /new.txt /renamed.txt']);
  expect(combinations.flatMap(describeCombination)).toEqual([
    'splitting Move into Delete & Create',
    'New Delete: /new.txt',
    'New Create: /renamed.txt',
  ]);
});

test('describeCombination() of what waits for an active delay', () => {
  const queue = create();
  addAll(queue, ['create /p/']);
  take(queue);
  expect(addAll(queue, ['create /p/x']).flatMap(describeCombination)).toEqual([
    'Create: /p/x blocked by Create: /p/',
  ]);
});

test('estimatedBytes grows with what waits', () => {
  const queue = create();
  expect(queue.estimatedBytes).toBe(0);
  addAll(queue, ['create /a', 'create /b', 'move /c /d']);
  const three = queue.estimatedBytes;
  queue.done(take(queue), 0);
  expect(three).toBeGreaterThan(queue.estimatedBytes);
});
