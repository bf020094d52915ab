// A real sshd on loopback for one test: its own keys, its own configuration, a port of its own. Needs sshd and ssh-keygen.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from './wait-until.ts';

export interface TestSshd {
  /** The host as a config names it. */
  readonly host: string;
  readonly port: number;
  /** What stands between `ssh` and the host. */
  readonly sshArgs: readonly string[];
  /** The same as the `ssh = {…}` of a config. */
  readonly luaTable: string;
  readonly files: KeyFiles;
  /** What it logged; a connection that was let in is a line with `Accepted publickey`. */
  log(): string;
  /** Cuts every connection, as when the network goes. */
  cut(): void;
  /** Ends the server and every connection to it. Idempotent. */
  stop(): Promise<void>;
  /** Starts it once more, after `stop()`. */
  start(): Promise<void>;
}

/** Starts it below `folder`, which must exist and be writable by nobody else. `lines` replace those of its configuration. */
export async function startSshd(folder: string, lines: readonly string[] = []): Promise<TestSshd> {
  const directory = join(folder, 'sshd');
  mkdirSync(directory, { mode: 0o700 });
  const files = makeKeys(directory);
  const port = await freePort();
  writeFileSync(join(directory, 'sshd_config'), withOwn(lines, serverConfig(files, port)));
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const binary = execFileSync('sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin; command -v sshd'], {
    encoding: 'utf8',
  }).trim();
  let said = '';
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    // -D and no double fork: it ends with the process that is known here.
    server = spawn(binary, ['-D', '-e', '-f', join(directory, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await waitUntil(() => accepts(port), { deadlineMs: 10_000, what: `sshd on port ${port}: ${said}` });
  };
  await start();
  const options = {
    UserKnownHostsFile: files.knownHosts,
    StrictHostKeyChecking: 'yes',
    IdentitiesOnly: 'yes',
    BatchMode: 'yes',
  };
  writeFileSync(files.knownHosts, `[127.0.0.1]:${port} ${readFileSync(`${files.hostKey}.pub`, 'utf8')}`);
  const pairs = Object.entries(options);
  return {
    host: '127.0.0.1',
    port,
    sshArgs: [
      '-i',
      files.userKey,
      ...pairs.flatMap(([key, value]) => ['-o', `${key}=${value}`]),
      '-p',
      String(port),
    ],
    luaTable: `{ port = ${port}, identityFile = '${files.userKey}', options = { ${pairs.map(([key, value]) => `${key} = '${value}'`).join(', ')} } }`,
    files,
    log: () => said,
    cut: () => killChildren(server?.pid),
    async stop() {
      const child = server;
      server = undefined;
      if (child === undefined) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      killChildren(child.pid);
      child.kill('SIGTERM');
      await ended;
    },
    start,
  };
}

/** Of most options sshd takes the first line, of some the last. */
function withOwn(lines: readonly string[], config: string): string {
  const names = new Set(lines.map((line) => line.split(' ')[0]));
  const rest = config.split('\n').filter((line) => !names.has(line.split(' ')[0]));
  return [...lines, ...rest].join('\n');
}

/** sshd has processes for each connection, which outlive it. They go before what they have started. */
function killChildren(pid: number | undefined): void {
  for (const child of descendants(pid)) {
    try {
      process.kill(child, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}

function descendants(pid: number | undefined): readonly number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(descendants)];
}

function childrenOf(pid: number | undefined): readonly number[] {
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').map(Number);
    return pids.filter((child) => child > 0);
  } catch {
    return [];
  }
}

export interface KeyFiles {
  readonly hostKey: string;
  readonly userKey: string;
  readonly authorizedKeys: string;
  readonly knownHosts: string;
}

function makeKeys(directory: string): KeyFiles {
  const files = {
    hostKey: join(directory, 'host_key'),
    userKey: join(directory, 'user_key'),
    authorizedKeys: join(directory, 'authorized_keys'),
    knownHosts: join(directory, 'known_hosts'),
  };
  for (const key of [files.hostKey, files.userKey]) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  }
  writeFileSync(files.authorizedKeys, readFileSync(`${files.userKey}.pub`), { mode: 0o600 });
  return files;
}

function serverConfig(files: KeyFiles, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${files.hostKey}`,
    `AuthorizedKeysFile ${files.authorizedKeys}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    `AllowUsers ${userInfo().username}`,
    'MaxStartups 100',
    // bash reads ~/.bashrc for sshd unless it is the shell of a shell; what is done there may take seconds, and suffer when it is killed.
    'SetEnv SHLVL=1',
    '',
  ].join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
