// Bugs of ours, planted into the running daemon: said with their stack, outlived where one sync can make up for it, else the end, with an exit
// code that has systemd start the daemon anew.

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  countMatches,
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let place: Workplace;
let daemon: RunningDaemon;
const path = (name: string): string => join(place.path, name);

beforeEach(() => {
  place = makeWorkplace();
  for (const folder of ['src', 'other']) {
    mkdirSync(path(folder));
    place.write(`${folder}/a.txt`, 'a\n');
  }
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  if (failed) process.stderr.write(daemon.output());
  await daemon.stop();
  place.end(failed);
});

/** A method of a class of the built daemon, which throws as soon as the file `bug` is there. `if`: what more must hold of `this` and `args`. */
interface Bug {
  readonly file: string;
  readonly of: string;
  readonly method: string;
  readonly if?: string;
}

/** The clock of the daemon goes `speed` times as fast. */
function start(bug: Bug, speed = 1): void {
  const config = place.write(
    'conf.lua',
    `settings { nodaemon = true, pidfile = '${path('pid')}', statusFile = '${path('status')}', statusInterval = 0 }
     for _, name in ipairs { 'src', 'other' } do
       sync { default.rsync, name = name, source = '${place.path}/' .. name, target = '${place.path}/trg-' .. name, delay = 0 }
     end\n`,
  );
  const url = pathToFileURL(new URL(`../../dist/${bug.file}`, import.meta.url).pathname).href;
  const planted = `
    import { existsSync } from 'node:fs';
    import { isMainThread } from 'node:worker_threads';
    if (isMainThread) {
      const { ${bug.of}: owner } = await import('${url}');
      const { value, get } = Object.getOwnPropertyDescriptor(owner.prototype, '${bug.method}');
      const isDue = (self, args) => existsSync('${path('bug')}') && (${bug.if ?? 'true'});
      function planted(...args) {
        if (isDue(this, args)) throw new Error('planted');
        return (value ?? get).apply(this, args);
      }
      Object.defineProperty(owner.prototype, '${bug.method}', value === undefined ? { get: planted } : { value: planted });
      const { setTimeout } = globalThis;
      const now = performance.now.bind(performance);
      globalThis.setTimeout = (action, ms, ...rest) => setTimeout(action, ms / ${speed}, ...rest);
      performance.now = () => now() * ${speed};
    }`;
  daemon = startDaemon({
    // Not the bundle, whose classes cannot be reached.
    program: process.execPath,
    args: [new URL('../../dist/main.js', import.meta.url).pathname, config],
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(planted)}` },
  });
}

const STACK = /a bug of ours: Error: planted\n {4}at /;

async function becomesEqual(name: string): Promise<void> {
  await waitUntil(() => differences(path(name), path(`trg-${name}`)) === '', {
    deadlineMs: 20_000,
    what: name,
  });
}

async function started(): Promise<void> {
  await daemon.saw('finished.', { times: 2 });
}

/** A bug that goes away again, once it was seen. */
async function passes(): Promise<void> {
  await daemon.saw(STACK);
  place.write('gone', '');
}

describe('is outlived by a full sync of that sync, and the others do not notice', () => {
  it.each<readonly [string, Bug]>([
    ['while an event is taken in', { file: 'queue/delay-queue.js', of: 'DelayQueue', method: 'add' }],
    ['while a batch is taken', { file: 'queue/delay-queue.js', of: 'DelayQueue', method: 'take' }],
    [
      'while it looks at what is due',
      // The other sync may still be busy with the end of its startup.
      { file: 'queue/delay-queue.js', of: 'DelayQueue', method: 'nextDueMs', if: 'self.waitingCount > 0' },
    ],
    ['while a batch is put away', { file: 'queue/delay-queue.js', of: 'DelayQueue', method: 'done' }],
  ])('%s', async (_name, bug) => {
    start({ ...bug, if: `!existsSync('${path('gone')}') && (${bug.if ?? 'true'})` });
    await started();
    place.write('bug', '');
    place.write('src/b.txt', 'b\n');
    await passes();
    await daemon.saw('recursive full rsync', { times: 3 });
    await becomesEqual('src');
    for (const name of ['src', 'other']) place.write(`${name}/c.txt`, 'c\n');
    for (const name of ['src', 'other']) await becomesEqual(name);
    expect(daemon.child.exitCode).toBeNull();
    expect(countMatches(daemon.output(), 'a bug of ours')).toBe(1);
  });

  it('in what the status file shows: it is not written, and all else goes on', async () => {
    start({ file: 'round.js', of: 'Round', method: 'status' });
    await started();
    place.write('bug', '');
    for (const name of ['b', 'c', 'd']) place.write(`src/${name}`, '');
    await daemon.saw(STACK);
    await becomesEqual('src');
    place.write('src/later', '');
    await becomesEqual('src');
    expect(countMatches(daemon.output(), 'a bug of ours')).toBe(1);
    expect(readText(path('status'))).toContain('Lsyncd status report');
  });
});

it('again and again, with nothing done between, ends the daemon: 255, and the pidfile is gone', async () => {
  start({ file: 'sync/full-sync.js', of: 'FullSync', method: 'run' }, 10);
  await started();
  place.write('bug', '');
  daemon.child.kill('SIGHUP');
  expect(await daemon.exited).toBe(255);
  expect(daemon.stderr()).toContain('ending after 5 bugs of ours with nothing done between them');
  expect(countMatches(daemon.stderr(), STACK)).toBeGreaterThanOrEqual(5);
  expect(existsSync(path('pid'))).toBe(false);
});

it('in what all syncs share ends the daemon: 255, with its stack, and the pidfile is gone', async () => {
  start({ file: 'watch/inotify/pump.js', of: 'Pump', method: 'push' });
  await started();
  place.write('bug', '');
  place.write('src/b.txt', 'b\n');
  expect(await daemon.exited).toBe(255);
  expect(daemon.stderr()).toMatch(STACK);
  expect(existsSync(path('pid'))).toBe(false);
});
