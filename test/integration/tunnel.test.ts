// Syncs through tunnels: a real rsync daemon behind a real `ssh -L` on loopback, which is killed while something is sent.

import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
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

const DEADLINE_MS = 60_000;

describe('a sync with a tunnel', { timeout: 120_000 }, () => {
  let place: Workplace;
  let sshd: TestSshd;
  let rsyncd: ChildProcess;
  let rsyncdPort: number;
  let daemon: RunningDaemon;

  beforeEach(async () => {
    place = makeWorkplace();
    for (const folder of ['src', 'mnt']) mkdirSync(path(folder));
    sshd = await startSshd(place.path);
    rsyncdPort = await freePort();
    rsyncd = startRsyncd(rsyncdPort);
    place.write('go', '');
  });
  afterEach(async (context) => {
    const failed = context.task.result?.state === 'fail';
    if (failed) process.stderr.write(daemon.output());
    await daemon.stop();
    rsyncd.kill();
    await sshd.stop();
    for (const pid of tunnels().filter(isAlive)) process.kill(pid, 'SIGKILL');
    place.end(failed);
  });

  const path = (name: string): string => join(place.path, name);

  function startRsyncd(port: number): ChildProcess {
    const uid = process.getuid?.() === 0 ? 'uid = root\ngid = root\n' : '';
    const config = place.write(
      'rsyncd.conf',
      `${uid}use chroot = no\nport = ${port}\naddress = 127.0.0.1\n[mod]\npath = ${path('mnt')}\nread only = no\n`,
    );
    return spawn('rsync', ['--daemon', '--no-detach', `--config=${config}`], { stdio: 'ignore' });
  }

  /** The `tunnel{}` of a config; each of its processes notes its id in `tunnels`. Without the file `go` it ends with 7. */
  function tunnel(remotePort: number, more: string): string {
    const ssh = [
      'ssh',
      '-N',
      '-o',
      'ExitOnForwardFailure=yes',
      ...sshd.sshArgs,
      '-L',
      `^localhost:^localport:127.0.0.1:${remotePort}`,
      sshd.host,
    ];
    const script = `echo $$ >>${path('tunnels')}; [ -e ${path('go')} ] || exit 7; exec "$@"`;
    const words = ['sh', '-c', script, 'tunnel', ...ssh].map((word) => JSON.stringify(word));
    return `tunnel { command = { ${words.join(', ')} }, localhost = "127.0.0.1", retryDelay = 0.3, ${more} }`;
  }

  function start(sync: string): void {
    const config = place.write(
      'conf.lua',
      `settings { nodaemon = true, statusFile = '${path('status')}', statusInterval = 0 }
       sync { source = '${path('src')}', delay = 0, ${sync} }\n`,
    );
    daemon = startDaemon({ args: [config] });
  }

  function startModule(more: string, tunnelOptions = ''): void {
    start(
      `default.rsync, target = 'rsync://^localhost:^localport/mod', tunnel = ${tunnel(rsyncdPort, tunnelOptions)}, ${more}`,
    );
  }

  const tunnels = (): number[] => readText(path('tunnels')).split('\n').filter(Boolean).map(Number);

  async function becomesEqual(): Promise<void> {
    await waitUntil(() => differences(path('src'), path('mnt')) === '', {
      deadlineMs: DEADLINE_MS,
      what: `equal trees:\n${daemon.output()}`,
    });
  }

  /** rsync's file of that name is being received. */
  async function receives(name: string): Promise<void> {
    await waitUntil(() => readdirSync(path('mnt')).some((entry) => entry.startsWith(`.${name}.`)), {
      deadlineMs: DEADLINE_MS,
      what: `${name} to be on its way:\n${daemon.output()}`,
    });
  }

  function killTunnel(): void {
    process.kill(tunnels().at(-1) ?? 0, 'SIGKILL');
  }

  it('loses nothing when the tunnel is killed twice while something is sent', async () => {
    place.write('src/first', 'x'.repeat(1_500_000));
    startModule(`rsync = { bwlimit = 600 }`);
    await receives('first');
    killTunnel();
    await daemon.saw('tunnel is down', { deadlineMs: DEADLINE_MS });
    place.write('src/while-down', 'y');
    await receives('first');
    place.write('src/second', 'z'.repeat(1_500_000));
    place.write('src/small', 'small');
    await receives('second');
    killTunnel();
    await daemon.saw('tunnel is down', { times: 2, deadlineMs: DEADLINE_MS });
    rmSync(path('src/small'));
    await becomesEqual();
    expect(readText(path('mnt/while-down'))).toBe('y');
    expect(existsSync(path('mnt/small'))).toBe(false);
    expect(daemon.output()).not.toContain('Terminating');
  });

  it('sends nothing while there is no tunnel, and then all, without insist', async () => {
    rmSync(path('go'));
    place.write('src/file', 'content');
    startModule('');
    await waitUntil(() => tunnels().length >= 3, { deadlineMs: DEADLINE_MS });
    place.write('src/later', 'content');
    expect(daemon.output()).toContain('Sync1: tunnel is down: sh ended with 7; starting it again in 0.3 s');
    expect(daemon.output()).not.toContain('recursive full rsync');
    await waitUntil(() => readText(path('status')).includes('its tunnel is down'), {
      deadlineMs: DEADLINE_MS,
    });
    place.write('go', '');
    await daemon.saw(/Sync1: tunnel is up \(127\.0\.0\.1:\d+\)/, { deadlineMs: DEADLINE_MS });
    await becomesEqual();
    await waitUntil(() => !readText(path('status')).includes('its tunnel is down'), {
      deadlineMs: DEADLINE_MS,
    });
  });

  it('shares its children out among two tunnels, and goes on with one', async () => {
    place.write(
      'send',
      `#!/bin/sh\nfor word; do :; done\necho "$word" >>${path('targets')}\nexec rsync "$@"\n`,
    );
    chmodSync(path('send'), 0o755);
    startModule(
      `maxProcesses = 2, rsync = { binary = '${path('send')}' }`,
      'mode = "pool", parallel = 2, retryDelay = 600',
    );
    await daemon.saw('tunnel is up', { times: 2, deadlineMs: DEADLINE_MS });
    for (const name of ['one', 'two', 'three']) {
      place.write(`src/${name}`, name);
      await becomesEqual();
    }
    const targets = (): string[] => readText(path('targets')).split('\n').filter(Boolean);
    expect(new Set(targets()).size).toBe(2);
    expect(targets().every((target) => /^rsync:\/\/127\.0\.0\.1:\d+\/mod\/$/.test(target))).toBe(true);

    process.kill(tunnels()[0] ?? 0, 'SIGKILL');
    await daemon.saw('tunnel is down', { deadlineMs: DEADLINE_MS });
    const before = targets().length;
    for (const name of ['four', 'five', 'six']) {
      place.write(`src/${name}`, name);
      await becomesEqual();
    }
    expect(new Set(targets().slice(before)).size).toBe(1);
  });

  it('carries default.rsyncssh, by the port of ssh', async () => {
    mkdirSync(path('src/old'));
    place.write('src/old/file', 'content');
    const { port } = sshd;
    const own = [...sshd.sshArgs.slice(0, -2), '-o', `HostKeyAlias=[127.0.0.1]:${port}`];
    start(`default.rsyncssh, host = '^localhost', targetdir = '${path('mnt')}', tunnel = ${tunnel(port, '')},
      ssh = { port = '^localport', _extra = { ${own.map((word) => `'${word}'`).join(', ')} } }`);
    await becomesEqual();
    await daemon.saw('finished');
    place.write('src/old/new', 'content');
    await becomesEqual();
    killTunnel();
    await daemon.saw('tunnel is down', { deadlineMs: DEADLINE_MS });
    rmSync(path('src/old'), { recursive: true });
    await becomesEqual();
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGQUIT', 131],
  ] as const)('ends with the daemon: %s', async (signal, code) => {
    startModule('', 'mode = "pool", parallel = 2');
    await daemon.saw('tunnel is up', { times: 2, deadlineMs: DEADLINE_MS });
    await daemon.saw('finished');
    expect(tunnels().filter(isAlive)).toHaveLength(2);
    daemon.child.kill(signal);
    expect(await daemon.exited).toBe(code);
    await waitUntil(() => tunnels().filter(isAlive).length === 0, { deadlineMs: 10_000 });
  });

  it('is made anew at HUP', async () => {
    startModule('');
    await daemon.saw('finished');
    const [first = 0] = tunnels();
    daemon.child.kill('SIGHUP');
    await daemon.saw('tunnel is up', { times: 2, deadlineMs: DEADLINE_MS });
    expect(isAlive(first)).toBe(false);
    place.write('src/after', 'content');
    await becomesEqual();
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
