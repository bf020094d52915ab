// One source with many targets: the CPU of the daemon itself, children not counted.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment, Readings, Run } from '../experiment.ts';
import { isMade, makeFiles, secondsUntilAll, treeNames } from '../files.ts';
import { quoted } from '../place.ts';
import { cpuMsOf, isIdle } from '../process-use.ts';

const TARGETS = 100;
const CHANGES = 1000;
const LIMIT_SECONDS = 60;

async function measure(run: Run): Promise<Readings> {
  const { place, program } = run;
  const targets = Array.from({ length: run.size(TARGETS) }, (_, index) => join(place.target, String(index)));
  for (const target of targets) mkdirSync(target);
  const names = treeNames(run.size(CHANGES), 100);
  makeFiles(
    place.source,
    names.map((name) => `${name}-kept`),
  );
  const syncs = targets.map((target) => place.sync('default.rsync', { delay: '1', target: quoted(target) }));
  const daemon = place.start(program, syncs);
  await daemon.logs('finished', { times: targets.length });
  await isIdle(daemon.pid, { quietMs: 300, deadlineMs: 20_000 });
  const beforeMs = cpuMsOf(daemon.pid);
  const startedMs = performance.now();
  makeFiles(place.source, names);
  let isCutOff = false;
  for (const target of targets) {
    const arrival = { names, has: isMade, limitSeconds: LIMIT_SECONDS };
    isCutOff ||= (await secondsUntilAll(target, startedMs, arrival)) === undefined;
  }
  if (!isCutOff) {
    for (const target of targets) await place.compare(target);
    await isIdle(daemon.pid, { quietMs: 300, deadlineMs: 20_000 });
  }
  const values = { 'targets-100': (cpuMsOf(daemon.pid) - beforeMs) / 1000 };
  await daemon.stop();
  return { values, isCutOff };
}

export const targetExperiments: readonly Experiment[] = [
  {
    name: 'targets-100',
    rounds: { tsyncd: 5, lsyncd: 1 },
    rows: [
      {
        name: 'targets-100',
        title: 'One source, 100 targets, 1,000 new files: CPU of the daemon itself',
        unit: 's',
        wanted: [{ of: 'ratio', atMost: 0.3 }],
      },
    ],
    measure,
  },
];
