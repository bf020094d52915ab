// A large tree: what it costs to watch it, and what each directory keeps of the memory.

import { existsSync } from 'node:fs';
import type { Experiment, ProgramName, Readings } from '../experiment.ts';
import { makeDirectories } from '../files.ts';
import { quoted, type Place, type RunningProgram } from '../place.ts';
import { cpuMsOf, isIdle, memoryMbOf, watchCountOf } from '../process-use.ts';
import { slope } from '../statistics.ts';
import { becomesTrue, pause } from '../waiting.ts';

const DIRECTORIES = 50_000;
const DEADLINE_MS = 60_000;
const MB = 2 ** 20;

interface Watched {
  readonly daemon: RunningProgram;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Some seconds after the startup, when nothing is done any more. */
  readonly rssMb: number;
}

/** The startup rsync is started when all is watched, by both programs: it marks the end of the time. */
async function watchTree(
  place: Place,
  { program, directories }: { readonly program: ProgramName; readonly directories: number },
): Promise<Watched> {
  makeDirectories(place.source, directories);
  const mark = place.file('mark');
  const binary = place.standInForRsync([`: > "${mark}"`]);
  const daemon = place.start(program, [
    place.sync('default.rsync', { delay: '1', rsync: `{ binary = ${quoted(binary)} }` }),
  ]);
  if (!(await becomesTrue(() => existsSync(mark), { deadlineMs: DEADLINE_MS })))
    throw new Error('Cannot measure: no startup rsync came');
  const wallSeconds = (performance.now() - daemon.startedMs) / 1000;
  const cpuSeconds = cpuMsOf(daemon.pid) / 1000;
  const watches = watchCountOf(daemon.pid);
  if (watches < directories) throw new Error(`Cannot trust the row: ${watches} watches, not ${directories}`);
  await daemon.logs('finished');
  await pause(3000);
  await isIdle(daemon.pid, { quietMs: 1000, deadlineMs: 30_000 });
  const rssMb = memoryMbOf(daemon.pid);
  await place.compare();
  return { daemon, wallSeconds, cpuSeconds, rssMb };
}

export const treeExperiments: readonly Experiment[] = [
  {
    name: 'watch-50000',
    rounds: { tsyncd: 5, lsyncd: 5 },
    rows: [
      {
        name: 'watch-50000',
        title: '50,000 directories: start to all watched',
        unit: 's',
        wanted: [{ of: 'ratio', atMost: 0.7 }],
      },
      {
        name: 'watch-50000-cpu',
        title: '… CPU of the daemon for it',
        unit: 's',
        wanted: [{ of: 'ratio', atMost: 1.5 }],
      },
      {
        name: 'watch-50000-rss',
        title: '… RSS when it is quiet',
        unit: 'MB',
        wanted: [{ of: 'value', atMost: 110 }],
      },
    ],
    measure: async (run): Promise<Readings> => {
      const directories = run.size(DIRECTORIES);
      const { daemon, ...watched } = await watchTree(run.place, { program: run.program, directories });
      await daemon.stop();
      return {
        values: {
          'watch-50000': watched.wallSeconds,
          'watch-50000-cpu': watched.cpuSeconds,
          'watch-50000-rss': watched.rssMb,
        },
      };
    },
  },
  {
    name: 'watch-further',
    rounds: { tsyncd: 2, lsyncd: 0 },
    rows: [
      {
        name: 'watch-further',
        title: 'Each directory from 50,000 to 100,000: RSS',
        unit: 'bytes',
        wanted: [{ of: 'value', atMost: 400 }],
      },
    ],
    measure: async (run): Promise<Readings> => {
      const { program } = run;
      const [few, many] = [run.size(DIRECTORIES), run.size(DIRECTORIES * 2)];
      const one = await watchTree(run.place, { program, directories: few });
      await one.daemon.stop();
      const other = await watchTree(run.anotherPlace(), { program, directories: many });
      return { values: { 'watch-further': slope([few, one.rssMb * MB], [many, other.rssMb * MB]) } };
    },
  },
];
