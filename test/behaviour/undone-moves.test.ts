// Moves that the target cannot do, in a batch with others that it can: they come back to the queue as changes, which follows them through the other
// moves.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { DelayQueue } from '../../src/queue/delay-queue.ts';
import type { FsEvent } from '../../src/watch/monitor.ts';
import { differences } from '../helpers/trees.ts';
import { makeBench, type Bench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.end());

const toMove = (path: string, movedTo: string): FsEvent => {
  return { kind: 'move', path, movedTo, overExistingDirectory: false };
};

/** A queue that has heard of this and nothing else, and a behaviour that gets its batches. */
class Work {
  readonly #queue = new DelayQueue({ delayMs: 0, maxDelays: 1000, takesMoves: true });

  hear(...events: readonly FsEvent[]): this {
    for (const event of events) this.#queue.add(event, 0);
    return this;
  }

  /** One batch; its exit code, 0 too when nothing failed but something is left. */
  async batch(): Promise<number> {
    const batch = this.#queue.take(0);
    if (batch === undefined) throw new Error('Cannot run a batch: nothing waits');
    const outcome = await bench.batch(batch);
    if (outcome.verdict === 'again') this.#queue.again(batch, outcome.remaining, 0);
    else this.#queue.done(batch);
    return outcome.verdict === 'ok' ? 0 : outcome.exitCode;
  }

  async toTheEnd(): Promise<void> {
    for (let left = 5; this.#queue.size > 0 && left > 0; left--) expect(await this.batch()).toBe(0);
    expect(this.#queue.size).toBe(0);
  }
}

it('removes what was left in a directory that was moved afterwards', async () => {
  bench = makeBench({ kind: 'direct' });
  bench.shell('mkdir d; echo 1 >d/f; echo 2 >d/g; cp -a . "$TRG/"; mkdir n; mv d/f n/f; mv d e');
  const work = new Work().hear(toMove('/d/f', '/n/f'), toMove('/d/', '/e/'));
  await work.toTheEnd();
  expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
});

it('brings what was to come into a directory that was moved afterwards', async () => {
  bench = makeBench({ kind: 'direct' });
  bench.shell('mkdir d; cp -a . "$TRG/"; echo 1 >d/f; mv d e');
  await new Work().hear(toMove('/unknown', '/d/f'), toMove('/d/', '/e/')).toTheEnd();
  expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
});

it('leaves a directory as it is into which it could not move, and that is a file by now', async () => {
  bench = makeBench({ kind: 'direct' });
  bench.shell('mkdir d; echo 1 >d/f; cp -a . "$TRG/"; mv d e; echo file >d');
  const work = new Work().hear(toMove('/unknown', '/d/g'));
  await work.toTheEnd();
  expect(existsSync(join(bench.target, 'd/f'))).toBe(true);
  await work.hear(toMove('/d/', '/e/'), { kind: 'create', path: '/d' }).toTheEnd();
  expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
});

it('sends nothing to the origin that has come there since, in a directory about to be moved', async () => {
  bench = makeBench({ kind: 'direct' });
  bench.shell('mkdir a b; echo 1 >a/f; cp -a . "$TRG/"; mv a x; mv b a; mv x b; echo 2 >c');
  // Of the swap nothing was heard yet.
  const work = new Work().hear(toMove('/b/f', '/c'));
  expect(await work.batch()).toBe(0);
  await work.hear(toMove('/a/', '/x/'), toMove('/b/', '/a/'), toMove('/x/', '/b/')).toTheEnd();
  expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
});
