// From events into the queue: what the filter lets through, and what becomes of moves across its border.

import { describe, expect, it } from 'vitest';
import { createPathFilter } from '../../src/filter/create-path-filter.ts';
import { DelayQueue } from '../../src/queue/delay-queue.ts';
import { createIntake } from '../../src/sync/intake.ts';
import type { FsEvent } from '../../src/watch/monitor.ts';
import { recordingLog } from './recording-log.ts';

interface Setting {
  readonly excludes?: readonly string[];
  readonly splitsMoves?: boolean;
  readonly filterDependsOnPlace?: boolean;
  /** Paths below the directory that is asked for. */
  readonly below?: readonly string[];
}

/** What waits after the events, as `Kind path` or `Move path -> path`, `*` behind what is whole; and what the filter said. */
function queued(events: readonly FsEvent[], setting: Setting): { delays: string[]; lines: string[] } {
  const queue = new DelayQueue({ delayMs: 1000, maxDelays: 1000, takesMoves: true, settleMs: 0 });
  const { log, lines } = recordingLog(['Filter']);
  const rules = (setting.excludes ?? []).map((pattern) => ({ action: 'exclude', pattern }) as const);
  const filter = createPathFilter(rules);
  const take = createIntake({
    filter,
    queue,
    log,
    filterDependsOnPlace: setting.filterDependsOnPlace ?? filter.dependsOnPlace,
    splitsMoves: () => setting.splitsMoves ?? false,
    listBelow: (directory) => (setting.below ?? []).filter((path) => path.startsWith(directory)),
  });
  for (const event of events) take(event, 0);
  const delays = [...queue.entries()].map(
    ({ kind, path, movedTo, whole }) =>
      `${kind} ${path}${movedTo === undefined ? '' : ` -> ${movedTo}`}${whole ? '*' : ''}`,
  );
  return { delays: delays.toSorted(), lines };
}

function move(path: string, movedTo: string, overExistingDirectory = false): FsEvent {
  return { kind: 'move', path, movedTo, overExistingDirectory };
}

const ROWS: readonly (Setting & { name: string; events: readonly FsEvent[]; expected: readonly string[] })[] =
  [
    {
      name: 'a change that the filter lets through waits',
      events: [{ kind: 'modify', path: '/f' }],
      expected: ['Modify /f'],
    },
    {
      name: 'an excluded one does not',
      excludes: ['*.o'],
      events: [{ kind: 'modify', path: '/f.o' }],
      expected: [],
    },
    {
      name: 'nor does one below an excluded directory',
      excludes: ['skip/'],
      events: [{ kind: 'create', path: '/skip/f' }],
      expected: [],
    },
    { name: 'a move inside is a move', events: [move('/a', '/b')], expected: ['Move /a -> /b'] },
    {
      name: 'a move to an excluded name is a delete',
      excludes: ['*.o'],
      events: [move('/a', '/a.o')],
      expected: ['Delete /a'],
    },
    {
      name: 'a move from an excluded name is a create',
      excludes: ['*.o'],
      events: [move('/a.o', '/a')],
      expected: ['Create /a'],
    },
    {
      name: 'a move from one excluded name to another is nothing',
      excludes: ['*.o'],
      events: [move('/a.o', '/b.o')],
      expected: [],
    },
    {
      name: 'a directory from an excluded name comes with what is below it',
      excludes: ['/tmp/'],
      events: [move('/tmp/', '/d/')],
      below: ['/d/x', '/d/e/', '/d/e/y'],
      expected: ['Create /d/', 'Create /d/e/', 'Create /d/e/y', 'Create /d/x'],
    },
    {
      name: 'a directory over an existing one, from an excluded name, is whole',
      excludes: ['/tmp/'],
      events: [move('/tmp/', '/d/', true)],
      expected: ['Create /d/*'],
    },
    {
      name: 'a moved directory is filtered anew where the place counts',
      excludes: ['/e/secret'],
      events: [move('/d/', '/e/')],
      below: ['/e/open'],
      expected: ['Create /e/', 'Create /e/open', 'Delete /d/'],
    },
    {
      name: 'while a full sync runs a move is a delete and a create',
      splitsMoves: true,
      events: [move('/a', '/b')],
      expected: ['Create /b', 'Delete /a'],
    },
    {
      name: 'while a full sync runs a moved directory comes with what is below it',
      splitsMoves: true,
      events: [move('/d/', '/e/')],
      below: ['/e/x'],
      expected: ['Create /e/', 'Create /e/x', 'Delete /d/'],
    },
  ];

describe('intake', () => {
  it.each(ROWS)('$name', ({ events, expected, ...setting }) => {
    expect(queued(events, setting).delays).toEqual([...expected]);
  });

  it('says what it filtered', () => {
    const events: FsEvent[] = [{ kind: 'attrib', path: '/x.o' }, move('/y.o', '/y')];
    expect(queued(events, { excludes: ['*.o'] }).lines).toEqual([
      'Filter: filtered Attrib on "/x.o"',
      'Filter: filtered Move on "/y.o"',
    ]);
  });
});
