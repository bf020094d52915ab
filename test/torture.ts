// The long runs: every random test with a seed of one's choice, one after the other, as long as the promises ask for.
// npm run torture -- [--seed N] [--only NAME] [--operations N]

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

interface Choice {
  readonly seed: number;
  /** Instead of as many as usual. */
  readonly operations: number | undefined;
}

interface LongRun {
  readonly name: string;
  /** Of vitest. */
  readonly files: readonly string[];
  /** What makes them long. */
  readonly environment: (choice: Choice) => Readonly<Record<string, number>>;
}

const RUNS: readonly LongRun[] = [
  {
    name: 'queue',
    files: ['test/queue/queue-model.test.ts'],
    environment: ({ seed, operations = 100_000 }) => ({
      TSYNCD_QUEUE_SEED: seed,
      TSYNCD_QUEUE_CASES: operations,
    }),
  },
  {
    name: 'filter',
    files: ['test/filter/filter-as-rsync.test.ts'],
    environment: ({ seed, operations = 20_000 }) => ({
      TSYNCD_FILTER_SEED: seed,
      TSYNCD_FILTER_CASES: operations,
    }),
  },
  {
    name: 'churn',
    files: ['test/integration/churn.test.ts'],
    environment: ({ seed, operations = 200_000 }) => ({
      TSYNCD_CHURN_SEED: seed,
      TSYNCD_CHURN_OPERATIONS: operations,
    }),
  },
  {
    name: 'kill',
    files: ['test/integration/killed.test.ts'],
    environment: ({ seed, operations = 50 }) => ({ TSYNCD_CHURN_SEED: seed, TSYNCD_KILLS: operations }),
  },
  {
    name: 'overflow',
    files: ['test/integration/overflow.test.ts'],
    environment: ({ seed, operations = 5_000 }) => ({
      TSYNCD_CHURN_SEED: seed,
      TSYNCD_CHURN_OPERATIONS: operations,
    }),
  },
  {
    name: 'million',
    files: ['test/integration/many-waiting.test.ts'],
    environment: ({ operations = 1_000_000 }) => ({ TSYNCD_WAITING_FILES: operations }),
  },
  {
    name: 'away',
    files: ['test/integration/target-faults.test.ts', 'test/integration/clock-jump.test.ts'],
    environment: ({ operations = 60 }) => ({ TSYNCD_FAULT_SECONDS: operations }),
  },
  { name: 'faults', files: ['test/integration/faults.test.ts'], environment: () => ({}) },
];

try {
  process.exitCode = main(readChoice()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

/** @returns whether all passed */
function main(choice: Choice & { readonly runs: readonly LongRun[] }): boolean {
  const results = choice.runs.map((run) => ({ name: run.name, ...perform(run, choice) }));
  console.log(`\nseed ${choice.seed}`);
  for (const { name, hasPassed, seconds } of results) {
    console.log(`${name.padEnd(10)}${hasPassed ? 'passed' : 'FAILED'} in ${seconds} s`);
  }
  return results.every(({ hasPassed }) => hasPassed);
}

function perform({ files, environment }: LongRun, choice: Choice): { hasPassed: boolean; seconds: number } {
  const variables = Object.entries(environment(choice)).map(([key, value]) => [key, String(value)] as const);
  const words = [...variables.map((pair) => pair.join('=')), 'npx', 'vitest', 'run', ...files];
  console.log(`\n${words.join(' ')}`);
  const start = performance.now();
  const { status } = spawnSync('npx', ['vitest', 'run', ...files], {
    stdio: 'inherit',
    env: { ...process.env, TSYNCD_TEST_NO_SKIP: '1', ...Object.fromEntries(variables) },
  });
  return { hasPassed: status === 0, seconds: Math.round((performance.now() - start) / 1000) };
}

/** @throws Error for what is no number, and for an unknown run */
function readChoice(): Choice & { readonly runs: readonly LongRun[] } {
  const { values } = parseArgs({
    options: { seed: { type: 'string' }, only: { type: 'string' }, operations: { type: 'string' } },
  });
  const runs = RUNS.filter(({ name }) => values.only === undefined || name === values.only);
  const names = RUNS.map(({ name }) => name).join(', ');
  if (runs.length === 0) throw new Error(`Cannot run "${values.only}": expected one of ${names}`);
  const seed = toCount('seed', values.seed) ?? Math.floor(Math.random() * 1e9);
  return { seed, operations: toCount('operations', values.operations), runs };
}

function toCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`Cannot use --${name} "${text}": expected a whole number`);
  return Number(text);
}
