// Signals at every moment: while a child runs, while changes wait, while a reset is under way.

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

const FADING = 'Normal: --- TERM signal, fading ---';

describe('signals', () => {
  let place: Workplace;
  let daemon: RunningDaemon;
  let source: string;
  let target: string;
  let config: string;

  beforeEach(() => {
    place = makeWorkplace();
    source = join(place.path, 'src');
    target = join(place.path, 'trg');
    mkdirSync(source);
    place.write('src/a.txt', 'a\n');
    // An rsync that waits for the file `go`, then works; it tells what it was started for, and of a TERM.
    place.write(
      'slow',
      `#!/bin/sh
trap 'echo TERM >>${place.path}/children; exit 20' TERM
echo "started $*" >>${place.path}/children
while [ -d ${place.path} ] && [ ! -e ${place.path}/go ]; do sleep 0.02; done
exec rsync "$@"\n`,
    );
    chmodSync(join(place.path, 'slow'), 0o755);
  });
  afterEach(async (context) => {
    const failed = context.task.result?.state === 'fail';
    if (failed) process.stderr.write(daemon.output());
    place.write('go', '');
    await daemon.stop();
    place.end(failed);
  });

  function configWith(sync: string): string {
    return `settings { nodaemon = true, pidfile = '${place.path}/pid' }
      sync { default.rsync, source = '${source}', target = '${target}', delay = 0, ${sync} }\n`;
  }

  function start(sync = ''): void {
    config = place.write('conf.lua', configWith(sync));
    daemon = startDaemon({ args: [config] });
  }

  const slow = (): string => `rsync = { binary = '${place.path}/slow' }`;
  const children = (): string => readText(join(place.path, 'children'));
  const go = (): string => place.write('go', '');

  async function startupRuns(times = 1): Promise<void> {
    await waitUntil(() => countMatches(children(), 'started') === times, { deadlineMs: 10_000 });
  }

  async function becomesEqual(): Promise<void> {
    await waitUntil(() => existsSync(target) && differences(source, target) === '', { deadlineMs: 10_000 });
  }

  it('TERM waits for the startup rsync', async () => {
    start(slow());
    await startupRuns();
    daemon.child.kill('SIGTERM');
    await daemon.saw('waiting for 1 more child processes.');
    expect(existsSync(join(place.path, 'pid'))).toBe(true);
    go();
    expect(await daemon.exited).toBe(143);
    const lines = daemon.output().replaceAll(/\d\d:\d\d:\d\d /g, '');
    expect(lines).toBe(
      `Normal: --- Startup ---\nNormal: recursive full rsync: ${source}/ -> ${target}/\n${FADING}\n` +
        `Normal: waiting for 1 more child processes.\nNormal: Startup of ${source}/ -> ${target}/ finished.\n`,
    );
    expect(differences(source, target)).toBe('');
    expect(existsSync(join(place.path, 'pid'))).toBe(false);
  });

  it('a second TERM ends the children, and then the daemon', async () => {
    start(slow());
    await startupRuns();
    daemon.child.kill('SIGTERM');
    await daemon.saw('waiting for 1 more');
    daemon.child.kill('SIGTERM');
    expect(await daemon.exited).toBe(143);
    expect(children()).toMatch(/^started .*\nTERM\n$/);
    expect(existsSync(target)).toBe(false);
    expect(daemon.output()).not.toContain('insist');
  });

  it('a third TERM kills a child that does not heed the second', async () => {
    place.write(
      'slow',
      `#!/bin/sh\ntrap 'echo TERM >>${place.path}/children' TERM\necho started >>${place.path}/children\n` +
        `while [ -d ${place.path} ] && [ ! -e ${place.path}/go ]; do sleep 0.02; done\n`,
    );
    start(slow());
    await startupRuns();
    daemon.child.kill('SIGTERM');
    await daemon.saw('waiting for 1 more');
    daemon.child.kill('SIGTERM');
    await waitUntil(() => children().includes('TERM'), { deadlineMs: 10_000 });
    expect(daemon.child.exitCode).toBeNull();
    daemon.child.kill('SIGTERM');
    expect(await daemon.exited).toBe(143);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s does not send what waits', async (signal, exit) => {
    start('delay = 60');
    await daemon.saw('finished.');
    place.write('src/pending.txt', 'p\n');
    daemon.child.kill(signal);
    expect(await daemon.exited).toBe(exit);
    expect(differences(source, target)).toContain('pending.txt');
    expect(daemon.output()).toMatch(/--- (TERM|INT) signal, fading ---\n$/);
  });

  it('HUP while the startup rsync runs waits for it, then takes the new config', async () => {
    start(slow());
    await startupRuns();
    writeFileSync(config, configWith(`exclude = '*.o', ${slow()}`));
    place.write('src/x.o', 'o\n');
    daemon.child.kill('SIGHUP');
    await daemon.saw('waiting for 1 more child processes.');
    expect(countMatches(daemon.output(), '--- Startup ---')).toBe(1);
    go();
    await daemon.saw('finished.', { times: 2 });
    expect(daemon.output().replaceAll(/\d\d:\d\d:\d\d /g, '')).toContain(
      `Normal: --- HUP signal, resetting ---\nNormal: waiting for 1 more child processes.\n` +
        `Normal: Startup of ${source}/ -> ${target}/ finished.\nNormal: --- Startup ---\n` +
        `Normal: recursive full rsync: ${source}/ -> ${target}/ excluding\n*.o\n`,
    );
    expect(await daemon.stop()).toBe(143);
  });

  it('a storm of HUPs leaves one daemon that mirrors', async () => {
    start();
    await daemon.saw('finished.');
    for (let i = 0; i < 10; i++) {
      place.write(`src/f${i}`, `${i}\n`);
      daemon.child.kill('SIGHUP');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await becomesEqual();
    place.write('src/after', 'seen\n');
    await becomesEqual();
    expect(readText(join(place.path, 'pid'))).toBe(`${daemon.child.pid}\n`);
    expect(await daemon.stop()).toBe(143);
    expect(daemon.output()).not.toContain('Error');
  });

  it('TERM while a reset waits for a child ends it without another startup; one more ends the child', async () => {
    start(slow());
    await startupRuns();
    daemon.child.kill('SIGHUP');
    await daemon.saw('waiting for 1 more child processes.');
    daemon.child.kill('SIGTERM');
    await daemon.saw(FADING);
    daemon.child.kill('SIGTERM');
    await waitUntil(() => children().includes('TERM'), { deadlineMs: 10_000 });
    expect(await daemon.exited).toBe(143);
    expect(countMatches(daemon.output(), '--- Startup ---')).toBe(1);
    expect(existsSync(join(place.path, 'pid'))).toBe(false);
  });

  it('HUP keeps the old config when the pidfile of the new one cannot be had', async () => {
    start();
    await daemon.saw('finished.');
    writeFileSync(config, configWith('').replace(`${place.path}/pid`, `${place.path}/no/such/pid`));
    daemon.child.kill('SIGHUP');
    await daemon.saw('the config was not taken; going on with the one before');
    expect(daemon.output()).toContain(`Cannot create pidfile; '${place.path}/no/such/pid'`);
    place.write('src/after', 'seen\n');
    await becomesEqual();
    expect(readText(join(place.path, 'pid'))).toBe(`${daemon.child.pid}\n`);
  });

  it.each([
    ['SIGQUIT', 131],
    ['SIGUSR1', 138],
  ] as const)('%s ends it at once, without its pidfile', async (signal, exit) => {
    start(slow());
    await startupRuns();
    expect(existsSync(join(place.path, 'pid'))).toBe(true);
    daemon.child.kill(signal);
    await waitUntil(() => daemon.child.signalCode === signal, { deadlineMs: 10_000 });
    go();
    expect(await daemon.exited).toBe(exit);
    expect(existsSync(join(place.path, 'pid'))).toBe(false);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s while the watches are being set ends it', async (signal, exit) => {
    for (let i = 0; i < 2000; i++) mkdirSync(join(source, `d${i}`));
    start();
    await waitUntil(() => existsSync(join(place.path, 'pid')), { deadlineMs: 10_000 });
    daemon.child.kill(signal);
    expect(await daemon.exited).toBe(exit);
    expect(daemon.stderr()).toBe('');
    expect(existsSync(join(place.path, 'pid'))).toBe(false);
  });

  it('HUP while the watches are being set starts over once they are', async () => {
    for (let i = 0; i < 2000; i++) mkdirSync(join(source, `d${i}`));
    start();
    await waitUntil(() => existsSync(join(place.path, 'pid')), { deadlineMs: 10_000 });
    daemon.child.kill('SIGHUP');
    await daemon.saw('--- Startup ---', { times: 2 });
    await becomesEqual();
    place.write('src/after', 'seen\n');
    await becomesEqual();
    expect(await daemon.stop()).toBe(143);
  });

  it.each([
    ['a rejection that nobody handles', `Promise.reject(new Error('planned'))`],
    ['an exception that nobody catches', `(() => { throw new Error('planned') })()`],
  ])('%s is a bug of ours: it is logged, and the pidfile goes', async (_name, code) => {
    const planted = `import { existsSync } from 'node:fs';
      const timer = setInterval(() => { if (existsSync('${place.path}/bug')) { clearInterval(timer); ${code} } }, 20);`;
    config = place.write('conf.lua', configWith(''));
    daemon = startDaemon({
      args: [config],
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(planted)}` },
    });
    await daemon.saw('finished.');
    place.write('bug', '');
    expect(await daemon.exited).toBe(255);
    expect(daemon.stderr()).toMatch(/Error: a bug of ours: Error: planned\n {4}at /);
    expect(existsSync(join(place.path, 'pid'))).toBe(false);
  });
});
