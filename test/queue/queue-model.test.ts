// The promise of the queue: whatever happens to the source, in whatever order events and batches come, once all is quiet the
// target is what the source is, and nothing waits for ever.

import * as fc from 'fast-check';
import { test } from 'vitest';
import { Model, OPERATIONS, type Operation } from './model.ts';

const CASES = Number(process.env['TSYNCD_QUEUE_CASES'] ?? 2000);
const SEED = Number(process.env['TSYNCD_QUEUE_SEED'] ?? 20_260_717);

const BEFORE = ['/a/', '/a/a', '/a/b/', '/a/b/a', '/b/', '/b/a', '/c'];

const WEIGHTS: Readonly<Partial<Record<Operation[0], number>>> = {
  move: 5,
  deliver: 3,
  deliverAll: 2,
  start: 4,
  step: 5,
  finish: 3,
};

const index = fc.nat({ max: 40 });
const operation = fc
  .tuple(
    fc.constantFrom(...OPERATIONS.flatMap((name) => Array.from({ length: WEIGHTS[name] ?? 1 }, () => name))),
    index,
    index,
    index,
  )
  .map((parts): Operation => parts);

test.each([
  { takesMoves: true, hasBarrier: false },
  { takesMoves: true, hasBarrier: true },
  { takesMoves: false, hasBarrier: false },
  { takesMoves: false, hasBarrier: true },
])(
  `the target ends up equal, whatever happens ($takesMoves, $hasBarrier; ${CASES} sequences in all, seed ${SEED})`,
  ({ takesMoves, hasBarrier }) => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 3, maxLength: 40, size: 'max' }), (operations) => {
        const model = new Model({ takesMoves, hasBarrier, before: BEFORE });
        model.run(operations);
        model.drain();
        model.expectEqual();
      }),
      { seed: SEED, numRuns: Math.ceil(CASES / 4) },
    );
  },
  Math.max(60_000, CASES * 60),
);
