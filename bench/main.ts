// `npm run bench`: tsyncd and the installed lsyncd on the same work. See docs/performance.md.

import { writeFileSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Experiment } from './experiment.ts';
import { latencyExperiments } from './experiments/latency.ts';
import { queueExperiments } from './experiments/queue.ts';
import { quietExperiments } from './experiments/quiet.ts';
import { stallExperiments } from './experiments/stall.ts';
import { startExperiments } from './experiments/start.ts';
import { targetExperiments } from './experiments/targets.ts';
import { transferExperiments } from './experiments/transfer.ts';
import { treeExperiments } from './experiments/tree.ts';
import { benchFolder } from './folder.ts';
import { describeMachine, toSentence } from './machine.ts';
import { toMarkdown, toTextTable } from './render.ts';
import { toResults } from './result.ts';
import { endExperiments, runExperiments } from './run-experiments.ts';

/** What has the most rounds last: some of them are what is not run when the time is over. */
const EXPERIMENTS: readonly Experiment[] = [
  ...startExperiments,
  ...latencyExperiments,
  ...transferExperiments,
  ...treeExperiments,
  ...quietExperiments,
  ...stallExperiments,
  ...queueExperiments,
  ...targetExperiments,
];

const HELP = `npm run bench [-- OPTIONS]
  --only ROW[,ROW]   these rows (and those that are measured along with them)
  --rounds N         at most so many rounds of each
  --at-least N       at least so many rounds of each; the whole with 5 takes some 60 minutes
  --minutes N        no round begins after so long (default 18)
  --quick            a tenth of the work: says only that all works
  --markdown         print the table as Markdown
  --json FILE        where the readings go (default bench-results.json)
  --list             the names of the rows
It works in TMPDIR; if that is not set in /dev/shm, or where that has no 12 GB, in the directory for temporary files.
`;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '100' },
    'at-least': { type: 'string', default: '1' },
    minutes: { type: 'string', default: '18' },
    quick: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    json: { type: 'string', default: 'bench-results.json' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void endExperiments().finally(() => process.exit(130)));

if (options.help) writeSync(1, HELP);
else if (options.list) writeSync(1, `${EXPERIMENTS.flatMap(rowNames).join('\n')}\n`);
else process.exitCode = await main();

/** 0 when every row that was run is as right and as fast as wanted, 1 when one is not right. */
async function main(): Promise<number> {
  const folder = benchFolder();
  const machine = describeMachine(folder);
  const rows = await runExperiments(chosen(options.only), {
    folder,
    minRounds: numberOf('at-least'),
    maxRounds: numberOf('rounds'),
    deadlineMs: performance.now() + numberOf('minutes') * 60_000,
    isQuick: options.quick,
    programs: machine.lsyncd === undefined ? ['tsyncd'] : ['tsyncd', 'lsyncd'],
    say: (text) => writeSync(2, `${text}\n`),
  });
  const results = toResults(rows);
  const note = options.quick ? ' A quick run: a tenth of the work, the figures say nothing.' : '';
  writeSync(1, `${toSentence(machine)}.${note}\n\n`);
  writeSync(1, options.markdown ? toMarkdown(results) : toTextTable(results));
  writeFileSync(
    options.json,
    `${JSON.stringify({ machine, isQuick: options.quick, results, rows }, undefined, 2)}\n`,
  );
  await endExperiments();
  return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

/** @throws RangeError for a name that no row has */
function chosen(only: string | undefined): readonly Experiment[] {
  if (only === undefined) return EXPERIMENTS;
  const names = only.split(',');
  const unknown = names.find(
    (name) => !EXPERIMENTS.some((experiment) => rowNames(experiment).includes(name)),
  );
  if (unknown !== undefined) throw new RangeError(`Cannot run "${unknown}": no such row, see --list`);
  return EXPERIMENTS.filter((experiment) => rowNames(experiment).some((name) => names.includes(name)));
}

function rowNames({ rows }: Experiment): readonly string[] {
  return rows.map(({ name }) => name);
}

/** @throws RangeError when it is none */
function numberOf(option: 'at-least' | 'rounds' | 'minutes'): number {
  const number = Number(options[option]);
  if (!(number > 0))
    throw new RangeError(`Cannot use --${option} "${options[option]}": expected a number > 0`);
  return number;
}
