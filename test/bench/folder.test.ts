// Where the bench works.

import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { benchFolder, isTmpfs } from '../../bench/folder.ts';

const GIB = 2 ** 30;

test.each([
  ['where TMPDIR says, however much memory is free', { TMPDIR: '/elsewhere' }, 100 * GIB, '/elsewhere'],
  ['in memory, if nothing is said and all fits', {}, 12 * GIB, '/dev/shm'],
  ['in memory, if TMPDIR is empty', { TMPDIR: '' }, 12 * GIB, '/dev/shm'],
  ['on the disk, if not', {}, 12 * GIB - 1, tmpdir()],
])('works %s', (_, env, free, folder) => {
  expect(benchFolder(env, () => free)).toBe(folder);
});

test('a tmpfs is told from another file system', () => {
  expect([isTmpfs('/dev/shm'), isTmpfs('/proc')]).toEqual([true, false]);
});
