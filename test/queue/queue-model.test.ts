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
  start: 3,
  startParts: 2,
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

/** Each of the kinds of queue that syncs have, and each with barriers or without, with room or without. */
const QUEUES = [true, false].flatMap((takesMoves) =>
  [true, false].flatMap((hasBarrier) =>
    [false, true].map((isTight) => ({ takesMoves, hasBarrier, isTight })),
  ),
);

test.each(QUEUES)(
  `the target ends up equal, whatever happens ($takesMoves, $hasBarrier, $isTight; ${CASES} sequences in all, seed ${SEED})`,
  (options) => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 3, maxLength: 40, size: 'max' }), (operations) => {
        const model = new Model({ ...options, before: BEFORE });
        model.run(operations);
        model.drain();
        model.expectEqual();
      }),
      { seed: SEED, numRuns: Math.ceil(CASES / QUEUES.length) },
    );
  },
  Math.max(60_000, CASES * 60),
);

/** Sequences that once left the target unequal, as fast-check shrank them. */
const REGRESSIONS: readonly (readonly [says: string, operations: readonly Operation[]])[] = [
  [
    'two failed moves left one path, a directory of the one and a file of the other',
    [
      ['move', 0, 10, 0],
      ['rescan', 0, 0, 0],
      ['moveInOver', 1, 0, 0],
      ['deliverAll', 0, 0, 0],
      ['start', 0, 0, 0],
      ['swap', 19, 0, 0],
      ['move', 31, 30, 0],
      ['finish', 0, 0, 0],
      ['moveIn', 10, 0, 0],
      ['write', 0, 0, 0],
      ['write', 0, 0, 0],
    ],
  ],
  [
    'a moved file is in a directory that was moved in the same batch, and again before it could be compared',
    [
      ['moveInOver', 23, 9, 0],
      ['deliverAll', 0, 0, 0],
      ['swap', 1, 0, 0],
      ['deliver', 0, 0, 0],
      ['write', 0, 0, 0],
      ['start', 0, 0, 0],
      ['write', 0, 0, 0],
    ],
  ],
  [
    'a failed move of a file whose old name is a directory by then',
    [
      ['moveOut', 13, 0, 0],
      ['swap', 40, 7, 0],
      ['rescan', 0, 0, 0],
      ['start', 0, 0, 0],
      ['finish', 0, 0, 0],
      ['move', 20, 35, 0],
      ['swap', 0, 28, 0],
      ['write', 13, 0, 0],
      ['deliverAll', 0, 0, 0],
      ['start', 0, 0, 0],
      ['remove', 0, 0, 0],
      ['finish', 0, 0, 0],
      ['remove', 16, 0, 0],
    ],
  ],
  [
    'a whole directory was sent before the directory in it was heard of',
    [
      ['move', 5, 2, 0],
      ['move', 8, 5, 0],
      ['moveOut', 0, 0, 0],
      ['moveIn', 10, 0, 0],
      ['rescan', 0, 0, 0],
      ['start', 0, 0, 0],
      ['finish', 0, 0, 0],
      ['moveOut', 8, 0, 0],
    ],
  ],
  [
    'what was sent as a file is a directory where it is sent again',
    [
      ['replace', 4, 3, 0],
      ['deliver', 0, 0, 0],
      ['replace', 29, 3, 0],
      ['swap', 7, 31, 0],
      ['deliver', 0, 0, 0],
      ['deliver', 0, 0, 0],
      ['deliver', 0, 0, 0],
      ['move', 2, 12, 0],
      ['start', 0, 0, 0],
    ],
  ],
  [
    'a failed move inside a directory that a later move of the batch takes along',
    [
      ['makeDirectory', 10, 0, 0],
      ['deliver', 0, 0, 0],
      ['move', 2, 12, 0],
      ['write', 0, 0, 0],
      ['swap', 0, 1, 0],
      ['write', 0, 0, 0],
    ],
  ],
  [
    'two failed moves over one path in one batch',
    [
      ['makeDirectory', 10, 0, 0],
      ['deliver', 0, 0, 0],
      ['move', 10, 12, 0],
      ['write', 0, 0, 0],
      ['swap', 0, 7, 0],
      ['write', 0, 0, 0],
    ],
  ],
  [
    'a directory looked for where a file had taken its place',
    [
      ['changeAttributes', 4, 0, 0],
      ['swap', 4, 2, 0],
      ['deliver', 0, 0, 0],
      ['write', 0, 0, 0],
      ['start', 0, 0, 0],
    ],
  ],
  [
    'what is left of a failed move is older than the changes of its batch',
    [
      ['rescan', 0, 0, 0],
      ['remove', 0, 0, 0],
      ['write', 4, 0, 0],
      ['move', 5, 0, 0],
      ['moveIn', 17, 0, 0],
      ['move', 0, 12, 0],
      ['start', 0, 0, 0],
      ['moveOut', 7, 0, 0],
      ['finish', 0, 0, 0],
      ['move', 22, 29, 0],
      ['deliver', 0, 0, 0],
      ['start', 0, 0, 0],
      ['step', 0, 0, 0],
      ['fail', 0, 0, 0],
    ],
  ],
  [
    'what is sent again as a file has what waits below it',
    [
      ['move', 33, 20, 0],
      ['move', 19, 14, 0],
      ['move', 22, 10, 0],
      ['saveOver', 9, 0, 0],
      ['deliverAll', 0, 0, 0],
      ['move', 0, 11, 0],
      ['swap', 5, 0, 0],
      ['start', 0, 0, 0],
    ],
  ],
  [
    'a batch removes what a late move has taken away',
    [
      ['move', 0, 22, 0],
      ['swap', 35, 7, 0],
      ['deliverAll', 0, 0, 0],
      ['saveOver', 39, 0, 0],
      ['remove', 10, 0, 0],
      ['rescan', 0, 0, 0],
      ['makeDirectory', 4, 0, 0],
      ['moveIn', 6, 0, 0],
      ['remove', 7, 0, 0],
      ['deliverAll', 0, 0, 0],
      ['start', 0, 0, 0],
      ['finish', 0, 0, 0],
      ['start', 0, 0, 0],
      ['write', 0, 0, 0],
      ['move', 16, 2, 0],
    ],
  ],
  [
    'a failed move leaves a whole directory where its other end was thought to be a file',
    [
      ['move', 1, 29, 0],
      ['swap', 0, 1, 0],
      ['swap', 12, 8, 0],
      ['deliverAll', 0, 0, 0],
      ['start', 0, 0, 0],
      ['step', 0, 1, 0],
      ['step', 0, 0, 0],
      ['write', 0, 0, 0],
      ['write', 0, 0, 0],
      ['write', 0, 0, 0],
    ],
  ],
  [
    'a directory was found where a file had still to be heard to leave',
    [
      ['move', 23, 33, 0],
      ['move', 32, 32, 0],
      ['swap', 20, 0, 0],
      ['move', 28, 22, 0],
      ['move', 19, 7, 0],
      ['move', 28, 5, 0],
      ['moveIn', 40, 0, 0],
    ],
  ],
  [
    'a file moved there and back, and one from elsewhere over it, of which nobody hears',
    [
      ['moveOut', 0, 0, 0],
      ['remove', 1, 0, 0],
      ['move', 1, 23, 0],
      ['moveIn', 5, 0, 0],
      ['moveInOver', 13, 33, 0],
      ['write', 0, 0, 0],
    ],
  ],
  [
    'a moved file compared with that of another directory, as its own has moved on',
    [
      ['move', 2, 30, 0],
      ['move', 20, 31, 0],
      ['swap', 7, 8, 0],
      ['deliver', 0, 0, 0],
      ['start', 0, 0, 0],
      ['write', 0, 0, 0],
      ['write', 0, 0, 0],
      ['write', 0, 0, 0],
    ],
  ],
];

test.each(REGRESSIONS)('the target ends up equal after %s', (_, operations) => {
  for (const options of QUEUES) {
    const model = new Model({ ...options, before: BEFORE });
    model.run(operations);
    model.drain();
    model.expectEqual();
  }
});
