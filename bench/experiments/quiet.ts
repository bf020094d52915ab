// A daemon that has nothing to do, for a minute.

import type { Experiment, Readings, Run } from '../experiment.ts';
import { makeDirectories } from '../files.ts';
import { cpuMsOf, isIdle, memoryMbOf } from '../process-use.ts';
import { pause } from '../waiting.ts';

/** They run beside each other, since they do nothing: the readings of all rounds in one minute. */
const DAEMONS = 5;
const MINUTE_MS = 60_000;

async function measure(run: Run): Promise<Readings> {
  const { place, program } = run;
  makeDirectories(place.source, 100);
  const daemon = place.start(program, [place.sync('default.rsync', { delay: '1' })]);
  await daemon.logs('finished');
  await pause(1000);
  await isIdle(daemon.pid, { quietMs: 500, deadlineMs: 20_000 });
  const beforeMs = cpuMsOf(daemon.pid);
  await pause(run.size(MINUTE_MS));
  const cpuSeconds = (cpuMsOf(daemon.pid) - beforeMs) / 1000;
  const rssMb = memoryMbOf(daemon.pid);
  await place.compare();
  await daemon.stop();
  return { values: { 'quiet-cpu': cpuSeconds, 'quiet-rss': rssMb } };
}

export const quietExperiments: readonly Experiment[] = [
  {
    name: 'quiet',
    rounds: { tsyncd: DAEMONS, lsyncd: DAEMONS },
    areRoundsTogether: true,
    rows: [
      {
        name: 'quiet-rss',
        title: 'A quiet tree: RSS',
        unit: 'MB',
        wanted: [{ of: 'value', atMost: 75 }],
      },
      {
        name: 'quiet-cpu',
        title: '… CPU in a minute',
        unit: 's',
        wanted: [{ of: 'value', atMost: 0.02 }],
      },
    ],
    measure,
  },
];
