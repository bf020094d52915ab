// Targets and sources that go away and come back: what is tried again, what is said, and that all is equal in the end.

import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
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
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let place: Workplace;
let daemon: RunningDaemon | undefined;
let children: ChildProcess[];
let stopSshd: () => Promise<void>;

beforeEach(() => {
  place = makeWorkplace();
  children = [];
  stopSshd = async () => undefined;
  daemon = undefined;
  for (const folder of ['src/sub/deep', 'src/old', 'other', 'mnt']) {
    mkdirSync(join(place.path, folder), { recursive: true });
  }
  for (const file of ['a.txt', 'b.txt', 'sub/c.txt', 'sub/deep/d.txt', 'old/e.txt']) {
    place.write(`src/${file}`, `${file}\n`);
  }
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  if (failed) process.stderr.write(daemon?.output() ?? '');
  await daemon?.stop();
  await stopSshd();
  await Promise.all(children.map(end));
  place.end(failed);
});

function path(name: string): string {
  return join(place.path, name);
}

function run(settings: string, sync: string): RunningDaemon {
  const config = place.write(
    'conf.lua',
    `settings { nodaemon = true, ${settings} }
     sync { ${sync}, source = '${path('src')}', delay = 0 }
     sync { default.rsync, source = '${path('other')}', target = '${path('other-trg')}', delay = 0 }\n`,
  );
  daemon = startDaemon({ args: [config] });
  return daemon;
}

async function equal(source: string, target: string): Promise<void> {
  await waitUntil(() => existsSync(path(target)) && differences(path(source), path(target)) === '', {
    deadlineMs: 15_000,
    what: `${target} to be equal`,
  });
}

/** The second sync of the daemon works. */
async function theOtherWorks(content: string): Promise<void> {
  place.write('other/file', content);
  await equal('other', 'other-trg');
  expect(readText(path('other-trg/file'))).toBe(content);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function startRsyncd(port: number): ChildProcess {
  const uid = process.getuid?.() === 0 ? 'uid = root\ngid = root\n' : '';
  const config = place.write(
    'rsyncd.conf',
    `${uid}use chroot = no\nport = ${port}\naddress = 127.0.0.1\n[mod]\npath = ${path('mnt')}\nread only = no\n`,
  );
  return started(spawn('rsync', ['--daemon', '--no-detach', `--config=${config}`], { stdio: 'ignore' }));
}

function started(child: ChildProcess): ChildProcess {
  children.push(child);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Every kind of change, while nobody can be reached. */
function changeMuch(): void {
  place.write('src/while-away.txt', 'new\n');
  renameSync(path('src/b.txt'), path('src/moved.txt'));
  renameSync(path('src/sub'), path('src/moved-dir'));
  place.write('src/moved-dir/deep/more.txt', 'more\n');
  rmSync(path('src/a.txt'));
  rmSync(path('src/old'), { recursive: true });
  mkdirSync(path('src/new-dir/x'), { recursive: true });
  renameSync(path('src/while-away.txt'), path('src/new-dir/x/y.txt'));
  place.write('src/b.txt', 'another b\n');
}

function lines(running: RunningDaemon, pattern: RegExp): string[] {
  return running
    .output()
    .split('\n')
    .filter((line) => pattern.test(line));
}

describe('a target that cannot be reached at startup', () => {
  const CASES = [
    {
      name: 'rsync, no such folder',
      sync: `default.rsync, target = 'W/no/such/trg'`,
      quote: 'SRC -> W/no/such/trg/',
    },
    {
      name: 'rsync, no such server',
      sync: `default.rsync, target = 'rsync://127.0.0.1:PORT/mod'`,
      quote: 'SRC -> rsync://127.0.0.1:PORT/mod/',
    },
    {
      name: 'rsyncssh',
      sync: `default.rsyncssh, host = '127.0.0.1', targetdir = 'W/mnt/trg', ssh = { port = PORT, options = { BatchMode = 'yes' } }`,
      quote: '"SRC"',
    },
    { name: 'direct', sync: `default.direct, target = 'W/no/such/trg'`, quote: '"SRC"' },
  ];

  it.each(CASES)('ends the daemon: $name', async ({ sync, quote }) => {
    const port = String(await freePort());
    const put = (text: string): string =>
      text
        .replaceAll('W/', `${place.path}/`)
        .replaceAll('PORT', port)
        .replaceAll('SRC', `${path('src')}/`);
    const running = run('', put(sync));
    expect(await running.exited).toBe(255);
    expect(running.stderr()).toContain(
      `Error: Temporary or permanent failure on startup of ${put(quote)}. Terminating since "insist" is not set.\n`,
    );
  });

  it('is tried again with insist, while another sync works, and says little', async () => {
    const port = await freePort();
    const running = run('insist = true', `default.rsync, target = 'rsync://127.0.0.1:${port}/mod/trg'`);
    await running.saw(`Retrying startup of ${path('src')}/ -> rsync://127.0.0.1:${port}/mod/trg/: 10`);
    await theOtherWorks('one\n');
    // The second try, a second later, was in vain too.
    await waitUntil(() => countMatches(running.stderr(), 'rsync error') >= 2, { deadlineMs: 10_000 });
    place.write('src/while-away', 'new\n');
    await theOtherWorks('two\n');
    startRsyncd(port);
    await equal('src', 'mnt/trg');
    await running.saw(/Sync1: works again after \d+ failed tries/);
    expect(lines(running, /Retrying startup/)).toHaveLength(1);
    expect(lines(running, /recursive full rsync: \S+src/)).toHaveLength(2);
    expect(lines(running, /Warn: Sync1: rsync ended with 10/)).toHaveLength(1);
  });
});

describe('a target that goes away and comes back', () => {
  interface Target {
    readonly sync: string;
    away(): void | Promise<void>;
    back(): void | Promise<void>;
    /** Log lines of the first failure. */
    readonly says: RegExp;
  }

  function folder(behaviour: string, says: RegExp): Target {
    return {
      sync: `default.${behaviour}, target = '${path('mnt/trg')}'`,
      away: () => renameSync(path('mnt'), path('gone')),
      back: () => renameSync(path('gone'), path('mnt')),
      says,
    };
  }

  async function server(): Promise<Target> {
    const port = await freePort();
    let rsyncd = startRsyncd(port);
    return {
      sync: `default.rsync, target = 'rsync://127.0.0.1:${port}/mod/trg'`,
      away: () => end(rsyncd),
      back: () => void (rsyncd = startRsyncd(port)),
      says: /Retrying a list after exitcode = 10/,
    };
  }

  async function sshHost(): Promise<Target> {
    const sshd: TestSshd = await startSshd(place.path);
    stopSshd = () => sshd.stop();
    const again = (): ChildProcess => {
      const binary = execFileSync('sh', ['-c', 'PATH=$PATH:/usr/sbin; command -v sshd'], {
        encoding: 'utf8',
      });
      return spawn(binary.trim(), ['-D', '-f', path('sshd/sshd_config')], { stdio: 'ignore' });
    };
    return {
      sync: `default.rsyncssh, host = '${sshd.host}', targetdir = '${path('mnt/trg')}', ssh = ${sshd.luaTable}`,
      away: () => sshd.stop(),
      back: () => void started(again()),
      // rsync says 255 or 12, as it hears of the end of ssh, or of the connection, first.
      says: /Retrying (\(list\)|Move .*): (255|12)/,
    };
  }

  it.each([
    ['rsync to a local folder', () => folder('rsync', /Retrying a list after exitcode = 11/)],
    ['direct', () => folder('direct', /Retrying \(list\): 11/)],
    ['rsync to a server', server],
    ['rsyncssh', sshHost],
  ] as const)('has every change afterwards: %s', async (_name, make) => {
    const target = await make();
    const running = run('insist = true', target.sync);
    await running.saw('finished', { times: 2 });
    await equal('src', 'mnt/trg');
    await target.away();
    place.write('src/first.txt', 'first\n');
    await running.saw(target.says);
    changeMuch();
    await theOtherWorks('while the target is away\n');
    await target.back();
    await equal('src', 'mnt/trg');
    await running.saw(/Sync1: works again after \d+ failed (try|tries)/);
    expect(lines(running, target.says)).toHaveLength(1);
    expect(lines(running, /Error/)).toEqual([]);
    place.write('src/after.txt', 'after\n');
    await equal('src', 'mnt/trg');
  });
});

it('a child that ends with a long list unread does not hurt', async () => {
  place.write(
    'rsync',
    `#!/bin/sh\n[ -e ${path('broken')} ] && { echo call >>${path('calls')}; exit 12; }\nexec rsync "$@"\n`,
  );
  chmodSync(path('rsync'), 0o755);
  const binary = `rsync = { binary = '${path('rsync')}' }`;
  const running = run('', `default.rsync, target = '${path('mnt/trg')}', ${binary}`);
  await running.saw('finished', { times: 2 });
  place.write('broken', '');
  const calls = (): number => countMatches(readText(path('calls')), 'call');
  const directory = 'a-long-name-so-that-the-list-does-not-fit-into-the-pipe-'.repeat(3);
  for (let i = 0; i < 5; i++) {
    mkdirSync(path(`src/${directory}${i}`));
    for (let j = 0; j < 1000; j++) place.write(`src/${directory}${i}/${j}`, '');
  }
  const before = calls();
  await waitUntil(() => calls() > before, { deadlineMs: 10_000, what: 'a try with all of it' });
  rmSync(path('broken'));
  await running.saw('Finished a list after exitcode: 0');
  await equal('src', 'mnt/trg');
  expect(running.child.exitCode).toBeNull();
});

it.each(['direct', 'rsyncssh'])(
  'a rename that the startup sync has seen is not done once more (%s)',
  async (behaviour) => {
    const sshd = behaviour === 'rsyncssh' ? await startSshd(place.path) : undefined;
    stopSshd = async () => sshd?.stop();
    // The watches are set when it starts; it looks at the source only when it is let go.
    place.write(
      'rsync',
      `#!/bin/sh\n: >${path('startup')}\nwhile [ ! -e ${path('go')} ]; do sleep 0.02; done\nexec rsync "$@"\n`,
    );
    chmodSync(path('rsync'), 0o755);
    const where =
      sshd === undefined
        ? `target = '${path('mnt/trg')}'`
        : `host = '${sshd.host}', targetdir = '${path('mnt/trg')}', ssh = ${sshd.luaTable}`;
    run('', `default.${behaviour}, ${where}, rsync = { binary = '${path('rsync')}' }`);
    await waitUntil(() => existsSync(path('startup')), { deadlineMs: 10_000 });
    renameSync(path('src/a.txt'), path('src/z.txt'));
    place.write('src/a.txt', 'another file by the old name\n');
    renameSync(path('src/old'), path('src/old2'));
    mkdirSync(path('src/old'));
    place.write('src/old/other.txt', 'another folder by the old name\n');
    place.write('go', '');
    await equal('src', 'mnt/trg');
    place.write('src/last.txt', 'comes after all of it\n');
    await waitUntil(() => existsSync(path('mnt/trg/last.txt')), { deadlineMs: 10_000 });
    expect(readText(path('mnt/trg/z.txt'))).toBe('a.txt\n');
    await equal('src', 'mnt/trg');
  },
);

describe('a source that goes away and comes back', () => {
  const HALTED = 'Cannot go on with Sync1: its source "';

  async function mirror(behaviour = 'rsync'): Promise<RunningDaemon> {
    const running = run('', `default.${behaviour}, target = '${path('mnt/trg')}'`);
    await running.saw('finished', { times: 2 });
    await equal('src', 'mnt/trg');
    return running;
  }

  async function comesBack(running: RunningDaemon): Promise<void> {
    await running.saw(`Sync1: the source "${path('src')}/" is back; doing a full sync`);
    await equal('src', 'mnt/trg');
    // It is watched again.
    place.write('src/later.txt', 'later\n');
    await equal('src', 'mnt/trg');
  }

  it.each(['rsync', 'direct', `rsync, monitor = 'chokidar'`])(
    'moved away and back: nothing is deleted meanwhile (%s)',
    async (behaviour) => {
      const running = await mirror(behaviour);
      const before = readdirSync(path('mnt/trg'));
      renameSync(path('src'), path('src-away'));
      await running.saw(/Error: Cannot go on with Sync1: its source "\S+" was (deleted or )?moved away;/);
      place.write('src-away/changed-while-away.txt', 'x\n');
      await theOtherWorks('while the source is away\n');
      expect(readdirSync(path('mnt/trg'))).toEqual(before);
      renameSync(path('src-away'), path('src'));
      await comesBack(running);
      expect(lines(running, /Cannot go on/)).toHaveLength(1);
    },
  );

  it('removed: it goes on once the source is there with something in it', async () => {
    const running = await mirror();
    // A long delay would keep what was in it; here the folder goes first.
    renameSync(path('src'), path('src-removed'));
    await running.saw(HALTED);
    rmSync(path('src-removed'), { recursive: true });
    mkdirSync(path('src'));
    await theOtherWorks('while the source is empty\n');
    // Two looks at the empty source later.
    expect(readdirSync(path('mnt/trg'))).toContain('a.txt');
    place.write('src/fresh.txt', 'fresh\n');
    await comesBack(running);
    expect(existsSync(path('mnt/trg/a.txt'))).toBe(false);
  });

  it('replaced by another folder: that one is mirrored', async () => {
    const running = await mirror();
    mkdirSync(path('src-new'));
    place.write('src-new/n.txt', 'n\n');
    renameSync(path('src'), path('src-before'));
    renameSync(path('src-new'), path('src'));
    await comesBack(running);
    expect(readdirSync(path('mnt/trg')).toSorted()).toEqual(['later.txt', 'n.txt']);
  });

  it('empty at start while the target is not: it waits for the source', async () => {
    renameSync(path('src'), path('kept'));
    mkdirSync(path('src'));
    mkdirSync(path('mnt/trg'));
    place.write('mnt/trg/precious', 'p\n');
    const running = run('', `default.rsync, target = '${path('mnt/trg')}'`);
    await running.saw(
      `Error: ${HALTED}${path('src')}/" is empty, but its target "${path('mnt/trg')}/" is not, and "delete" is on (allowEmptySource = true lets the target be emptied); put it back:`,
    );
    await theOtherWorks('meanwhile\n');
    expect(readdirSync(path('mnt/trg'))).toEqual(['precious']);
    place.write('src/back.txt', 'back\n');
    await comesBack(running);
  });

  it('empty at start with onepass: ends with 255, and the target is as it was', async () => {
    rmSync(path('src'), { recursive: true });
    mkdirSync(path('src'));
    mkdirSync(path('mnt/trg'));
    place.write('mnt/trg/precious', 'p\n');
    const running = run('onepass = true', `default.direct, target = '${path('mnt/trg')}'`);
    expect(await running.exited).toBe(255);
    expect(running.stderr()).toContain('onepass: not everything could be synced, exiting');
    expect(readdirSync(path('mnt/trg'))).toEqual(['precious']);
  });

  it('unmounted: nothing is deleted, what lies below is not sent, and it goes on when it is mounted again', async (context) => {
    const shell = (script: string): boolean =>
      spawnSync('sh', ['-c', script, 'sh', path('src')], { stdio: 'ignore' }).status === 0;
    const mount = (): boolean => shell('mount -t tmpfs -o mode=755 tsyncd-test "$1"');
    context.skip(!mount() && process.env['TSYNCD_TEST_NO_SKIP'] !== '1', 'mounting is not permitted here');
    try {
      place.write('src/on-disk.txt', 'd\n');
      const running = await mirror();
      await waitUntil(() => shell('umount "$1"'), { deadlineMs: 10_000 });
      await running.saw(`${HALTED}${path('src')}/"`);
      await theOtherWorks('meanwhile\n');
      expect(readdirSync(path('mnt/trg'))).toEqual(['on-disk.txt']);
      expect(shell('mount -t tmpfs -o mode=755 tsyncd-test "$1" && echo m >"$1/mounted-again.txt"')).toBe(
        true,
      );
      await comesBack(running);
    } finally {
      shell('umount -l "$1"');
    }
  });
});
