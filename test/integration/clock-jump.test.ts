// The wall clock is set, forward and back, while the daemon runs and its tree changes: the built program under Debian's libfaketime, with a
// monotonic clock and times of files as the kernel has them. Delays end when they should, nothing is lost.
// TSYNCD_FAULT_SECONDS=60 lets each clock stand that long, sets it more often, and has more delays.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { underLoad } from '../helpers/load.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { becomeEqual } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const IS_LONG = process.env['TSYNCD_FAULT_SECONDS'] !== undefined;
const FAULT_MS = Number(process.env['TSYNCD_FAULT_SECONDS'] ?? 1) * 1000;

/** Seconds that the daemon's clock is off: by a summer time, a day back, years on, and right again. */
const JUMPS = ['+3600', '-86400', ...(IS_LONG ? ['+300000000', '+0'] : [])];
const DELAYS = IS_LONG ? [0, 1] : [1];

/** Much less than the jumps. */
const PROMPT_MS = 15_000;

let place: Workplace;
let sshd: TestSshd | undefined;
let daemon: RunningDaemon | undefined;

beforeEach(() => {
  place = makeWorkplace();
  sshd = undefined;
  for (const folder of ['src', 'trg']) mkdirSync(path(folder));
  setClock('+0');
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  daemon?.child.kill('SIGCONT');
  if (failed) process.stderr.write((daemon?.output() ?? '').slice(-10_000));
  await daemon?.stop();
  // libfaketime leaves what it shares with the children.
  for (const name of ['faketime_shm', 'sem.faketime_sem'])
    rmSync(`/dev/shm/${name}_${daemon?.child.pid}`, { force: true });
  await sshd?.stop();
  place.end(failed);
});

function path(name: string): string {
  return join(place.path, name);
}

/** The file is read at every look at the clock: it must never be seen half written. */
function setClock(offset: string): void {
  place.write('clock~', `${offset}\n`);
  renameSync(path('clock~'), path('clock'));
}

async function start(behaviour: string, delay: number): Promise<RunningDaemon> {
  sshd = behaviour === 'rsyncssh' ? await startSshd(place.path) : undefined;
  const where =
    sshd === undefined
      ? `target = '${path('trg')}'`
      : `host = '${sshd.host}', targetdir = '${path('trg')}', ssh = ${sshd.luaTable}`;
  const config = place.write(
    'conf.lua',
    `settings { nodaemon = true, statusFile = '${path('status')}', statusInterval = 1 }
     sync { default.${behaviour}, source = '${path('src')}', ${where}, delay = ${delay} }\n`,
  );
  const env = {
    // `$LIB` is the dynamic linker's.
    LD_PRELOAD: '/usr/$LIB/faketime/libfaketimeMT.so.1',
    FAKETIME_TIMESTAMP_FILE: path('clock'),
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
  daemon = startDaemon({ args: [config], env });
  await daemon.saw('finished');
  return daemon;
}

async function expectEqual(): Promise<void> {
  expect(await becomeEqual(path('src'), path('trg'), { flags: ['-rlt'], deadlineMs: PROMPT_MS })).toBe('');
  const status = (): string => readText(path('status'));
  await waitUntil(() => !/^There are [1-9]|^Problems:/m.test(status()), {
    deadlineMs: PROMPT_MS,
    what: `nothing to wait and nothing to be wrong: ${status()}`,
  });
}

/** The hour of the last line of the log. */
function lastHour({ output }: RunningDaemon): number {
  return Number([...output().matchAll(/^(\d\d):\d\d:\d\d /gm)].at(-1)?.[1]);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(['rsync', 'rsyncssh', 'direct'])('default.%s, while the clock is set', (behaviour) => {
  it.each(DELAYS)(
    'under load, delay %d',
    async (delay) => {
      const running = await start(behaviour, delay);
      for (const offset of JUMPS) {
        await underLoad(path('src'), async () => {
          await pause(300);
          setClock(offset);
          await pause(FAULT_MS);
        });
        await expectEqual();
        // And when nothing else happens.
        setClock('-7200');
        writeFileSync(path('src/alone'), offset);
        await waitUntil(() => readText(path('trg/alone')) === offset, { deadlineMs: PROMPT_MS });
        await expectEqual();
      }
      expect(running.output()).not.toMatch(/Error:|bug of ours/);
    },
    120_000 + JUMPS.length * 2 * FAULT_MS,
  );

  it('and events are lost meanwhile', async () => {
    const running = await start(behaviour, 0);
    const limit = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
    writeFileSync(path('src/same'), 'one');
    await expectEqual();
    // A full sync has rsync's quick check, which tells whole seconds apart.
    await pause(1100);
    running.child.kill('SIGSTOP');
    for (let i = 0; i < limit * 1.4; i++) writeFileSync(path(`src/filler-${i % 2}`), '');
    writeFileSync(path('src/same'), 'two');
    writeFileSync(path('src/lost'), '1');
    setClock('-86400');
    running.child.kill('SIGCONT');
    await running.saw('what changed cannot be told by the times of the files; doing a full sync', {
      deadlineMs: 40_000,
    });
    await running.saw('finished', { times: 2 });
    await expectEqual();
    expect(readText(path('trg/same'))).toBe('two');
  });
});

it('the daemon sees the clock that is set', async () => {
  const running = await start('rsync', 0);
  const hour = lastHour(running);
  setClock('+18000');
  writeFileSync(path('src/a'), '');
  await running.saw('Finished a list');
  expect([5, 6]).toContain((lastHour(running) - hour + 24) % 24);
});
