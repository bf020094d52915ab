// That the bench still measures; what it measures is said on a quiet machine only (docs/performance.md).

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RowResult } from '../../bench/result.ts';
import { makeWorkplace, type Workplace } from '../helpers/daemon.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let place: Workplace;

beforeEach(() => {
  place = makeWorkplace();
});

afterEach((context) => {
  place.end(context.task.result?.state === 'fail');
});

it('npm run bench reads a value of tsyncd for each row that it is asked for', { timeout: 60_000 }, () => {
  const json = `${place.path}/results.json`;
  execFileSync('npx', ['tsc', '-p', 'tsconfig.bench.json'], { cwd: root });
  const args = ['--quick', '--rounds', '1', '--only', 'start,latency-0-direct', '--json', json];
  const table = execFileSync(process.execPath, ['bench/dist/bench/main.js', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  const { results } = JSON.parse(readFileSync(json, 'utf8')) as { results: readonly RowResult[] };
  expect(results.map(({ name, failures }) => [name, failures])).toEqual([
    ['start', []],
    ['latency-0-direct', []],
  ]);
  for (const { name, tsyncd } of results) {
    expect(tsyncd?.median, name).toBeGreaterThan(0);
    expect(table).toContain(name);
  }
});
