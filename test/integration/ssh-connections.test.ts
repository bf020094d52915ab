// The connections of default.rsyncssh in the running daemon: how many there are, what becomes of them when one breaks, and that none
// is left. With a real sshd.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  countMatches,
  makeWorkplace,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { becomeEqual } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const BY_SSH2 = 'Ssh: 127.0.0.1: connected by ssh2';
const SHARED = 'Ssh: 127.0.0.1: there is a shared connection';

let place: Workplace;
let sshd: TestSshd;
let daemon: RunningDaemon | undefined;

beforeEach(async () => {
  place = makeWorkplace();
  for (const folder of ['src', 'trg', 'run']) mkdirSync(path(folder));
  for (let i = 0; i < 10; i++) place.write(`src/a${i}`, String(i));
  sshd = await startSshd(place.path);
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  if (failed) process.stderr.write(`${daemon?.output() ?? ''}\n${sshd.log()}`);
  await daemon?.stop();
  await sshd.stop();
  place.end(failed);
});

function path(name: string): string {
  return join(place.path, name);
}

/** Waits for its startup. */
async function run(ssh: string): Promise<RunningDaemon> {
  const table = sshd.luaTable.replace('{', `{ ${ssh}`);
  const config = place.write(
    'conf.lua',
    `settings { nodaemon = true, log = 'Ssh', insist = true }
     sync { default.rsyncssh, source = '${path('src')}', host = '${sshd.host}', targetdir = '${path('trg')}', delay = 0, ssh = ${table} }\n`,
  );
  daemon = startDaemon({ args: [config], env: { XDG_RUNTIME_DIR: path('run') } });
  await daemon.saw('finished');
  return daemon;
}

const accepted = (): number => countMatches(sshd.log(), 'Accepted publickey');

async function equal(): Promise<void> {
  const left = await becomeEqual(path('src'), path('trg'), { flags: ['-rlpt'], deadlineMs: 60_000 });
  expect(left).toBe('');
}

/** Three batches of which nothing is left for rsync, and one with something. */
async function changeInBatches(): Promise<void> {
  for (const name of ['b', 'c', 'd']) {
    for (let i = 0; i < 10; i++) renameSync(path(`src/${before(name)}${i}`), path(`src/${name}${i}`));
    await equal();
  }
  rmSync(path('src/d0'));
  place.write('src/new', 'new');
  await equal();
  renameSync(path('src/d1'), path('src/d0'));
  await equal();
  for (let i = 2; i < 10; i++) renameSync(path(`src/d${i}`), path(`src/a${i}`));
  for (const i of [0, 1]) place.write(`src/a${i}`, String(i));
  await equal();
}

function before(name: string): string {
  return String.fromCharCode(name.charCodeAt(0) - 1);
}

/** Processes with `text` in their command line. */
function processesWith(text: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && commandLine(pid).includes(text));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

const masters = (): readonly number[] =>
  processesWith(`ControlPath=${path('run')}`).filter((pid) => commandLine(pid).split('\0').includes('-M'));

describe('moves and deletes', () => {
  it('all go over one connection of ssh2', async () => {
    const running = await run('');
    for (const name of ['b', 'c', 'd']) {
      for (let i = 0; i < 10; i++) renameSync(path(`src/${before(name)}${i}`), path(`src/${name}${i}`));
      await equal();
    }
    expect(countMatches(running.output(), BY_SSH2)).toBe(1);
    const rsyncs = countMatches(running.output(), /full rsync:|Calling rsync/);
    expect(accepted()).toBe(1 + rsyncs);
    expect(await running.stop()).toBe(143);
    await waitUntil(() => countMatches(sshd.log(), 'Disconnected from user') === 1 + rsyncs, {
      deadlineMs: 10_000,
    });
  });

  it('go on after sshd was restarted, and arrive', async () => {
    const running = await run('');
    await changeInBatches();
    await sshd.stop();
    renameSync(path('src/a3'), path('src/z3'));
    rmSync(path('src/a4'));
    await running.saw(/ssh ended with 255|rsync ended with 255/);
    await sshd.start();
    await equal();
    expect(countMatches(running.output(), 'Error')).toBe(0);
  });

  it('go by the ssh program when a host key is not known to ssh2, as that program decides', async () => {
    place.write('sshd/known_hosts', '');
    const options = "_extra = { '-o', 'StrictHostKeyChecking=no' }, ";
    sshd = { ...sshd, luaTable: sshd.luaTable.replace("StrictHostKeyChecking = 'yes', ", '') };
    const running = await run(options);
    place.write('sshd/known_hosts', '');
    renameSync(path('src/a1'), path('src/b1'));
    await equal();
    expect(running.output()).toContain('no connection of ssh2: no host key of 127.0.0.1 is known');
  });

  it('go by the ssh program alone with transport = "openssh"', async () => {
    const running = await run("transport = 'openssh', ");
    await changeInBatches();
    expect(running.output()).not.toContain('Ssh: ');
  });
});

describe('ssh = { multiplex = true }', () => {
  it('has one connection for rsync and for scripts, in a directory of its own; nothing is left', async () => {
    const running = await run('multiplex = true, ');
    await changeInBatches();
    expect(accepted()).toBe(1);
    expect(countMatches(running.output(), SHARED)).toBe(1);
    const [directory = ''] = readdirSync(path('run'));
    expect(statSync(path(`run/${directory}`)).mode & 0o777).toBe(0o700);
    expect(masters()).toHaveLength(1);
    expect(await running.stop()).toBe(143);
    expect(masters()).toEqual([]);
    expect(readdirSync(path('run'))).toEqual([]);
  });

  it('starts another master when the one is killed', async () => {
    const running = await run('multiplex = true, ');
    for (const pid of masters()) process.kill(pid, 'SIGKILL');
    await running.saw('127.0.0.1: no shared connection: ssh was ended by SIGKILL');
    await changeInBatches();
    expect(accepted()).toBe(2);
    expect(countMatches(running.output(), SHARED)).toBe(2);
  });

  it('goes on after sshd was restarted', async () => {
    const running = await run('multiplex = true, ');
    await sshd.stop();
    renameSync(path('src/a3'), path('src/z3'));
    place.write('src/late', 'late');
    await running.saw(/ended with 255/, { times: 2 });
    await sshd.start();
    await equal();
  });

  it('has another master after HUP, and the one before is gone', async () => {
    const running = await run('multiplex = true, ');
    const [first] = masters();
    running.child.kill('SIGHUP');
    await running.saw('finished', { times: 2 });
    expect(masters()).toHaveLength(1);
    expect(masters()).not.toContain(first);
    expect(readdirSync(path('run'))).toHaveLength(1);
  });

  it('has no master left after QUIT', async () => {
    const running = await run('multiplex = true, ');
    expect(masters()).toHaveLength(1);
    running.child.kill('SIGQUIT');
    expect(await running.exited).toBe(131);
    await waitUntil(() => masters().length === 0, { deadlineMs: 20_000, what: 'the end of the master' });
  });

  it('ends what a killed daemon left', async () => {
    const killed = await run('multiplex = true, ');
    const [left = 0] = masters();
    killed.child.kill('SIGKILL');
    await killed.exited;
    expect(existsSync(`/proc/${left}`)).toBe(true);
    await run('multiplex = true, ');
    await waitUntil(() => !existsSync(`/proc/${left}`), {
      deadlineMs: 20_000,
      what: 'the end of what was left',
    });
    await waitUntil(() => readdirSync(path('run')).length === 1, {
      deadlineMs: 10_000,
      what: 'one directory',
    });
    place.write('src/new', 'new');
    await equal();
  });
});
