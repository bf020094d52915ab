// When rsync's quick check might wrongly skip a file.

import { constants } from 'node:fs';
import { expect, it } from 'vitest';
import { createQuickCheck, type QuickCheck } from '../../src/behaviour/quick-check.ts';
import type { Seen } from '../../src/behaviour/source-state.ts';
import { EntryStatus, type FileTime } from '../../src/os/entry-status.ts';
import type { DelayKind } from '../../src/queue/delay.ts';

/** A file written at `mtime`, its inode changed at `ctime`, in seconds. */
function file(mtime: number, ctime = mtime): Seen {
  const stats = new EntryStatus({
    mode: constants.S_IFREG,
    size: 1,
    device: 1,
    inode: 1,
    mtime: toFileTime(mtime),
    ctime: toFileTime(ctime),
    birth: toFileTime(0),
  });
  return { path: '/f', state: 'there', stats };
}

function toFileTime(seconds: number): FileTime {
  const whole = Math.floor(seconds);
  return { seconds: whole, nanoseconds: Math.round((seconds - whole) * 1000) * 1_000_000 };
}

interface Clocks {
  readonly check: QuickCheck;
  /** An rsync runs from … to … by the wall clock, which nobody sets. */
  readonly ran: (beganMs: number, endedMs: number) => void;
  readonly pass: (ms: number) => void;
  /** Somebody sets the wall clock. */
  readonly set: (wallMs: number) => void;
}

function make(): Clocks {
  let wallMs = 0;
  let monotonicMs = 500;
  const pass = (ms: number): void => {
    wallMs += ms;
    monotonicMs += ms;
  };
  const check = createQuickCheck(() => ({ wallMs, monotonicMs }));
  return {
    check,
    pass,
    ran(beganMs, endedMs) {
      pass(beganMs - wallMs);
      const began = check.now();
      pass(endedMs - beganMs);
      check.ranSince(began);
    },
    set: (ms) => void (wallMs = ms),
  };
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
  const { check, ran } = make();
  ran(10_200, 12_300);
  ran(31_000, 31_900);
  ran(50_000, 50_100);
  expect(check.isFooledBy(seen, kind)).toBe(isFooled);
});

it('isFooledBy() forgets no second, however many rsyncs ran', () => {
  const { check, ran } = make();
  for (let second = 100; second < 2000; second += 5) ran(second * 1000, second * 1000 + 10);
  for (let second = 100; second < 2000; second += 5)
    expect(check.isFooledBy(file(second), 'Modify')).toBe(true);
  expect(check.isFooledBy(file(98), 'Modify')).toBe(false);
  expect(check.isFooledBy(file(1993), 'Modify')).toBe(false);
});

it.each([
  { at: 80, isFooled: false },
  { at: 90, isFooled: true },
  { at: 95, isFooled: true },
  { at: 105, isFooled: true },
  { at: 106, isFooled: true },
  { at: 115, isFooled: true },
  { at: 140, isFooled: false },
])(
  'isFooledBy(): a file of second $at, when the wall clock goes from 106 to 90: $isFooled',
  ({ at, isFooled }) => {
    const { check, ran, pass, set } = make();
    ran(60_000, 60_100);
    pass(45_900);
    check.now();
    set(90_000);
    // It is noticed when it is looked at, late.
    pass(26_000);
    check.now();
    expect(check.isFooledBy(file(at), 'Modify')).toBe(isFooled);
  },
);

it('isFooledBy(): a clock that is set while an rsync runs, back or forth', () => {
  for (const wallMs of [50_000, 500_000]) {
    const { check, pass, set } = make();
    set(100_000);
    check.now();
    pass(1000);
    const began = check.now();
    set(wallMs);
    pass(2000);
    check.ranSince(began);
    for (const second of [wallMs / 1000, wallMs / 1000 + 2, 101]) {
      expect(check.isFooledBy(file(second), 'Modify'), `${second} after ${wallMs}`).toBe(true);
    }
  }
});

it('isFooledBy(): a clock that is set forward has no second twice', () => {
  const { check, ran, set } = make();
  ran(10_000, 10_100);
  set(50_000);
  ran(60_000, 60_100);
  expect(check.isFooledBy(file(55), 'Modify')).toBe(false);
});
