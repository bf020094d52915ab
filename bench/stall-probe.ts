// Loaded into a measured daemon by `--import` (experiments/stall.ts). At SIGUSR2 it writes the longest delay of the event loop since the
// last time, in milliseconds, to the file that TSYNCD_BENCH_STALL_REPORT names.

import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const RESOLUTION_MS = 2;

const report = process.env['TSYNCD_BENCH_STALL_REPORT'];
if (isMainThread && report !== undefined) watch(report);

function watch(path: string): void {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  process.on('SIGUSR2', () => {
    writeFileSync(`${path}.new`, String(delays.max / 1e6));
    renameSync(`${path}.new`, path);
    delays.reset();
  });
}
