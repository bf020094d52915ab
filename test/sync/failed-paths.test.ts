// Which paths are tried again when after a partial failure, and which are named as failed.

import { describe, expect, it } from 'vitest';
import type { Batch, Delay } from '../../src/queue/delay.ts';
import { createFailedPaths, type FailedPaths, type FailureNews } from '../../src/sync/failed-paths.ts';

function delay(path: string, more: Partial<Delay> = {}): Delay {
  return { kind: 'Modify', path, status: 'active', dueMs: 0, whole: false, ...more };
}

function changes(...paths: readonly (string | Delay)[]): Batch {
  return { moves: [], changes: paths.map((path) => (typeof path === 'string' ? delay(path) : path)) };
}

function move(path: string, movedTo: string): Batch {
  return { moves: [delay(path, { kind: 'Move', movedTo })], changes: [] };
}

const create = (): FailedPaths => createFailedPaths({ maxRetries: 5, random: () => 0 });

function count(failed: FailedPaths, ...paths: readonly string[]): FailureNews {
  return failed.count(changes(...paths), { reason: 'no', nowMs: 0 });
}

/** Failed once. */
function failing(...paths: readonly string[]): FailedPaths {
  const failed = create();
  count(failed, ...paths);
  return failed;
}

const pathsOf = ({ problems }: FailedPaths): readonly string[] =>
  problems.map((line) => line.replace(/^(trying again|failed) (.*) \(\d+ (try|tries)\): no$/, '$2'));

describe('failed paths', () => {
  it('a path is tried again with pauses that grow to five minutes, for ever, and named after six tries', () => {
    const failed = create();
    const pauses: number[] = [];
    const named: string[] = [];
    for (let tries = 1; tries <= 11; tries++) {
      const news = count(failed, '/a');
      expect(news.fresh).toBe(tries === 1 ? 1 : 0);
      pauses.push(news.notBeforeMs('/a'));
      named.push(...news.named.map((path) => `${path} after ${tries}`));
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((seconds) => seconds * 1000));
    expect(named).toEqual(['/a after 6']);
  });

  it('a pause is longer by up to a fifth, and ends together with those beside it', () => {
    const failed = createFailedPaths({ maxRetries: 5, random: () => 0.999 });
    for (let tries = 1; tries < 6; tries++) count(failed, '/a');
    const news = failed.count(changes('/a'), { reason: 'no', nowMs: 17 });
    expect(news.notBeforeMs('/a')).toBe(38_500);
  });

  it('each path has a pace of its own', () => {
    const failed = create();
    for (let tries = 1; tries < 6; tries++) count(failed, '/old');
    const { fresh, named, notBeforeMs } = count(failed, '/old', '/new', '/d/');
    expect([fresh, named]).toEqual([2, ['/old']]);
    expect(['/old', '/new', '/d/'].map(notBeforeMs)).toEqual([32_000, 1000, 1000]);
  });

  it('what is there as a file and as a directory is counted once', () => {
    const failed = failing('/a', '/a/');
    expect(failed.problems).toEqual(['trying again /a (1 try): no']);
  });

  it('the status has each with its own reason', () => {
    const failed = create();
    const whys = new Map([['/d', 'cannot make it']]);
    for (let tries = 1; tries <= 6; tries++)
      failed.count(changes('/d/'), { whys, reason: 'rsync', nowMs: 0 });
    failed.count(changes('/f'), { whys, reason: 'rsync', nowMs: 0 });
    expect(failed.problems).toEqual([
      'failed /d (6 tries): cannot make it',
      'trying again /f (1 try): rsync',
    ]);
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
    const failed = failing(path);
    failed.clear(batch);
    expect(pathsOf(failed)).toEqual(left);
  });

  it('what remained of a directory that was sent whole has not arrived; the rest has', () => {
    const failed = failing('/d/f', '/d/g', '/e');
    const arrived = failed.clear(changes(delay('/d/', { whole: true })), changes('/d/f'));
    expect(arrived).toBe(1);
    expect(pathsOf(failed)).toEqual(['/d/f', '/e']);
    expect(count(failed, '/d/f').notBeforeMs('/d/f')).toBe(2000);
  });

  it('a full sync clears all', () => {
    const failed = failing('/a', '/b');
    expect(failed.clearAll()).toBe(2);
    expect(failed.problems).toEqual([]);
  });

  it('tries are counted from the start again for what has arrived', () => {
    const failed = failing('/a');
    count(failed, '/a');
    failed.clear(changes('/a'));
    expect(count(failed, '/a').notBeforeMs('/a')).toBe(1000);
  });

  it('of very many only ten thousand are known by name, and a thousand shown', () => {
    const failed = create();
    const names = Array.from({ length: 10_500 }, (_, index) => `/${index}`);
    for (let tries = 1; tries <= 6; tries++) {
      const { fresh, named, notBeforeMs } = count(failed, ...names);
      expect(fresh).toBe(tries === 1 ? 10_000 : 0);
      expect(named).toHaveLength(tries === 6 ? 10_001 : 0);
      expect(notBeforeMs('/10400')).toBe(1000 * 2 ** (tries - 1));
    }
    expect(failed.problems).toHaveLength(1002);
    expect(failed.problems.slice(-2)).toEqual([
      'and 9000 paths more could not be sent',
      'failed many paths more (6 tries): no',
    ]);
    failed.clear(changes(...names));
    expect(failed.problems).toEqual([]);
  });
});
