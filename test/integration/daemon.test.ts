// As a daemon: detached, with its pidfile; HUP with a good and a broken config; a second start; TERM.

import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorkplace, readText, TSYNCD, type Workplace } from '../helpers/daemon.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

describe('as a daemon', () => {
  let place: Workplace;
  let source: string;
  let target: string;
  let pidfile: string;
  let logfile: string;
  let config: string;

  beforeEach(() => {
    place = makeWorkplace();
    source = join(place.path, 'src');
    target = join(place.path, 'trg');
    pidfile = join(place.path, 'pid');
    logfile = join(place.path, 'log');
    mkdirSync(source);
    writeFileSync(join(source, 'a.txt'), 'a\n');
    config = place.write('conf.lua', configWith('delay = 0'));
  });

  afterEach(async (context) => {
    await stop();
    place.end(context.task.result?.state === 'fail');
  });

  function configWith(sync: string): string {
    return `settings { logfile = '${logfile}', pidfile = '${pidfile}', statusFile = '${join(place.path, 'status')}', statusInterval = 1 }
sync { default.rsync, source = '${source}', target = '${target}', ${sync} }\n`;
  }

  function start(
    program = TSYNCD,
    args: readonly string[] = [],
  ): { exit: number | null; stdout: string; stderr: string } {
    const run = spawnSync(program, [...args, config], {
      encoding: 'utf8',
      timeout: 20_000,
      env: { ...process.env, TZ: 'UTC' },
    });
    return { exit: run.status, stdout: run.stdout, stderr: run.stderr };
  }

  async function stop(): Promise<void> {
    const pid = daemonPid();
    if (pid === undefined || !isAlive(pid)) return;
    process.kill(pid, 'SIGTERM');
    await waitUntil(() => !isAlive(pid), { deadlineMs: 10_000 });
  }

  /** Those that Node started before the program had its name. */
  function threadsOfNode(): number {
    const tasks = `/proc/${daemonPid()}/task`;
    return readdirSync(tasks).filter((task) => readText(`${tasks}/${task}/comm`) === 'node\n').length;
  }

  function daemonPid(): number | undefined {
    const text = readText(pidfile);
    return text === '' ? undefined : Number(text);
  }

  function isAlive(pid: number): boolean {
    const state = readText(`/proc/${pid}/stat`).split(') ')[1];
    return state !== undefined && !state.startsWith('Z');
  }

  function statFields(pid: number): string[] {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  }

  async function logged(text: string, times = 1): Promise<void> {
    await waitUntil(() => readText(logfile).split(text).length > times, {
      deadlineMs: 15_000,
      what: `${text} in ${logfile}:\n${readText(logfile)}`,
    });
  }

  it('detaches once it holds its pidfile and its watches are set', async () => {
    const run = start();
    expect(run.stdout).toMatch(/^\d\d:\d\d:\d\d Normal: --- Startup, daemonizing ---\n$/);
    expect(run.stderr).toBe('');
    expect(run.exit).toBe(0);
    const pid = daemonPid();
    if (pid === undefined) throw new Error('no pidfile');
    expect(readText(pidfile)).toBe(`${pid}\n`);
    const [, , group, session, tty] = statFields(pid);
    expect([group, session, tty]).toEqual([String(pid), String(pid), '0']);
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/');
    for (const fd of [0, 1, 2]) expect(readlinkSync(`/proc/${pid}/fd/${fd}`)).toBe('/dev/null');
    writeFileSync(join(source, 'at-once'), 'seen because the watches are set\n');
    await waitUntil(() => differences(source, target) === '', { deadlineMs: 10_000 });
    expect(readText(logfile)).toMatch(
      /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} Normal: --- Startup, daemonizing ---\n/,
    );
  });

  it('a second start fails and says who holds the pidfile', () => {
    expect(start().exit).toBe(0);
    const pid = daemonPid();
    const second = start();
    expect(second.exit).toBe(255);
    expect(second.stderr).toContain(`Cannot lock pidfile; '${pidfile}'`);
    expect(second.stderr).toContain(String(pid));
    expect(daemonPid()).toBe(pid);
    expect(isAlive(pid ?? 0)).toBe(true);
  });

  it('TERM ends it, and its pidfile goes', async () => {
    start();
    const pid = daemonPid() ?? 0;
    await logged('finished.');
    process.kill(pid, 'SIGTERM');
    await waitUntil(() => !isAlive(pid), { deadlineMs: 10_000 });
    expect(readText(pidfile)).toBe('');
    expect(readText(logfile)).toMatch(/Normal: --- TERM signal, fading ---\n$/);
  });

  it('HUP with a good config starts over with it', async () => {
    start();
    await logged('finished.');
    writeFileSync(config, configWith('delay = 0, exclude = "*.o"'));
    process.kill(daemonPid() ?? 0, 'SIGHUP');
    await logged('finished.', 2);
    expect(readText(logfile)).toMatch(
      /Normal: --- HUP signal, resetting ---\n.* Normal: --- Startup ---\n.* excluding\n\*\.o\n/,
    );
    writeFileSync(join(source, 'x.o'), '');
    writeFileSync(join(source, 'x.c'), '');
    await waitUntil(
      () => differences(source, target).includes('x.o') && !differences(source, target).includes('x.c'),
      { deadlineMs: 10_000 },
    );
    expect(isAlive(daemonPid() ?? 0)).toBe(true);
  });

  it('HUP with a broken config is logged, and the old one goes on', async () => {
    start();
    await logged('finished.');
    const pid = daemonPid() ?? 0;
    writeFileSync(config, 'this is no config');
    process.kill(pid, 'SIGHUP');
    await logged('going on with the one before');
    expect(readText(logfile)).toMatch(
      new RegExp(
        `HUP signal, resetting ---\\n.* Error: error loading ${config}: ${config}:1: syntax error near 'is'\\n`,
      ),
    );
    writeFileSync(join(source, 'still'), 'working\n');
    await waitUntil(() => differences(source, target) === '', { deadlineMs: 10_000 });
    expect(daemonPid()).toBe(pid);
  });

  it('insist is implied at HUP', async () => {
    start();
    await logged('finished.');
    writeFileSync(
      config,
      configWith(`delay = 0 }\nsync { default.rsync, source = '${source}', target = '${place.path}/no/such'`),
    );
    process.kill(daemonPid() ?? 0, 'SIGHUP');
    await logged('Retrying startup of');
    mkdirSync(join(place.path, 'no'));
    await waitUntil(() => differences(source, join(place.path, 'no/such')) === '', { deadlineMs: 15_000 });
  });

  it('a stale pidfile is taken over whole', () => {
    writeFileSync(pidfile, '99999\n23\n');
    expect(start().exit).toBe(0);
    expect(readText(pidfile)).toBe(`${daemonPid()}\n`);
  });

  it('the log file may be moved away', async () => {
    start();
    await logged('finished.');
    renameSync(logfile, `${logfile}.1`);
    writeFileSync(join(source, 'after'), '');
    await logged('Finished a list after exitcode: 0');
  });

  it('a config error reaches the terminal and the exit code, and nothing is left behind', () => {
    writeFileSync(config, configWith('frobnicate = 1'));
    const run = start();
    expect(run.exit).toBe(255);
    expect(run.stderr).toContain('Parameter "frobnicate" unknown');
    expect(daemonPid()).toBeUndefined();
  });

  it('by the name lsyncd it is called lsyncd in the process list', () => {
    const link = join(place.path, 'lsyncd');
    symlinkSync(TSYNCD, link);
    expect(start(link).exit).toBe(0);
    const pids = spawnSync('pgrep', ['-x', 'lsyncd'], { encoding: 'utf8' }).stdout.split('\n');
    expect(pids).toContain(String(daemonPid()));
  });

  it('has one thread of V8 beside its own, where Node would start four', async () => {
    start();
    const frugal = threadsOfNode();
    await stop();
    start(process.execPath, [TSYNCD]);
    expect(threadsOfNode() - frugal).toBe(3);
  });

  it('by its own name it is called tsyncd', () => {
    expect(start().exit).toBe(0);
    expect(readText(`/proc/${daemonPid()}/comm`)).toBe('tsyncd\n');
  });
});
