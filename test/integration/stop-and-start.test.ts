// TERM and HUP in every state of the daemon: the exit code, nothing left running, and equal after the next start.

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  for (const folder of ['src', 'src/d']) mkdirSync(path(folder));
  for (let i = 0; i < 20; i++) place.write(`src/d/${i}`, `${i}\n`);
  // An rsync that waits for the file `go`, then works; it tells when it was started.
  place.write(
    'slow',
    `#!/bin/sh
trap 'exit 20' TERM
echo "started $*" >>${path('children')}
while [ -d ${place.path} ] && [ ! -e ${path('go')} ]; do sleep 0.02; done
exec rsync "$@"\n`,
  );
  chmodSync(path('slow'), 0o755);
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  if (failed) process.stderr.write(daemon.output());
  place.write('go', '');
  await daemon.stop();
  place.end(failed);
});

function configOf(sync = ''): string {
  return `settings { nodaemon = true, pidfile = '${path('pid')}' }
    sync { default.rsync, source = '${path('src')}', target = '${path('trg')}', delay = 0, ${sync} }\n`;
}

function start(sync = ''): void {
  const config = place.write('conf.lua', configOf(sync));
  daemon = startDaemon({ args: [config] });
}

const slow = (): string => `rsync = { binary = '${path('slow')}' }`;

async function childRuns(times = 1): Promise<void> {
  await waitUntil(() => countMatches(readText(path('children')), 'started') === times, {
    deadlineMs: 15_000,
  });
}

async function becomesEqual(): Promise<void> {
  await waitUntil(() => existsSync(path('trg')) && differences(path('src'), path('trg')) === '', {
    deadlineMs: 15_000,
  });
}

/** Ended with this code, nothing runs any more, the pidfile is gone; the next start makes the trees equal. */
async function endsWith(exitCode: number): Promise<void> {
  expect(await daemon.exited).toBe(exitCode);
  const left = execFileSync('ps', ['-eo', 'stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(place.path) && !line.startsWith('Z'));
  expect(left).toEqual([]);
  expect(existsSync(path('pid'))).toBe(false);
  expect(daemon.output()).not.toContain('bug of ours');
  place.write('go', '');
  place.write('src/d/after', 'the next start finds it\n');
  start();
  await daemon.saw('finished.');
  expect(differences(path('src'), path('trg'))).toBe('');
  expect(await daemon.stop()).toBe(143);
}

describe('TERM', () => {
  it('during the startup rsync, twice', async () => {
    start(slow());
    await childRuns();
    daemon.child.kill('SIGTERM');
    await daemon.saw('waiting for 1 more child processes.');
    daemon.child.kill('SIGTERM');
    await endsWith(143);
  });

  it('during a batch lets it end, and what came meanwhile waits for the next start', async () => {
    place.write('go', '');
    start(slow());
    await daemon.saw('finished.');
    execFileSync('rm', [path('go')]);
    place.write('src/in-batch', 'x\n');
    await childRuns(2);
    place.write('src/later', 'y\n');
    daemon.child.kill('SIGTERM');
    await daemon.saw('waiting for 1 more child processes.');
    place.write('go', '');
    await daemon.saw('Finished a list after exitcode: 0');
    expect(readText(path('trg/in-batch'))).toBe('x\n');
    expect(existsSync(path('trg/later'))).toBe(false);
    await endsWith(143);
  });

  it('while HUP waits for a child: no other startup begins', async () => {
    start(slow());
    await childRuns();
    daemon.child.kill('SIGHUP');
    await daemon.saw('waiting for 1 more child processes.');
    daemon.child.kill('SIGTERM');
    await daemon.saw('TERM signal, fading');
    place.write('go', '');
    await daemon.exited;
    expect(countMatches(daemon.output(), '--- Startup ---')).toBe(1);
    await endsWith(143);
  });

  it('during the startup rsync after HUP', async () => {
    place.write('go', '');
    start(slow());
    await daemon.saw('finished.');
    execFileSync('rm', [path('go')]);
    daemon.child.kill('SIGHUP');
    await childRuns(2);
    daemon.child.kill('SIGTERM');
    await daemon.saw('waiting for 1 more child processes.');
    place.write('go', '');
    await endsWith(143);
  });

  it('while a source that is gone is waited for', async () => {
    start();
    await daemon.saw('finished.');
    execFileSync('mv', [path('src'), path('away')]);
    await daemon.saw('Cannot go on with Sync1');
    execFileSync('mv', [path('away'), path('src')]);
    daemon.child.kill('SIGTERM');
    await endsWith(143);
  });

  it('while it ends what a killed daemon has left at work', async () => {
    place.write(
      'slow',
      // What a shell says of a killed command would end it by SIGPIPE: nobody reads it any more.
      `#!/bin/sh\nexec 2>/dev/null\ntrap 'echo TERM >>${path('children')}' TERM\necho started >>${path('children')}
while [ -d ${place.path} ] && [ ! -e ${path('go')} ]; do sleep 0.02; done\n`,
    );
    start(slow());
    await childRuns();
    daemon.child.kill('SIGKILL');
    await daemon.exited;
    start(slow());
    await waitUntil(() => readText(path('children')).includes('TERM'), { deadlineMs: 15_000 });
    daemon.child.kill('SIGTERM');
    expect(await daemon.exited).toBe(143);
    expect(countMatches(readText(path('children')), 'started')).toBe(1);
    place.write('go', '');
    await waitUntil(
      () => !execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' }).includes(path('slow')),
      {
        deadlineMs: 10_000,
      },
    );
    await endsWith(143);
  });
});

describe('HUP', () => {
  it('fifty times in a second during the startup rsync and after it: one daemon that mirrors', async () => {
    start(slow());
    await childRuns();
    const storm = async (): Promise<void> => {
      for (let i = 0; i < 50; i++) {
        daemon.child.kill('SIGHUP');
        place.write(`src/storm${i}`, `${i}\n`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await storm();
    place.write('go', '');
    await storm();
    await becomesEqual();
    place.write('src/after', 'seen\n');
    await becomesEqual();
    expect(readText(path('pid'))).toBe(`${daemon.child.pid}\n`);
    expect(daemon.output()).not.toContain('Error');
    daemon.child.kill('SIGTERM');
    await endsWith(143);
  });

  it('fifty times with TERM among them ends it', async () => {
    start();
    await daemon.saw('finished.');
    for (let i = 0; i < 50; i++) daemon.child.kill(i === 25 ? 'SIGTERM' : 'SIGHUP');
    await endsWith(143);
  });

  it('with a broken config during a batch: the batch goes on, and so does the old config', async () => {
    place.write('go', '');
    start(slow());
    await daemon.saw('finished.');
    execFileSync('rm', [path('go')]);
    place.write('src/in-batch', 'x\n');
    await childRuns(2);
    writeFileSync(path('conf.lua'), 'sync { default.rsync, source = ');
    daemon.child.kill('SIGHUP');
    await daemon.saw('the config was not taken; going on with the one before');
    place.write('go', '');
    await daemon.saw('Finished a list after exitcode: 0');
    place.write('src/later', 'y\n');
    await becomesEqual();
    expect(countMatches(daemon.output(), '--- Startup ---')).toBe(1);
    daemon.child.kill('SIGTERM');
    await endsWith(143);
  });
});
