// Which paths are tried again after a partial failure, and which are named as failed.

import { describe, expect, it } from 'vitest';
import type { Batch, Delay } from '../../src/queue/delay.ts';
import { createFailedPaths, MAX_PARTIAL_RETRIES } from '../../src/sync/failed-paths.ts';

function delay(path: string, more: Partial<Delay> = {}): Delay {
  return { kind: 'Modify', path, status: 'active', dueMs: 0, whole: false, ...more };
}

function changes(...paths: readonly (string | Delay)[]): Batch {
  return { moves: [], changes: paths.map((path) => (typeof path === 'string' ? delay(path) : path)) };
}

function move(path: string, movedTo: string): Batch {
  return { moves: [delay(path, { kind: 'Move', movedTo })], changes: [] };
}

function giveUp(...paths: string[]): ReturnType<typeof createFailedPaths> {
  const failed = createFailedPaths();
  for (let i = 0; i <= MAX_PARTIAL_RETRIES; i++) failed.count(changes(...paths));
  return failed;
}

describe('failed paths', () => {
  it('a path is tried again five times with growing pauses, then given up', () => {
    const failed = createFailedPaths();
    const pauses: number[] = [];
    for (let i = 0; i < MAX_PARTIAL_RETRIES; i++) {
      const { retry, pauseMs, givenUp } = failed.count(changes('/a'));
      expect(retry.changes.map(({ path }) => path)).toEqual(['/a']);
      expect(givenUp).toEqual([]);
      pauses.push(pauseMs);
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000]);
    expect(failed.failed.size).toBe(0);
    const last = failed.count(changes('/a'));
    expect(last.retry.changes).toEqual([]);
    expect(last.givenUp).toEqual(['/a']);
    expect([...failed.failed]).toEqual(['/a']);
  });

  it('each path is counted for itself', () => {
    const failed = createFailedPaths();
    for (let i = 0; i < MAX_PARTIAL_RETRIES; i++) failed.count(changes('/old'));
    const { retry, pauseMs, givenUp } = failed.count(changes('/old', '/new'));
    expect(givenUp).toEqual(['/old']);
    expect(retry.changes.map(({ path }) => path)).toEqual(['/new']);
    expect(pauseMs).toBe(1000);
  });

  it('what was given up gets its tries again when it changes later', () => {
    const failed = giveUp('/a');
    expect(failed.count(changes('/a')).retry.changes).toHaveLength(1);
  });

  it('moves that remain are tried again', () => {
    const { retry } = createFailedPaths().count(move('/a', '/b'));
    expect(retry.moves).toHaveLength(1);
  });

  it.each([
    ['the path itself arrives', '/d/f', changes('/d/f'), []],
    ['another one arrives', '/d/f', changes('/d/g'), ['/d/f']],
    ['its directory gets other attributes', '/d/f', changes('/d/'), ['/d/f']],
    ['its directory is deleted', '/d/f', changes(delay('/d/', { kind: 'Delete' })), []],
    ['its directory is sent whole', '/d/f', changes(delay('/d/', { whole: true })), []],
    ['a name that begins alike is deleted', '/d/f', changes(delay('/d/f2', { kind: 'Delete' })), ['/d/f']],
    ['it is renamed', '/d/f', move('/d/f', '/g'), ['/g']],
    ['its directory is renamed', '/d/f', move('/d/', '/e/'), ['/e/f']],
    ['another one takes its place', '/d/f', move('/g', '/d/f'), []],
  ])('when %s', (_name, path, batch, left) => {
    const failed = giveUp(path);
    failed.clear(batch);
    expect([...failed.failed]).toEqual(left);
  });

  it('a full sync clears all', () => {
    const failed = giveUp('/a', '/b');
    failed.clearAll();
    expect([...failed.failed]).toEqual([]);
  });

  it('tries are counted from the start again for what has arrived', () => {
    const failed = createFailedPaths();
    failed.count(changes('/a'));
    failed.count(changes('/a'));
    failed.clear(changes('/a'));
    expect(failed.count(changes('/a')).pauseMs).toBe(1000);
  });
});
