// The kernel drops events: while the daemon is stopped more happens than its queue holds. What may have changed is found, and no full
// sync is done; equal at the end. TSYNCD_CHURN_OPERATIONS and TSYNCD_CHURN_SEED for longer ones, and others.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Churn } from '../helpers/churn.ts';
import {
  countMatches,
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const operations = Number(process.env['TSYNCD_CHURN_OPERATIONS'] ?? 600);
const seed = Number(process.env['TSYNCD_CHURN_SEED'] ?? 20_261_128);

/** Some events are read before the daemon stops. */
const writesOfAnOverflow = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) * 1.4;

let place: Workplace;
let sshd: TestSshd | undefined;
let daemon: RunningDaemon | undefined;

beforeEach(() => {
  place = makeWorkplace();
  for (const folder of ['src', 'trg', 'out']) mkdirSync(path(folder));
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  daemon?.child.kill('SIGCONT');
  place.write('release', '');
  await daemon?.stop();
  if (failed) place.write('output', daemon?.output() ?? '');
  await sshd?.stop();
  sshd = undefined;
  place.end(failed);
});

function path(name: string): string {
  return join(place.path, name);
}

/** rsync; when there is a file `hang` it waits for one named `release` first, and notes whether it was asked to end. */
function patientRsync(): string {
  const file = place.write(
    'patient-rsync',
    `#!/bin/sh
trap 'echo >${path('ended')}' TERM INT
if rm ${path('hang')} 2>/dev/null; then
  echo >${path('started')}
  while [ ! -e ${path('release')} ]; do sleep 0.05; done
fi
exec rsync "$@"
`,
  );
  chmodSync(file, 0o755);
  return file;
}

async function start(behaviour: string, more = ''): Promise<RunningDaemon> {
  sshd = behaviour === 'rsyncssh' ? await startSshd(place.path) : undefined;
  const where =
    sshd === undefined
      ? `target = '${path('trg')}'`
      : `host = '${sshd.host}', targetdir = '${path('trg')}', ssh = ${sshd.luaTable}`;
  const config = `settings { nodaemon = true, statusFile = '${path('status')}', statusInterval = 1 }
    sync { default.${behaviour}, source = '${path('src')}', ${where}, delay = 0, maxProcesses = ${sshd === undefined ? 2 : 1},
      rsync = { archive = true, binary = '${patientRsync()}', file_list = true }, ${more} }`;
  daemon = startDaemon({ args: [place.write('conf.lua', config)] });
  await daemon.saw('finished');
  return daemon;
}

/** Changes of which the daemon will not hear. */
async function unseen(change: () => Promise<void> | void): Promise<void> {
  daemon?.child.kill('SIGSTOP');
  // Not the same one twice in a row: the kernel makes one of two events that are equal.
  for (let i = 0; i < writesOfAnOverflow; i++) writeFileSync(path(`src/filler-${i % 2}`), '');
  await change();
  daemon?.child.kill('SIGCONT');
}

async function becomesEqual(): Promise<void> {
  let left = 'not looked at';
  const isEqual = (): boolean => (left = differences(path('src'), path('trg'), ['-rlptD'])) === '';
  await waitUntil(isEqual, { deadlineMs: 40_000 }).catch(() => undefined);
  expect(left).toBe('');
}

describe.each(['rsync', 'rsyncssh', 'direct'])('after lost events, default.%s', (behaviour) => {
  it(`is equal without a full sync (seed ${seed})`, async () => {
    const running = await start(behaviour);
    const churn = new Churn({ folder: path('src'), outside: path('out'), seed });
    await churn.run(operations);
    await unseen(() => churn.run(operations));
    await churn.run(operations);
    await becomesEqual();
    expect(running.output()).toMatch(
      /Normal: Sync1: some events were lost \(overflow of the kernel's event queue\); looking for what changed/,
    );
    expect(running.output()).toMatch(/Normal: Sync1: looked for what changed; \d+ paths to compare/);
    expect(countMatches(running.output(), 'recursive full rsync')).toBe(1);
    expect(running.output()).not.toContain('bug of ours');
    await waitUntil(() => /^Lost events: [1-9]/m.test(readText(path('status'))), { deadlineMs: 10_000 });
  });
});

it('a child that runs is left alone when events are lost', async () => {
  const running = await start('rsync');
  place.write('hang', '');
  place.write('src/slow', '1');
  await waitUntil(() => existsSync(path('started')), { deadlineMs: 20_000 });
  await unseen(() => void place.write('src/lost', '1'));
  await running.saw('paths to compare');
  place.write('release', '');
  await becomesEqual();
  expect(existsSync(path('ended'))).toBe(false);
  expect(countMatches(running.output(), 'recursive full rsync')).toBe(1);
});
