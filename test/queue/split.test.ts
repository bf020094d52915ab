// A batch that is split: its parts are active together and end one by one.

import { describe, expect, test } from 'vitest';
import type { Batch, Delay } from '../../src/queue/delay.ts';
import { DelayQueue } from '../../src/queue/delay-queue.ts';

const paths = (batch: Batch | undefined): readonly string[] => (batch?.changes ?? []).map(({ path }) => path);

function queueOf(...names: readonly string[]): DelayQueue {
  const queue = new DelayQueue({ delayMs: 0, maxDelays: 1000, takesMoves: true, settleMs: 0 });
  for (const path of names) queue.add({ kind: 'modify', path }, 0);
  return queue;
}

function splitEach(queue: DelayQueue, batch: Batch): readonly Batch[] {
  const parts = batch.changes.map((change: Delay) => ({ moves: [], changes: [change] }));
  queue.split(batch, parts);
  return parts;
}

describe('split()', () => {
  test('keeps every part active until it has ended', () => {
    const queue = queueOf('/a', '/b');
    const batch = queue.take(0);
    if (batch === undefined) throw new Error('nothing taken');
    const [a, b] = splitEach(queue, batch);
    if (a === undefined || b === undefined) throw new Error('no parts');
    queue.add({ kind: 'modify', path: '/a' }, 1);
    queue.add({ kind: 'modify', path: '/b' }, 1);
    expect(queue.nextDueMs()).toBeUndefined();
    queue.done(a, 2);
    expect(paths(queue.take(2))).toEqual(['/a']);
    expect(queue.take(2)).toBeUndefined();
    queue.again(b, b, 3);
    expect(paths(queue.take(3))).toEqual(['/b']);
  });

  test('ends the whole: it can be ended no more', () => {
    const queue = queueOf('/a', '/b');
    const batch = queue.take(0);
    if (batch === undefined) throw new Error('nothing taken');
    splitEach(queue, batch);
    expect(() => queue.done(batch, 1)).toThrow('not active');
    expect(() => queue.split(batch, [batch])).toThrow('not active');
    expect(queue.activeCount).toBe(2);
  });

  test('a move waits for every part that it meets', () => {
    const queue = queueOf('/d/a', '/d/b');
    const batch = queue.take(0);
    if (batch === undefined) throw new Error('nothing taken');
    const [a, b] = splitEach(queue, batch);
    if (a === undefined || b === undefined) throw new Error('no parts');
    queue.add({ kind: 'move', path: '/d/', movedTo: '/e/', overExistingDirectory: false }, 1);
    queue.done(a, 2);
    expect(queue.take(2)).toBeUndefined();
    queue.done(b, 3);
    expect(queue.take(3)?.moves.map(({ path, movedTo }) => [path, movedTo])).toEqual([['/d/', '/e/']]);
  });
});
