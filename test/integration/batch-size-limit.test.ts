// batchSizeLimit: what is small does not wait for what is big. A program in front of rsync holds the big ones.

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const BIG = 'x'.repeat(5000);

describe('batchSizeLimit', { timeout: 60_000 }, () => {
  let place: Workplace;
  let daemon: RunningDaemon;
  let sshd: TestSshd | undefined;

  beforeEach(() => {
    place = makeWorkplace();
    for (const folder of ['bin', 'src', 'trg']) mkdirSync(path(folder));
    const rsync = execFileSync('sh', ['-c', 'command -v rsync'], { encoding: 'utf8' }).trim();
    place.write(
      'bin/rsync',
      `#!/bin/sh
[ -e ${path('holding')} ] && [ "$1" != --version ] && [ "$1" != --server ] || exec ${rsync} "$@"
cat >${path('stdin')}.$$
printf '%s\\n' "$(tr '\\0\\n' '  ' <${path('stdin')}.$$)" >>${path('record')}
if grep -q big ${path('stdin')}.$$; then
  [ ! -e ${path('fail')} ] || exit 12
  while [ -e ${path('hold')} ]; do sleep 0.02; done
fi
exec ${rsync} "$@" <${path('stdin')}.$$\n`,
    );
    chmodSync(path('bin/rsync'), 0o755);
    place.write('hold', '');
  });
  afterEach(async (context) => {
    const failed = context.task.result?.state === 'fail';
    if (failed) process.stderr.write(`${daemon.output()}\n${readText(path('record'))}\n`);
    for (const name of ['hold', 'fail']) rmSync(path(name), { force: true });
    await daemon.stop();
    await sshd?.stop();
    place.end(failed);
  });

  const path = (name: string): string => join(place.path, name);
  const record = (): string[] => readText(path('record')).split('\n').filter(Boolean);
  const bigOnes = (): string[] => record().filter((line) => line.includes('big'));

  async function start(sync: string): Promise<void> {
    const config = place.write(
      'conf.lua',
      `settings { nodaemon = true }
       sync { source = '${path('src')}', batchSizeLimit = 1000, delay = 0.3, ${sync} }\n`,
    );
    daemon = startDaemon({ args: [config], env: { PATH: `${path('bin')}:${process.env['PATH']}` } });
    await daemon.saw('finished');
    place.write('holding', '');
  }

  async function arrives(name: string): Promise<void> {
    await waitUntil(() => existsSync(path(`trg/${name}`)), { deadlineMs: 20_000, what: name });
  }

  async function becomesEqual(): Promise<void> {
    await waitUntil(() => differences(path('src'), path('trg')) === '', { deadlineMs: 20_000 });
  }

  async function smallOnesPassBigOnes(): Promise<void> {
    mkdirSync(path('src/new'));
    place.write('src/big1', BIG);
    place.write('src/new/big2', BIG);
    place.write('src/small', 's');
    await arrives('small');
    await arrives('new');
    await waitUntil(() => bigOnes().length === 2, { deadlineMs: 20_000, what: 'both big files' });
    for (const line of bigOnes()) expect(line).toMatch(/big1|big2/);
    expect(bigOnes().some((line) => /big1.*big2|big2.*big1|small/.test(line))).toBe(false);
    place.write('src/later', 's');
    await arrives('later');
    expect(existsSync(path('trg/big1'))).toBe(false);
    rmSync(path('hold'));
    await becomesEqual();
  }

  it('default.rsync: small files arrive while big ones are on their way, each alone', async () => {
    await start(`default.rsync, target = '${path('trg')}', maxProcesses = 3`);
    await smallOnesPassBigOnes();
  });

  it('default.rsyncssh: the same, with more than one process', async () => {
    sshd = await startSshd(place.path);
    await start(
      `default.rsyncssh, host = '${sshd.host}', targetdir = '${path('trg')}', ssh = ${sshd.luaTable}, maxProcesses = 3`,
    );
    await smallOnesPassBigOnes();
  });

  it('with one process: the small ones first, then each big one alone', async () => {
    rmSync(path('hold'));
    await start(`default.rsync, target = '${path('trg')}'`);
    place.write('src/big1', BIG);
    place.write('src/small', 's');
    place.write('src/big2', BIG);
    await becomesEqual();
    expect(record().map((line) => line.match(/big\d|small/g)?.join(' '))).toEqual(['small', 'big1', 'big2']);
    expect(daemon.output()).toContain(
      'Normal: Maximum processes for sync reached. Delaying large transfer for sync: Sync1',
    );
  });

  it('a big file that fails is tried again, and one that goes meanwhile is deleted', async () => {
    await start(`default.rsync, target = '${path('trg')}', maxProcesses = 2`);
    place.write('fail', '');
    place.write('src/big1', BIG);
    place.write('src/big2', BIG);
    place.write('src/small', 's');
    await daemon.saw('Retrying a list after exitcode = 12');
    rmSync(path('fail'));
    rmSync(path('src/big2'));
    rmSync(path('hold'));
    await becomesEqual();
    expect(existsSync(path('trg/big1'))).toBe(true);
  });
});
