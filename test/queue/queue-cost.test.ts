// What an event costs does not depend on how many wait. Counted, not timed: how often each piece of the queue's code runs.

import { Session } from 'node:inspector/promises';
import { expect, test } from 'vitest';
import { landings, touchedByMoves } from '../../src/after-moves.ts';
import { DelayQueue } from '../../src/queue/delay-queue.ts';
import type { Delay } from '../../src/queue/delay.ts';
import type { FsEvent } from '../../src/watch/monitor.ts';

/** How many pieces of code (functions, branches, bodies of loops) of the daemon ran in `action`. */
async function piecesRun(action: () => void): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    action();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const functions = result.filter(({ url }) => url.includes('/src/')).flatMap((script) => script.functions);
    return functions.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0);
  } finally {
    session.disconnect();
  }
}

function queueWith(waiting: number): DelayQueue {
  const queue = new DelayQueue({ delayMs: 1000, maxDelays: 1e9, takesMoves: true });
  for (let i = 0; i < waiting; i++) queue.add({ kind: 'create', path: `/d${i % 10}/e/f${i}` }, 0);
  return queue;
}

const EVENTS: readonly FsEvent[] = [
  { kind: 'create', path: '/d1/e/new' },
  { kind: 'modify', path: '/d1/e/f11' },
  { kind: 'attrib', path: '/d1/' },
  { kind: 'delete', path: '/d1/e/f21', movedOut: false },
  { kind: 'move', path: '/d1/e/f31', movedTo: '/d2/e/moved', overExistingDirectory: false },
  { kind: 'move', path: '/d3/', movedTo: '/elsewhere/', overExistingDirectory: false },
];

test.each(EVENTS)('$kind of $path costs the same, 100 waiting or 20,000', async (event) => {
  const [few, many] = [queueWith(100), queueWith(20_000)];
  const costs = [];
  for (const queue of [few, many]) {
    costs.push(
      await piecesRun(() => {
        queue.add(event, 1);
        queue.nextDueMs();
      }),
    );
  }
  const [amongFew = 0, amongMany = 0] = costs;
  expect(amongFew).toBeGreaterThan(5);
  // The shape of the tree makes a difference of a few; looking at what waits would make one of thousands.
  expect(amongMany).toBeLessThan(2 * amongFew);
});

/** Files and directories in turn, each in a directory of its own. */
function moves(count: number): readonly Delay[] {
  return Array.from({ length: count }, (_, index) => {
    const slash = index % 2 === 0 ? '/' : '';
    return {
      kind: 'Move',
      path: `/a${index}/d${slash}`,
      movedTo: `/b${index}/e${slash}`,
      status: 'active',
      dueMs: 0,
      whole: false,
    };
  });
}

test.each([
  ['landings', landings],
  ['touchedByMoves', touchedByMoves],
] as const)('%s(): each of 400 moves costs what each of 20 does', async (_name, ask) => {
  const few = await piecesRun(() => void ask(moves(20)));
  const many = await piecesRun(() => void ask(moves(400)));
  expect(few).toBeGreaterThan(50);
  expect(many).toBeLessThan(1.5 * 20 * few);
});
