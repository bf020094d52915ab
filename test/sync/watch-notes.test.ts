// What is said of directories that are not watched: once for each reason while it lasts; the numbers of now for the status file.

import { expect, test } from 'vitest';
import { WatchNotes } from '../../src/sync/watch-notes.ts';
import type { Unwatched } from '../../src/watch/monitor.ts';
import { makeSpec } from './make-spec.ts';
import { recordingLog } from './recording-log.ts';

const noRights = (count: number): Unwatched => ({ code: 'EACCES', path: '/secret/', count });
const noWatches = (count: number): Unwatched => ({ code: 'ENOSPC', path: '/d/', count });

test('each reason is said once, the numbers follow, and the end is said', () => {
  const { log, lines } = recordingLog();
  const notes = new WatchNotes(makeSpec({}), log);
  const note = (...unwatched: readonly Unwatched[]): void =>
    notes.noteUnwatched({ kind: 'unwatched', unwatched, watched: 10, missing: 5 });
  note(noRights(1));
  note(noRights(3));
  expect(lines).toEqual([
    'Error: Cannot watch 1 directory of Sync1 (one is "/nowhere/src/secret/"): EACCES. Until then: looked at every 60 s (rescanInterval)',
  ]);
  expect(notes.lines).toEqual(['Not watched: 3 directories (EACCES), looked at every 60 s (rescanInterval)']);
  note(noRights(3), noWatches(5));
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/no inotify watches are left: 15 directories need one; .*max_user_watches=\d+\./);
  note();
  note();
  expect(lines.slice(2)).toEqual(['Normal: Sync1: all its directories are watched again']);
  expect(notes.lines).toEqual([]);
  note(noRights(1));
  expect(lines).toHaveLength(4);
});

test('that they are not looked at is said, where that is switched off', () => {
  const { log, lines } = recordingLog();
  const notes = new WatchNotes({ ...makeSpec({}), rescanIntervalMs: undefined }, log);
  notes.noteUnwatched({ kind: 'unwatched', unwatched: [noRights(1)], watched: 1, missing: 1 });
  expect(lines[0]).toContain('changes in them are not seen (rescanInterval is off)');
});
