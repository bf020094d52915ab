// When the times of files tell what changed: only while the wall clock went on evenly, and where it is this machine's.

import { fromText } from '../../src/byte-path.ts';
import { hasLocalTimes, leastCtime } from '../../src/watch/inotify/file-times.ts';
import { expect, test } from 'vitest';

const then = { wallMs: 1_000_000, monotonicMs: 500 };

test.each([
  ['goes on evenly', 60_000, 60_000, 998_000],
  ['is a little off', 60_000, 59_500, 998_000],
  ['was set forward', 600_000, 60_000, undefined],
  ['was set back', -600_000, 60_000, undefined],
])('leastCtime() when the wall clock %s', (_what, wallMs, monotonicMs, least) => {
  const now = { wallMs: then.wallMs + wallMs, monotonicMs: then.monotonicMs + monotonicMs };
  expect(leastCtime(then, now)).toBe(least);
});

test('hasLocalTimes() does not trust a file system that it does not know, nor a path that is not there', () => {
  expect(hasLocalTimes(fromText('/proc/'))).toBe(false);
  expect(hasLocalTimes(fromText('/nonexistent/'))).toBe(false);
  expect(hasLocalTimes(fromText('/dev/shm/'))).toBe(true);
});
