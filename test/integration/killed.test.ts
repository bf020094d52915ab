// kill -9 of the daemon at random moments of churn, and a new start each time; then equal, and nothing is left of what was cut off.
// (What was written twice within a second at one size is told apart by nanoseconds only: no daemon is there that would know.)
// TSYNCD_KILLS for more of them (8 without it), TSYNCD_CHURN_SEED for others.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

const kills = Number(process.env['TSYNCD_KILLS'] ?? 8);
const seed = Number(process.env['TSYNCD_CHURN_SEED'] ?? 20_261_128);

let place: Workplace;
let daemon: RunningDaemon | undefined;
let sshd: TestSshd | undefined;
const path = (name: string): string => join(place.path, name);

beforeEach(() => {
  place = makeWorkplace();
  for (const folder of ['src', 'out', 'trg']) mkdirSync(path(folder));
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  if (failed) process.stderr.write(daemon?.output().slice(-5000) ?? '');
  place.write('go', '');
  await daemon?.stop();
  await sshd?.stop();
  sshd = undefined;
  place.end(failed);
});

function run(syncs: string): RunningDaemon {
  const config = place.write(
    'conf.lua',
    `settings { nodaemon = true, pidfile = '${path('pid')}' }\n${syncs}\n`,
  );
  daemon = startDaemon({ args: [config] });
  return daemon;
}

async function kill({ child, exited }: RunningDaemon): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}

/** Processes that carry the path of this test in their words. */
function processes(): string[] {
  const all = execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' }).split('\n');
  return all.filter((line) => line.includes(path('src/')) && !/^\s*\d+ Z/.test(line));
}

/** A file that takes some time. */
function makeBig(): void {
  // The churn makes what it likes of any name.
  rmSync(path('src/big'), { recursive: true, force: true });
  writeFileSync(path('src/big'), randomBytes(30_000_000));
}

describe.each(['rsync', 'rsyncssh', 'direct'])('killed while it mirrors with %s', (behaviour) => {
  it(`${kills} times, the trees are equal in the end`, { timeout: 180_000 + kills * 20_000 }, async () => {
    if (behaviour === 'rsyncssh') sshd = await startSshd(place.path);
    const where =
      sshd === undefined
        ? `target = '${path('trg')}'`
        : `host = '${sshd.host}', targetdir = '${path('trg')}', ssh = ${sshd.luaTable}`;
    const syncs = `sync { default.${behaviour}, source = '${path('src')}', ${where}, delay = 0, rsync = { archive = true, _extra = { '--modify-window=-1' } } }`;
    const random = new Churn({ folder: path('src'), outside: path('out'), seed });
    makeBig();
    for (let round = 0; round < kills; round++) {
      const running = run(syncs);
      await running.saw('recursive full rsync', { deadlineMs: 60_000 });
      const isUnderWay = round % 3 === 0;
      if (isUnderWay) makeBig();
      else await running.saw('finished', { deadlineMs: 60_000 });
      await random.run(60 + ((round * 37) % 90));
      await kill(running);
    }
    const last = run(syncs);
    await last.saw('finished', { deadlineMs: 60_000 });
    let left = 'not looked at';
    await waitUntil(() => (left = differences(path('src'), path('trg'), ['-rlptD'])) === '', {
      deadlineMs: 60_000,
    }).catch(() => undefined);
    expect(left).toBe('');
    expect(readdirSync(path('trg')).filter((name) => /^\..*\.\w{6}$/.test(name))).toEqual([]);
    expect(last.output()).not.toContain('bug of ours');
    await last.stop();
    await waitUntil(() => processes().length === 0, { deadlineMs: 10_000, what: processes().join('\n') });
  });
});

describe('a child that a killed daemon has left', () => {
  const children = (): string => readText(path('children'));

  /** An rsync that waits for the file `go`; it tells that it was started, and of a TERM. */
  function slowSync(): string {
    place.write(
      'slow',
      `#!/bin/sh
# What the shell says of its sleep that was ended would end it too: nobody reads that any more.
exec 2>/dev/null
trap 'echo TERM >>${path('children')}; exit 20' TERM
echo "started $$" >>${path('children')}
while [ -d ${place.path} ] && [ ! -e ${path('go')} ]; do sleep 0.02; done
exec rsync "$@"\n`,
    );
    chmodSync(path('slow'), 0o755);
    place.write('src/file', 'x');
    return `sync { default.rsync, source = '${path('src')}', target = '${path('trg')}', delay = 0, rsync = { binary = '${path('slow')}' } }`;
  }

  async function starts(times: number): Promise<void> {
    await waitUntil(() => countMatches(children(), 'started') === times, {
      deadlineMs: 15_000,
      what: children(),
    });
  }

  it('is ended before the next one sends anything', async () => {
    const sync = slowSync();
    const first = run(sync);
    await starts(1);
    await kill(first);
    const second = run(sync);
    await second.saw(
      /Warn: ending what was left at work by a daemon that was killed \(process \d+\): slow \(\d+\)/,
    );
    await starts(2);
    expect(children()).toMatch(/^started \d+\nTERM\nstarted \d+\n$/);
    place.write('go', '');
    await second.saw('finished.');
    expect(differences(path('src'), path('trg'))).toBe('');
  });

  it('is left alone while its daemon lives, though another one has the same sync', async () => {
    const sync = slowSync();
    const first = run(sync);
    await starts(1);
    const config = place.write('other.lua', `settings { nodaemon = true }\n${sync}\n`);
    const second = startDaemon({ args: [config] });
    try {
      await starts(2);
      expect(children()).not.toContain('TERM');
      expect(second.output()).not.toContain('left at work');
    } finally {
      place.write('go', '');
      await second.stop();
    }
    await first.saw('finished.');
  });

  it('of a script is the user’s, and goes on', async () => {
    const script = `sync { source = '${path('src')}', delay = 0, onCreate = "sleep 3; echo done >>${path('made')}" }`;
    const first = run(script);
    await first.saw('--- Startup ---');
    await waitUntil(() => existsSync(path('pid')), { deadlineMs: 10_000 });
    await waitUntil(
      () => {
        place.write(`src/${Date.now()}`, '');
        return processes().some((line) => line.includes('sleep 3')) || shells().length > 0;
      },
      { deadlineMs: 15_000 },
    );
    await kill(first);
    const second = run(script);
    await waitUntil(() => existsSync(path('made')), { deadlineMs: 10_000 });
    expect(second.output()).not.toContain('left at work');
  });

  function shells(): string[] {
    const all = execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' }).split('\n');
    return all.filter((line) => line.includes(path('made')));
  }

  it('is ended with the tunnel that was to be its way', async () => {
    const tunnel = `tunnel { command = { 'sh', '-c', 'echo "tunnel $$" >>${path('tunnels')}; exec sleep 600', '${path('src/')}' }, readyDelay = 0 }`;
    const sync = `sync { default.rsync, source = '${path('src')}', target = '${path('trg')}', delay = 0, ${tunnel.replace('tunnel {', 'tunnel = tunnel {')} }`;
    const first = run(sync);
    await first.saw('finished.');
    await kill(first);
    const [, left = ''] = /tunnel (\d+)/.exec(readText(path('tunnels'))) ?? [];
    const isAlive = (): boolean => /^\d+ \(\S+\) [^Z]/.test(readText(`/proc/${left}/stat`));
    expect(isAlive()).toBe(true);
    const second = run(sync);
    await second.saw(`sleep (${left})`);
    await second.saw('finished.');
    expect(isAlive()).toBe(false);
  });
});
