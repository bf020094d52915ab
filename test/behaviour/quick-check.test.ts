// When rsync's quick check might wrongly skip a file.

import type { BigIntStats } from 'node:fs';
import { expect, it } from 'vitest';
import { createQuickCheck } from '../../src/behaviour/quick-check.ts';
import type { Seen } from '../../src/behaviour/source-state.ts';
import type { DelayKind } from '../../src/queue/delay.ts';

/** A file written at `mtime`, its inode changed at `ctime`, in seconds. */
function file(mtime: number, ctime = mtime): Seen {
  const stats = {
    mtimeNs: BigInt(mtime * 1000) * 1_000_000n,
    ctimeNs: BigInt(ctime * 1000) * 1_000_000n,
    isFile: () => true,
  };
  return { path: '/f', state: 'there', stats: stats as unknown as BigIntStats };
}

it.each<[what: string, seen: Seen, kind: DelayKind, isFooled: boolean]>([
  ['a file written before any rsync ran', file(5.5), 'Modify', false],
  ['one written in a second in which rsync ran', file(11.9), 'Modify', true],
  ['one written just before, by the late clock for files', file(9.99), 'Modify', true],
  ['one written long after', file(14), 'Modify', false],
  ['one written during an earlier rsync, sent only now', file(30.5), 'Modify', true],
  ['one between two of them', file(25), 'Modify', false],
  ['a renamed one', file(5, 25), 'Create', true],
  ['one whose attributes alone changed', file(11, 25), 'Attrib', false],
  ['nothing', { path: '/f', state: 'missing' }, 'Delete', false],
])('isFooledBy(): %s', (_what, seen, kind, isFooled) => {
  const check = createQuickCheck();
  check.ran(10_200, 12_300);
  check.ran(31_000, 31_900);
  check.ran(50_000, 50_100);
  expect(check.isFooledBy(seen, kind)).toBe(isFooled);
});

it('isFooledBy() forgets no second, however many rsyncs ran', () => {
  const check = createQuickCheck();
  for (let second = 100; second < 2000; second += 5) check.ran(second * 1000, second * 1000 + 10);
  for (let second = 100; second < 2000; second += 5)
    expect(check.isFooledBy(file(second), 'Modify')).toBe(true);
  expect(check.isFooledBy(file(98), 'Modify')).toBe(false);
  expect(check.isFooledBy(file(1993), 'Modify')).toBe(false);
});
