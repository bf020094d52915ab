// Scripts over ssh2's lasting connection, with a real sshd: how they end, what happens to the connection, and when the ssh program
// does it instead. ssh2 must never take a host key that ssh would not.

import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import type { ChildEnd, Command } from '../../../src/run/command.ts';
import { LastingConnections } from '../../../src/run/ssh/lasting-connections.ts';
import { createOpenSshTransport } from '../../../src/run/ssh-transport.ts';
import type { RunningChild } from '../../../src/run/start-child.ts';
import { countMatches } from '../../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../../helpers/sshd.ts';
import { waitUntil } from '../../helpers/wait-until.ts';
import { recordingLog } from '../../sync/recording-log.ts';

let folder: string;
let sshd: TestSshd;
let trusted: string;
let connections: LastingConnections;
let lines: string[];
let letIn: number;
let addresses: readonly string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tsyncd-lasting-'));
  sshd = await startSshd(folder);
  trusted = readFileSync(sshd.files.knownHosts, 'utf8');
});
beforeEach(() => {
  const recording = recordingLog();
  ({ lines } = recording);
  addresses = ['127.0.0.1', '127.0.0.2'];
  const resolve = (): Promise<readonly string[]> => Promise.resolve(addresses);
  connections = new LastingConnections({ log: recording.log, clock: systemClock, resolve });
  letIn = accepted();
});
afterEach(async () => {
  await connections.end();
  writeFileSync(sshd.files.knownHosts, trusted);
});
afterAll(async () => {
  await sshd.stop();
  rmSync(folder, { recursive: true, force: true });
});

function accepted(): number {
  return countMatches(sshd.log(), 'Accepted publickey');
}

interface Script {
  readonly stdin?: string;
  readonly args?: readonly string[];
  readonly isForced?: boolean;
  readonly onOutput?: (text: string) => void;
}

function start(
  script: string,
  { stdin = '', args = sshd.sshArgs, isForced = false, onOutput }: Script = {},
): RunningChild {
  const transport = createOpenSshTransport({ binary: 'ssh', args });
  const command: Command = {
    ...transport.toCommand({ host: sshd.host, script, stdin: Buffer.from(stdin) }),
    keepsStdout: onOutput === undefined,
  };
  return connections.start(command, {
    isForced,
    onOutput: (_stream, chunk) => onOutput?.(chunk.toString()),
  });
}

/** A script that runs until nobody reads what it says. */
async function startTicking(args = sshd.sshArgs): Promise<RunningChild> {
  let hasBegun = false;
  const child = start('while echo tick; do sleep 0.05; done', {
    args,
    onOutput: () => void (hasBegun = true),
  });
  await waitUntil(() => hasBegun, { deadlineMs: 20_000, what: 'the script' });
  return child;
}

const run = (script: string, how: Script = {}): Promise<ChildEnd> => start(script, how).ended;
const usedSsh2 = (): boolean => lines.some((line) => line.endsWith('connected by ssh2'));
const withOption = (option: string): readonly string[] => ['-o', option, ...sshd.sshArgs];

describe('scripts', () => {
  it('go over one connection, one after the other and at once', async () => {
    for (const word of ['a', 'b', 'c'])
      expect(await run('cat', { stdin: word })).toMatchObject({ exitCode: 0, stdout: word });
    const ends = await Promise.all(['d', 'e'].map((word) => run('cat', { stdin: word })));
    expect(ends.map(({ stdout }) => stdout)).toEqual(['d', 'e']);
    expect(accepted() - letIn).toBe(1);
    expect(lines).toEqual(['Ssh: 127.0.0.1: connected by ssh2']);
  });

  it('end as over ssh: exit code, stderr, a signal there', async () => {
    expect(await run('echo no >&2; exit 7')).toMatchObject({
      exitCode: 7,
      stderr: 'no\n',
      signal: undefined,
    });
    expect(await run('kill -KILL $$')).toMatchObject({ exitCode: 255, signal: undefined });
    expect(usedSsh2()).toBe(true);
  });

  it('take and give more than a window holds, with every byte', async () => {
    const stdin = 'x\0'.repeat(3_000_000);
    const end = await run('cat | wc -c', { stdin });
    expect(end.stdout?.trim()).toBe(String(stdin.length));
    let got = 0;
    await run('head -c 5000000 /dev/zero', { onOutput: (text) => void (got += text.length) });
    expect(got).toBe(5_000_000);
  });

  it('that read nothing of a long list end all the same', async () => {
    expect(await run('exit 3', { stdin: 'x'.repeat(5_000_000) })).toMatchObject({ exitCode: 3 });
  });

  it('are ended by a signal, and the connection stays', async () => {
    const child = await startTicking();
    child.terminate('SIGTERM');
    expect(await child.ended).toMatchObject({ exitCode: 143, signal: 'SIGTERM' });
    expect(await run('echo on')).toMatchObject({ stdout: 'on\n' });
    expect(accepted() - letIn).toBe(1);
  });

  it('that a signal ends before there is a connection never start', async () => {
    const file = join(folder, 'never');
    const child = start(`touch ${file}`);
    child.terminate('SIGTERM');
    expect(await child.ended).toMatchObject({ exitCode: 143, signal: 'SIGTERM' });
    await run('true');
    expect(existsSync(file)).toBe(false);
  });
});

describe('a connection', () => {
  it('that breaks while a script runs ends it with 255; the next script gets a new one', async () => {
    const child = await startTicking();
    sshd.cut();
    expect(await child.ended).toMatchObject({
      exitCode: 255,
      signal: undefined,
      stderr: 'ssh2: the connection to 127.0.0.1 broke while the command ran\n',
    });
    expect(await run('echo on')).toMatchObject({ exitCode: 0, stdout: 'on\n' });
    expect(accepted() - letIn).toBe(2);
  });

  it('is opened again after sshd was restarted', async () => {
    await run('true');
    await sshd.stop();
    expect(await run('true')).toMatchObject({ exitCode: 255 });
    await sshd.start();
    expect(await run('echo on')).toMatchObject({ exitCode: 0, stdout: 'on\n' });
  });

  it('is not used any more when the name of the host means another one', async () => {
    await run('true');
    addresses = [];
    await run('true');
    expect(accepted() - letIn).toBe(1);
    addresses = ['127.0.0.2'];
    expect(await run('echo on', { isForced: true })).toMatchObject({
      spawnError: expect.stringMatching(/ECONNREFUSED 127.0.0.2/),
    });
    addresses = ['127.0.0.1'];
    expect(await run('echo on', { isForced: true })).toMatchObject({ stdout: 'on\n' });
    expect(accepted() - letIn).toBe(2);
  });

  it('ends with the round', async () => {
    await run('true');
    await connections.end();
    await waitUntil(() => countMatches(sshd.log(), 'Disconnected from user') > 0, {
      deadlineMs: 10_000,
      what: 'the end of the connection',
    });
  });
});

/** `[host]:port type key` of the sshd, with other hosts or another key. */
function lineFor(hosts: string, key = readFileSync(`${sshd.files.hostKey}.pub`, 'utf8')): string {
  return `${hosts} ${key.trim()}\n`;
}
const name = (): string => `[${sshd.host}]:${sshd.port}`;

function strangeKey(): string {
  const file = join(folder, 'strange');
  rmSync(file, { force: true });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  return readFileSync(`${file}.pub`, 'utf8');
}

describe('a host key', () => {
  it.each<readonly [string, () => string, RegExp]>([
    ['that is not known', () => '', /no host key of 127.0.0.1 is known/],
    ['that has changed', () => lineFor(name(), strangeKey()), /its host key is changed/],
    ['that is revoked', () => lineFor(name()) + lineFor('@revoked *'), /its host key is revoked/],
    ['under an authority', () => lineFor(`@cert-authority ${name()}`, strangeKey()), /under an authority/],
  ])('%s is for ssh, which refuses it', async (_what, known, reason) => {
    writeFileSync(sshd.files.knownHosts, known());
    expect(await run('true')).toMatchObject({ exitCode: 255 });
    expect(lines.join('\n')).toMatch(reason);
    expect(accepted() - letIn).toBe(0);
  });

  it('known for another port is for ssh, whatever that thinks of it', async () => {
    writeFileSync(sshd.files.knownHosts, lineFor(sshd.host));
    await run('true');
    expect(lines.join('\n')).toMatch(/no host key of 127.0.0.1 is known/);
    expect(usedSsh2()).toBe(false);
  });

  it('that is not known is for ssh also where that would take it', async () => {
    writeFileSync(sshd.files.knownHosts, '');
    const args = withOption('StrictHostKeyChecking=no');
    expect(await run('true', { args })).toMatchObject({ exitCode: 0 });
    expect(usedSsh2()).toBe(false);
    expect(readFileSync(sshd.files.knownHosts, 'utf8')).not.toBe('');
  });

  it('is found hashed, by a pattern, and by an alias', async () => {
    writeFileSync(sshd.files.knownHosts, lineFor(name()));
    execFileSync('ssh-keygen', ['-q', '-H', '-f', sshd.files.knownHosts], { stdio: 'ignore' });
    expect(await run('true', { isForced: true })).toMatchObject({ exitCode: 0 });
    writeFileSync(sshd.files.knownHosts, lineFor(`!other,[127.*]:${sshd.port}`));
    expect(await run('true', { isForced: true, args: withOption('LogLevel=QUIET') })).toMatchObject({
      exitCode: 0,
    });
    writeFileSync(sshd.files.knownHosts, lineFor('mirror'));
    expect(await run('true', { isForced: true, args: withOption('HostKeyAlias=mirror') })).toMatchObject({
      exitCode: 0,
    });
    expect(accepted() - letIn).toBe(3);
  });

  it('that is weak is for ssh', async () => {
    const own = join(folder, 'rsa');
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', own]);
    const place = mkdtempSync(join(folder, 'rsa-'));
    const server = await startSshd(place, [`HostKey ${own}`, 'HostKeyAlgorithms rsa-sha2-512']);
    try {
      const key = readFileSync(`${own}.pub`, 'utf8');
      writeFileSync(server.files.knownHosts, `[${server.host}]:${server.port} ${key}`);
      expect(await run('true', { args: server.sshArgs, isForced: true })).toMatchObject({ exitCode: 0 });
      const args = ['-o', 'RequiredRSASize=3072', ...server.sshArgs];
      expect(await run('true', { args, isForced: true })).toMatchObject({
        exitCode: 255,
        spawnError: 'ssh2 cannot be used: its host key is weak',
      });
    } finally {
      await server.stop();
    }
  });

  it('in a file that cannot be read is for ssh: another file may say that it is revoked', async () => {
    const args = withOption(`UserKnownHostsFile=${sshd.files.knownHosts} ${join(folder, 'none')}`);
    expect(await run('true', { args })).toMatchObject({ exitCode: 0 });
    expect(lines.join('\n')).toMatch(/none" cannot be read \(ENOENT\)/);
    expect(usedSsh2()).toBe(false);
  });
});

describe('the keys of the user', () => {
  const argsWith = (key: string): readonly string[] => ['-i', key, ...sshd.sshArgs.slice(2)];

  it('with a passphrase, without an agent, are for ssh', async () => {
    const key = lockedKey();
    await run('true', { args: argsWith(key) });
    expect(lines.join('\n')).toMatch(/no key that can be used without a passphrase/);
    expect(usedSsh2()).toBe(false);
  });

  it('with a passphrase are used by an agent that has them', async () => {
    const socket = join(folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    try {
      await waitUntil(() => existsSync(socket), { deadlineMs: 10_000, what: 'the agent' });
      execFileSync('ssh-add', ['-q', sshd.files.userKey], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      const args = ['-o', `IdentityAgent=${socket}`, ...argsWith(lockedKey())];
      expect(await run('echo yes', { args, isForced: true })).toMatchObject({ stdout: 'yes\n' });
      const strange = join(folder, 'own');
      rmSync(strange, { force: true });
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', strange]);
      const refused = await run('true', { args: ['-o', `IdentityAgent=${socket}`, ...argsWith(strange)] });
      expect(refused).toMatchObject({ exitCode: 255 });
    } finally {
      agent.kill();
    }
  });

  it('that others may read are for ssh, which does not use them', async () => {
    const key = join(folder, 'open');
    copyFileSync(sshd.files.userKey, key);
    chmodSync(key, 0o644);
    expect(await run('true', { args: argsWith(key) })).toMatchObject({ exitCode: 255 });
    expect(accepted() - letIn).toBe(0);
  });

  it('that the other side does not know are not tried by ssh2 again', async () => {
    const key = join(folder, 'unknown');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    for (let time = 0; time < 3; time++)
      expect(await run('true', { args: argsWith(key) })).toMatchObject({ exitCode: 255 });
    expect(lines).toHaveLength(1);
  });

  function lockedKey(): string {
    const key = join(folder, 'locked');
    rmSync(key, { force: true });
    copyFileSync(sshd.files.userKey, key);
    copyFileSync(`${sshd.files.userKey}.pub`, `${key}.pub`);
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', key], { stdio: 'ignore' });
    return key;
  }
});

/** Connects without ever asking to be let in. */
async function takeItsOnlyPlace({ host, port }: TestSshd): Promise<Socket> {
  for (;;) {
    const socket = createConnection({ host, port });
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    if (greeting.toString().startsWith('SSH-2.0')) return socket;
    socket.destroy();
  }
}

it('a host that lets nobody in for now is asked by ssh as well, and then for a while by ssh alone', async () => {
  const place = mkdtempSync(join(folder, 'busy-'));
  const server = await startSshd(place, ['MaxStartups 1']);
  const others = await takeItsOnlyPlace(server);
  try {
    expect(await run('true', { args: server.sshArgs })).toMatchObject({
      exitCode: 255,
      spawnError: undefined,
    });
    others.destroy();
    await waitUntil(async () => (await run('true', { args: server.sshArgs })).exitCode === 0, {
      deadlineMs: 20_000,
    });
    expect(lines).toHaveLength(1);
  } finally {
    others.destroy();
    await server.stop();
  }
});

it('a host that does not answer keeps nobody waiting at the end', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  try {
    const port = String((silent.address() as AddressInfo).port);
    writeFileSync(sshd.files.knownHosts, lineFor(`[127.0.0.1]:${port}`));
    const child = start('true', { args: ['-p', port, ...sshd.sshArgs], isForced: true });
    await once(silent, 'connection');
    child.terminate('SIGTERM');
    const startedMs = performance.now();
    await connections.end();
    expect(await child.ended).toMatchObject({ signal: 'SIGTERM' });
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  } finally {
    silent.close();
  }
});

describe('the ssh program does it', () => {
  it('behind a proxy of ssh_config', async () => {
    const config = join(folder, 'config');
    writeFileSync(
      config,
      `Host ${sshd.host}\n  ProxyCommand bash -c 'exec 3<>/dev/tcp/%h/%p; cat <&3 & cat >&3'\n`,
    );
    const args = ['-F', config, ...sshd.sshArgs];
    expect(await run('cat', { args, stdin: 'x' })).toMatchObject({ exitCode: 0, stdout: 'x' });
    expect(lines.join('\n')).toMatch(/its ssh configuration has "proxycommand/);
    expect(await run('true', { args, isForced: true })).toMatchObject({
      exitCode: 255,
      spawnError: expect.stringMatching(/^ssh2 cannot be used: its ssh configuration has "proxycommand/),
    });
  });

  it('where the other side opens no channel more on the connection', async () => {
    const place = mkdtempSync(join(folder, 'one-'));
    const server = await startSshd(place, ['MaxSessions 1']);
    try {
      const first = await startTicking(server.sshArgs);
      expect(await run('echo two', { args: server.sshArgs })).toMatchObject({ stdout: 'two\n' });
      first.terminate('SIGTERM');
      await first.ended;
    } finally {
      await server.stop();
    }
  });
});
