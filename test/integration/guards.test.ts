// What keeps a source that is not there from wiping its target: with every behaviour, real mounts, and targets on other hosts.

import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorkplace, startDaemon, type RunningDaemon, type Workplace } from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

let place: Workplace;
let daemon: RunningDaemon | undefined;
let sshd: TestSshd | undefined;
let rsyncd: ChildProcess | undefined;
/** Undone in the reverse order. */
let mounts: string[];
const path = (name: string): string => join(place.path, name);

beforeEach(() => {
  place = makeWorkplace();
  mounts = [];
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  if (failed) process.stderr.write(daemon?.output() ?? '');
  await daemon?.stop();
  for (const folder of mounts.toReversed()) spawnSync('umount', ['-l', folder]);
  await sshd?.stop();
  rsyncd?.kill('SIGTERM');
  [daemon, sshd, rsyncd] = [undefined, undefined, undefined];
  place.end(failed);
});

function run(config: string): RunningDaemon {
  daemon = startDaemon({ args: [place.write('conf.lua', config)] });
  return daemon;
}

async function becomesEqual(source: string, target: string): Promise<void> {
  await waitUntil(() => differences(path(source), path(target)) === '', {
    deadlineMs: 30_000,
    what: `${source} and ${target}`,
  });
}

function fill(folder: string, files: readonly string[] = ['1', '2', '3']): void {
  mkdirSync(path(folder), { recursive: true });
  for (const file of files) writeFileSync(join(path(folder), file), `${file}\n`);
}

function mount(folder: string, words: readonly string[]): void {
  mkdirSync(path(folder), { recursive: true });
  execFileSync('mount', [...words, path(folder)]);
  mounts.push(path(folder));
}

function unmount(folder: string): void {
  // Whatever rsync or the monitor does there just now is soon over.
  execFileSync('sh', [
    '-c',
    'for i in 1 2 3 4 5 6 7 8 9; do umount "$1" && exit; sleep 0.2; done; exit 1',
    'sh',
    path(folder),
  ]);
  mounts = mounts.filter((one) => one !== path(folder));
}

interface Case {
  /** Makes the source `NAME` with something in it. */
  readonly make: (name: string) => void;
  readonly goes: (name: string) => void;
  readonly comesBack: (name: string) => void;
}

const tmpfs = (name: string): void => {
  mount(name, ['-t', 'tmpfs', '-o', 'mode=755', 'tsyncd-test']);
  fill(name);
};
const bind = (name: string): void => {
  fill(`${name}-disk`);
  mount(name, ['--bind', path(`${name}-disk`)]);
};

const CASES: Readonly<Record<string, Case>> = {
  removed: {
    make: fill,
    goes: (name) => rmSync(path(name), { recursive: true }),
    comesBack: (name) => fill(name, ['1', 'new']),
  },
  renamed: {
    make: fill,
    goes: (name) => renameSync(path(name), path(`${name}-away`)),
    comesBack: (name) => renameSync(path(`${name}-away`), path(name)),
  },
  replaced: {
    make: fill,
    goes(name) {
      mkdirSync(path(`${name}-new`));
      renameSync(path(name), path(`${name}-away`));
      renameSync(path(`${name}-new`), path(name));
    },
    comesBack(name) {
      rmSync(path(name), { recursive: true });
      renameSync(path(`${name}-away`), path(name));
    },
  },
  unmounted: { make: tmpfs, goes: unmount, comesBack: tmpfs },
  unbound: {
    make: bind,
    goes(name) {
      unmount(name);
      // No event tells of it; it is noticed when there is something to send.
      fill(`${name}-disk`, ['1']);
    },
    comesBack: bind,
  },
  covered: {
    make: fill,
    goes: (name) => mount(name, ['-t', 'tmpfs', 'tsyncd-test']),
    comesBack: unmount,
  },
};

describe.skipIf(process.getuid?.() !== 0)(
  'a source that goes while it is mirrored (mounts need root)',
  () => {
    it.each(['rsync', 'rsyncssh', 'direct'])(
      'deletes nothing at its target, and is sent again when it is back: default.%s',
      async (behaviour) => {
        if (behaviour === 'rsyncssh') sshd = await startSshd(place.path);
        const names = Object.keys(CASES);
        for (const name of names) CASES[name]?.make(name);
        const syncs = names.map((name) => {
          const target = path(`trg-${name}`);
          const where =
            sshd === undefined
              ? `target = '${target}'`
              : `host = '${sshd.host}', targetdir = '${target}', ssh = ${sshd.luaTable}`;
          return `sync { default.${behaviour}, name = '${name}', source = '${path(name)}', ${where}, delay = 2 }`;
        });
        const running = run(`settings { nodaemon = true, maxProcesses = 2 }\n${syncs.join('\n')}`);
        await running.saw(/Startup of .* finished/, { times: names.length });
        for (const name of names) CASES[name]?.goes(name);
        for (const name of names) {
          // What is mounted over a source tells nothing; the source below is still watched.
          if (name !== 'covered') await running.saw(`Error: Cannot go on with ${name}: its source`);
        }
        for (const name of names) expect(readdirSync(path(`trg-${name}`))).toEqual(['1', '2', '3']);
        for (const name of names) CASES[name]?.comesBack(name);
        for (const name of names) await becomesEqual(name, `trg-${name}`);
        for (const name of names) fill(name, ['later']);
        for (const name of names) await becomesEqual(name, `trg-${name}`);
        expect(running.child.exitCode).toBeNull();
      },
    );
  },
);

describe('an emptied source', () => {
  const config = (): string =>
    `settings { nodaemon = true }\nsync { default.rsync, source = '${path('src')}', target = '${path('trg')}', delay = 0 }`;

  it('while it is mirrored is a change like any other, also after the next start', async () => {
    fill('src');
    const running = run(config());
    await running.saw('finished.');
    for (const file of ['1', '2', '3']) rmSync(path(`src/${file}`));
    await becomesEqual('src', 'trg');
    expect(readdirSync(path('trg'))).toEqual([]);
    await running.stop();
    const next = run(config());
    await next.saw('finished.');
    fill('src', ['new']);
    await becomesEqual('src', 'trg');
    expect(next.output()).not.toContain('Error');
  });

  it('while no daemon ran halts, and the Error says both ways out', async () => {
    fill('trg');
    mkdirSync(path('src'));
    const running = run(config());
    await running.saw(
      /Error: Cannot go on with Sync1: .*allowEmptySource = true lets the target be emptied\); put it back: /,
    );
    expect(readdirSync(path('trg'))).toEqual(['1', '2', '3']);
    fill('src', ['1']);
    await running.saw('something is in the source again');
    fill('src', ['2']);
    await running.saw('is back; doing a full sync');
    await becomesEqual('src', 'trg');
    expect(readdirSync(path('trg'))).toEqual(['1', '2']);
  });
});

describe('an empty source and a target on another host', () => {
  beforeEach(() => {
    mkdirSync(path('src'));
    fill('trg');
  });
  const HALTED = /Error: Cannot go on with Sync1: its source "\S+" is empty, but its target "\S+" is not/;

  async function startRsyncd(port: number): Promise<void> {
    const root = process.getuid?.() === 0 ? 'uid = 0\ngid = 0\n' : '';
    const file = place.write(
      'rsyncd.conf',
      `use chroot = no\n${root}[mod]\npath = ${path('trg')}\nread only = no\n`,
    );
    const words = ['--daemon', '--no-detach', `--config=${file}`, '--address=127.0.0.1', `--port=${port}`];
    rsyncd = spawn('rsync', words, { stdio: 'ignore' });
    await waitUntil(() => spawnSync('rsync', [`rsync://127.0.0.1:${port}/`]).status === 0, {
      deadlineMs: 10_000,
    });
  }

  async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  const toServer = (port: number, more = ''): string =>
    `sync { default.rsync, source = '${path('src')}', target = 'rsync://127.0.0.1:${port}/mod/', delay = 0, ${more} }`;

  async function resumes(running: RunningDaemon): Promise<void> {
    expect(readdirSync(path('trg'))).toEqual(['1', '2', '3']);
    const stage = mkdtempSync(join(place.path, 'stage-'));
    writeFileSync(join(stage, 'back'), '');
    renameSync(join(stage, 'back'), path('src/back'));
    await running.saw('is back; doing');
    await becomesEqual('src', 'trg');
  }

  it.each(['rsyncssh', 'rsync'])(
    'over ssh: it halts, and resumes by itself: default.%s',
    async (behaviour) => {
      sshd = await startSshd(place.path);
      const where =
        behaviour === 'rsyncssh'
          ? `host = '${sshd.host}', targetdir = '${path('trg')}', ssh = ${sshd.luaTable}`
          : `target = '${sshd.host}:${path('trg')}', rsync = { rsh = "ssh ${sshd.sshArgs.join(' ')}" }`;
      const running = run(
        `settings { nodaemon = true }\nsync { default.${behaviour}, source = '${path('src')}', ${where}, delay = 0 }`,
      );
      await running.saw(HALTED);
      await resumes(running);
    },
  );

  it('an rsync server: it halts, and resumes by itself', async () => {
    const port = await freePort();
    await startRsyncd(port);
    const running = run(`settings { nodaemon = true }\n${toServer(port)}`);
    await running.saw(HALTED);
    await resumes(running);
  });

  it('what is excluded there does not count', async () => {
    const port = await freePort();
    await startRsyncd(port);
    const running = run(`settings { nodaemon = true }\n${toServer(port, `exclude = { '1', '2', '3' }`)}`);
    await running.saw('finished.');
    expect(readdirSync(path('trg'))).toEqual(['1', '2', '3']);
  });

  it('that cannot be reached ends the daemon, as at any startup', async () => {
    const running = run(`settings { nodaemon = true }\n${toServer(await freePort())}`);
    expect(await running.exited).toBe(255);
    expect(running.stderr()).toContain('Terminating since "insist" is not set.');
  });

  it('that cannot be reached is asked again and again with insist', async () => {
    const port = await freePort();
    const running = run(`settings { nodaemon = true, insist = true }\n${toServer(port)}`);
    await running.saw('Retrying startup of');
    await startRsyncd(port);
    await running.saw(HALTED);
    await resumes(running);
  });

  it('Lua of one’s own that calls default.rsync.init is guarded too', async () => {
    const running = run(
      `settings { nodaemon = true }
       sync { default.rsync, source = '${path('src')}', target = '${path('trg')}', delay = 0,
         init = function(event) log('Normal', 'my init') return default.rsync.init(event) end }`,
    );
    await running.saw(HALTED);
    await resumes(running);
  });
});
