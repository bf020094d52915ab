// What an event costs while it queues: files change behind an rsync that does not end, and the CPU of the daemon is read.

import { existsSync } from 'node:fs';
import type { Experiment, Readings, Run } from '../experiment.ts';
import { changeFiles, isChanged, makeFiles, secondsUntilAll, treeNames } from '../files.ts';
import { quoted, type Place } from '../place.ts';
import { cpuMsOf, isIdle, memoryMbOf } from '../process-use.ts';
import { becomesTrue } from '../waiting.ts';

const FILES_A_DIRECTORY = 1000;

/** Written at once; the kernel's queue of 16,384 events must not overflow. */
const LOT = 2000;

interface QueueOptions {
  readonly count: number;
  /** After so long what was used by then counts, and the rest is left. */
  readonly limitSeconds: number;
  /** false: the target is empty at first, and the one batch sends everything. */
  readonly hasStartupSync: boolean;
}

const SMALL: QueueOptions = { count: 10_000, limitSeconds: 60, hasStartupSync: true };
const LARGE: QueueOptions = { count: 100_000, limitSeconds: 60, hasStartupSync: true };
const HUGE: QueueOptions = { count: 1_000_000, limitSeconds: 200, hasStartupSync: false };

/** lsyncd may take very long to send what it queued, and these rows are not about that. */
const DRAIN_SECONDS = { tsyncd: 300, lsyncd: 10 } as const;

/** An rsync that holds every batch until it is told to go on; the startup goes through. */
export function holdingRsync(place: Place): string {
  return place.standInForRsync([
    'case "$*" in *--include-from*|*--files-from*)',
    `  : > "${place.file('busy')}"`,
    `  while [ ! -e "${place.file('release')}" ]; do sleep 0.05; done;;`,
    'esac',
  ]);
}

interface Queued {
  readonly cpuMs: number;
  readonly rssMb: number;
  readonly events: number;
  readonly isCutOff: boolean;
}

async function queue(run: Run, { count, limitSeconds, hasStartupSync }: QueueOptions): Promise<Queued> {
  const { place, program } = run;
  const names = treeNames(run.size(count), FILES_A_DIRECTORY);
  makeFiles(place.source, names);
  const rsync = `{ binary = ${quoted(holdingRsync(place))} }`;
  const startup = hasStartupSync ? {} : { init: 'false' };
  // Each path is to wait by itself; by default 100,000 may, and beyond that whole directories.
  const limit = count > 100_000 ? { maxPaths: String(count * 2) } : {};
  const daemon = place.start(program, [
    place.sync('default.rsync', { delay: '1', rsync, ...startup, ...limit }),
  ]);
  await daemon.logs(hasStartupSync ? 'finished' : '--- Startup ---');
  await isIdle(daemon.pid, { quietMs: 300, deadlineMs: 60_000 });
  makeFiles(place.source, ['first']);
  const isBusy = await becomesTrue(() => existsSync(place.file('busy')), { deadlineMs: 20_000 });
  if (!isBusy) throw new Error('Cannot measure: no batch began');
  await isIdle(daemon.pid, { quietMs: 200, deadlineMs: 60_000 });
  const beforeMs = cpuMsOf(daemon.pid);
  const endMs = performance.now() + limitSeconds * 1000;
  let events = 0;
  let isCutOff = false;
  while (events < names.length && !isCutOff) {
    changeFiles(place.source, names.slice(events, events + LOT));
    isCutOff = !(await isIdle(daemon.pid, { quietMs: 40, deadlineMs: endMs - performance.now() }));
    events = Math.min(events + LOT, names.length);
  }
  const queued = { cpuMs: cpuMsOf(daemon.pid) - beforeMs, rssMb: memoryMbOf(daemon.pid), events, isCutOff };
  place.release();
  if (!isCutOff) await drain(run, names);
  return queued;
}

async function drain({ place, program }: Run, names: readonly string[]): Promise<void> {
  const limitSeconds = DRAIN_SECONDS[program];
  const arrival = { names, has: isChanged, limitSeconds };
  const seconds = await secondsUntilAll(place.target, performance.now(), arrival);
  if (seconds !== undefined) await place.compare();
  else if (program === 'tsyncd')
    throw new Error(`Cannot trust the row: not all was sent in ${limitSeconds} s`);
}

/** Microseconds. */
function perEvent({ cpuMs, events }: Queued): number {
  return (cpuMs * 1000) / events;
}

export const queueExperiments: readonly Experiment[] = [
  {
    name: 'queue-10000',
    rounds: { tsyncd: 5, lsyncd: 1 },
    rows: [
      {
        name: 'queue-10000',
        title: 'CPU while 10,000 events queue behind a busy rsync',
        unit: 's',
        wanted: [{ of: 'ratio', atMost: 0.02 }],
      },
      { name: 'queue-10000-event', title: '… for each of them', unit: 'µs', wanted: [] },
    ],
    measure: async (run): Promise<Readings> => {
      const queued = await queue(run, SMALL);
      return {
        values: { 'queue-10000': queued.cpuMs / 1000, 'queue-10000-event': perEvent(queued) },
        isCutOff: queued.isCutOff,
      };
    },
  },
  {
    name: 'queue-100000',
    rounds: { tsyncd: 2, lsyncd: 0 },
    rows: [
      {
        name: 'queue-100000-event',
        title: 'CPU for each of 100,000 queued events',
        unit: 'µs',
        wanted: [
          { of: 'value', atMost: 30 },
          { of: 'growth', since: 'queue-10000-event', atMost: 1.5 },
        ],
      },
    ],
    measure: async (run) => ({ values: { 'queue-100000-event': perEvent(await queue(run, LARGE)) } }),
  },
  {
    name: 'queue-1000000',
    rounds: { tsyncd: 1, lsyncd: 0 },
    rows: [
      {
        name: 'queue-1000000-event',
        title: 'CPU for each of 1,000,000 queued events',
        unit: 'µs',
        wanted: [
          { of: 'value', atMost: 30 },
          { of: 'growth', since: 'queue-10000-event', atMost: 1.5 },
        ],
      },
      {
        name: 'queue-1000000-rss',
        title: 'RSS with 1,000,000 queued events',
        unit: 'MB',
        wanted: [{ of: 'value', atMost: 400 }],
      },
    ],
    measure: async (run) => {
      const queued = await queue(run, HUGE);
      if (queued.isCutOff) throw new Error('Cannot measure: they did not queue in time');
      return { values: { 'queue-1000000-event': perEvent(queued), 'queue-1000000-rss': queued.rssMb } };
    },
  },
];
