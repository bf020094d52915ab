// Very many changes while the target is away: memory stays bounded, signals are answered, and all is equal after the target's return.
// The long form: TSYNCD_WAITING_FILES=1000000, with TMPDIR on a disk or tmpfs that has room for two such trees.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const FILES = Number(process.env['TSYNCD_WAITING_FILES'] ?? 10_000);
const FILES_PER_DIRECTORY = 1000;
const DIRECTORIES = Math.ceil(FILES / FILES_PER_DIRECTORY);
const IS_LONG = FILES >= 1_000_000;

/** In the short form so few that directories are sent whole there too. */
const MAX_PATHS = IS_LONG ? 100_000 : FILES / 5;

/** Of the whole daemon, at its peak. */
const MAX_MEMORY_MB = 400;

/** Signals are answered within a second; on a machine that has more to do than it can, in proportion. */
const promptMs = (): number => 1000 * Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

let place: Workplace;
let daemon: RunningDaemon;

beforeEach(() => {
  place = makeWorkplace();
  mkdirSync(path('mnt'));
  for (let i = 0; i < DIRECTORIES; i++) mkdirSync(path(`src/d${i}`), { recursive: true });
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  if (failed) process.stderr.write(daemon.output().slice(-10_000));
  await daemon.stop();
  place.end(failed);
});

function path(name: string): string {
  return join(place.path, name);
}

/** Writes every file anew; now and then the daemon's output has its turn to be read. */
async function writeAll(content: string): Promise<void> {
  for (let i = 0; i < DIRECTORIES; i++) {
    for (let j = 0; j < FILES_PER_DIRECTORY; j++) writeFileSync(path(`src/d${i}/f${j}`), content);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The most memory that it ever had, megabytes. */
function peakMegabytes(): number {
  const status = readFileSync(`/proc/${daemon.child.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** As a status file says; NaN: it is not there. */
function waiting(file = 'status'): number {
  return Number(/^There are (\d+) delays$/m.exec(readText(path(file)))?.[1]);
}

/** A HUP with another name of the status file is answered when that is there. */
function writeConfig(statusFile: string): string {
  return place.write(
    'conf.lua',
    `settings { nodaemon = true, insist = true, statusFile = '${path(statusFile)}', statusInterval = 1 }
     sync { default.rsync, source = '${path('src')}', target = '${path('mnt/trg')}', delay = 1, maxPaths = ${MAX_PATHS} }\n`,
  );
}

async function elapsedMs(until: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await until;
  return Math.round(performance.now() - began);
}

it(
  `${FILES} files that change while the target is away need bounded memory, and arrive when it is back`,
  async () => {
    daemon = startDaemon({ args: ['-log', 'scarce', writeConfig('status')] });
    await waitUntil(() => waiting() === 0, { deadlineMs: 60_000, what: 'the startup' });
    renameSync(path('mnt'), path('gone'));
    await writeAll('1');
    await waitUntil(() => waiting() > 0, { deadlineMs: 60_000, what: 'what was written to wait' });
    expect(waiting()).toBeLessThanOrEqual(MAX_PATHS);
    renameSync(path('gone'), path('mnt'));
    const equalMs = await elapsedMs(
      waitUntil(() => waiting() === 0, { deadlineMs: 600_000, what: 'all to arrive' }),
    );
    expect(differences(path('src'), path('mnt/trg'))).toBe('');
    expect(daemon.output()).not.toContain('Error');

    renameSync(path('mnt'), path('gone'));
    await writeAll('2');
    await waitUntil(() => waiting() > 0, { deadlineMs: 60_000, what: 'what was written to wait' });
    writeConfig('status2');
    daemon.child.kill('SIGHUP');
    const hupMs = await elapsedMs(
      waitUntil(() => waiting('status2') >= 0, { deadlineMs: 30_000, what: 'an answer to HUP' }),
    );
    const written = writeAll('3');
    await waitUntil(() => waiting('status2') > 0, { deadlineMs: 60_000, what: 'more to wait' });
    const peak = Math.round(peakMegabytes());
    daemon.child.kill('SIGTERM');
    const termMs = await elapsedMs(daemon.exited);
    await written;
    const figures = { peak, equalMs, hupMs, termMs };
    process.stdout.write(`${FILES} files: ${JSON.stringify(figures)}\n`);
    expect(peak).toBeLessThan(MAX_MEMORY_MB);
    expect(hupMs).toBeLessThan(promptMs());
    expect(termMs).toBeLessThan(promptMs());
  },
  IS_LONG ? 1_800_000 : 120_000,
);
