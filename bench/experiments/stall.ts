// How long the main thread is busy at a stretch while 100,000 changes come in, are made a batch, sent, and forgotten. A probe in the
// daemon (stall-probe.ts) measures it with Node's own histogram of its event loop.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Experiment, Readings, Run } from '../experiment.ts';
import { changeFiles, isChanged, makeFiles, secondsUntilAll, treeNames } from '../files.ts';
import { quoted } from '../place.ts';
import { isIdle } from '../process-use.ts';
import { becomesTrue, pause } from '../waiting.ts';
import { holdingRsync } from './queue.ts';

const COUNT = 100_000;
const LOT = 2000;
const PROBE = new URL('../stall-probe.js', import.meta.url).href;

async function measure(run: Run): Promise<Readings> {
  const { place } = run;
  const names = treeNames(run.size(COUNT), 1000);
  makeFiles(place.source, names);
  const rsync = `{ binary = ${quoted(holdingRsync(place))} }`;
  const report = place.file('stall');
  const daemon = place.start('tsyncd', [place.sync('default.rsync', { delay: '1', rsync })], {
    NODE_OPTIONS: `--import=${PROBE}`,
    TSYNCD_BENCH_STALL_REPORT: report,
  });
  const longestMs = async (): Promise<number> => {
    rmSync(report, { force: true });
    process.kill(daemon.pid, 'SIGUSR2');
    if (!(await becomesTrue(() => existsSync(report), { deadlineMs: 10_000 })))
      throw new Error('Cannot measure: the probe says nothing');
    return Number(readFileSync(report, 'latin1'));
  };
  await daemon.logs('finished');
  await isIdle(daemon.pid, { quietMs: 300, deadlineMs: 60_000 });
  makeFiles(place.source, ['first']);
  await becomesTrue(() => existsSync(place.file('busy')), { deadlineMs: 20_000 });
  // What came before is not of interest.
  await longestMs();
  for (let done = 0; done < names.length; done += LOT) {
    changeFiles(place.source, names.slice(done, done + LOT));
    await pause(20);
  }
  await isIdle(daemon.pid, { quietMs: 300, deadlineMs: 60_000 });
  const queueing = await longestMs();
  place.release();
  const arrival = { names, has: isChanged, limitSeconds: 120 };
  if ((await secondsUntilAll(place.target, performance.now(), arrival)) === undefined)
    throw new Error('Cannot trust the row: not all was sent');
  await isIdle(daemon.pid, { quietMs: 300, deadlineMs: 60_000 });
  const sending = await longestMs();
  await place.compare();
  return { values: { 'stall-queueing': queueing, 'stall-sending': sending } };
}

export const stallExperiments: readonly Experiment[] = [
  {
    name: 'stall',
    rounds: { tsyncd: 2, lsyncd: 0 },
    rows: [
      {
        name: 'stall-queueing',
        title: 'Longest stall of the main thread while 100,000 events queue',
        unit: 'ms',
        wanted: [{ of: 'value', atMost: 50 }],
      },
      {
        name: 'stall-sending',
        title: '… while they are sent in one batch',
        unit: 'ms',
        wanted: [{ of: 'value', atMost: 50 }],
      },
    ],
    measure,
  },
];
