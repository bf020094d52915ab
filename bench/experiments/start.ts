// From the start of the program to its first rsync, on a small tree.

import { existsSync } from 'node:fs';
import type { Experiment, Readings, Run } from '../experiment.ts';
import { makeFiles, treeNames } from '../files.ts';
import { quoted } from '../place.ts';
import { becomesTrue } from '../waiting.ts';

async function measure({ place, program }: Run): Promise<Readings> {
  makeFiles(place.source, treeNames(100, 10));
  const mark = place.file('mark');
  const binary = place.standInForRsync([`: > "${mark}"`]);
  const daemon = place.start(program, [
    place.sync('default.rsync', { delay: '1', rsync: `{ binary = ${quoted(binary)} }` }),
  ]);
  if (!(await becomesTrue(() => existsSync(mark), { deadlineMs: 20_000 })))
    throw new Error('Cannot measure: no startup rsync came');
  const startMs = performance.now() - daemon.startedMs;
  await daemon.logs('finished');
  await place.compare();
  await daemon.stop();
  return { values: { start: startMs } };
}

export const startExperiments: readonly Experiment[] = [
  {
    name: 'start',
    rounds: { tsyncd: 10, lsyncd: 10 },
    rows: [
      {
        name: 'start',
        title: 'Start to startup rsync, small tree',
        unit: 'ms',
        wanted: [{ of: 'value', atMost: 250 }],
      },
    ],
    measure,
  },
];
