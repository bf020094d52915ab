// Which batches a sync with `batchSizeLimit` starts, and in which order.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DelayQueue } from '../../src/queue/delay-queue.ts';
import type { Batch } from '../../src/queue/delay.ts';
import { BatchFeed } from '../../src/sync/batch-feed.ts';
import { makeSpec } from './make-spec.ts';
import { recordingLog } from './recording-log.ts';

const DELAYING = 'Normal: Maximum processes for sync reached. Delaying large transfer for sync: Sync1';

describe('a feed of batches', () => {
  let source: string;
  let queue: DelayQueue;
  let feed: BatchFeed;
  let lines: string[];

  beforeEach(() => {
    source = `${mkdtempSync(join(tmpdir(), 'tsyncd-feed-'))}/`;
  });
  afterEach(() => {
    rmSync(source, { recursive: true });
  });

  /** Files named with a B have 11 bytes, the others one. */
  function create(maxProcesses: number, limit: { batchSizeLimit?: number } = { batchSizeLimit: 10 }): void {
    const recording = recordingLog();
    lines = recording.lines;
    queue = new DelayQueue({ delayMs: 0, maxDelays: 1000, takesMoves: true, settleMs: 0 });
    feed = new BatchFeed({ spec: makeSpec({ source, maxProcesses, ...limit }), queue, log: recording.log });
  }

  function write(...names: readonly string[]): void {
    for (const name of names) {
      writeFileSync(source + name, 'x'.repeat(name.includes('B') ? 11 : 1));
      queue.add({ kind: 'modify', path: `/${name}` }, 0);
    }
  }

  const take = (): Batch => {
    const batch = feed.take(0);
    if (batch === undefined) throw new Error('there is nothing');
    return batch;
  };
  const shown = (batch: Batch | undefined): string | undefined =>
    batch && [...batch.moves, ...batch.changes].map(({ path }) => path).join(' ');
  function end(batch: Batch): void {
    feed.ended(batch);
    queue.done(batch, 0);
  }

  it('gives the small files first, and beside them each big one alone', () => {
    create(4);
    write('B1', 'a', 'B2', 'b');
    expect(shown(take())).toBe('/a /b');
    expect(feed.nextDueMs()).toBe(Number.NEGATIVE_INFINITY);
    expect(shown(take())).toBe('/B1');
    expect(shown(take())).toBe('/B2');
    expect(feed.nextDueMs()).toBeUndefined();
    expect(lines).toEqual([]);
  });

  it('gives all together without a limit, and what is as big as the limit', () => {
    create(4, {});
    write('B1', 'a');
    expect(shown(take())).toBe('/B1 /a');
    create(4, { batchSizeLimit: 11 });
    write('B1', 'a');
    expect(shown(take())).toBe('/B1 /a');
  });

  it('keeps one process free of big files', () => {
    create(3);
    write('B1', 'B2', 'B3');
    const first = take();
    expect([shown(first), shown(take())]).toEqual(['/B1', '/B2']);
    expect(feed.nextDueMs()).toBeUndefined();
    expect(feed.take(0)).toBeUndefined();
    expect(lines).toEqual([DELAYING]);
    write('a');
    expect(shown(take())).toBe('/a');
    end(first);
    expect(shown(take())).toBe('/B3');
  });

  it('takes turns where there is one process', () => {
    create(1);
    write('B1', 'B2', 'a');
    const order: (string | undefined)[] = [];
    for (const more of ['b', 'c', 'd', undefined]) {
      const batch = take();
      order.push(shown(batch));
      if (more !== undefined) write(more);
      end(batch);
    }
    expect(order).toEqual(['/a', '/B1', '/b /c', '/B2']);
    expect(lines).toEqual([DELAYING]);
  });

  it('leaves a big file in the batch of a move that it meets', () => {
    create(4);
    mkdirSync(`${source}e`);
    queue.add({ kind: 'move', path: '/d/', movedTo: '/e/', overExistingDirectory: false }, 0);
    write('e/B1', 'B2', 'a');
    expect(shown(take())).toBe('/d/ /e/B1 /a');
    expect(shown(take())).toBe('/B2');
  });

  it('gives back what has not begun', () => {
    create(2);
    write('B1', 'B2', 'B3');
    const first = take();
    feed.giveBack(0);
    expect(shown(queue.take(0))).toBe('/B2 /B3');
    end(first);
    expect(feed.nextDueMs()).toBeUndefined();
  });

  it('takes what is gone, and directories, for small', () => {
    create(4, { batchSizeLimit: 1 });
    mkdirSync(`${source}d`);
    queue.add({ kind: 'create', path: '/d/' }, 0);
    queue.add({ kind: 'delete', path: '/gone', movedOut: false }, 0);
    expect(shown(take())).toBe('/d/ /gone');
    expect(feed.nextDueMs()).toBeUndefined();
  });
});
