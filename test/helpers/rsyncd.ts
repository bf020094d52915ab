// A real rsync daemon for one test.

import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface RsyncdOptions {
  /** Where its config is written; must exist. */
  readonly folder: string;
  /** What its module `mod` has; must exist. */
  readonly path: string;
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** What starts it, e.g. to be in a network namespace; default: nothing. */
  readonly before?: readonly string[];
}

/** It may be a moment until it listens. */
export function startRsyncd({ folder, path, port, address, before = [] }: RsyncdOptions): ChildProcess {
  const config = join(folder, `rsyncd-${port}.conf`);
  const uid = process.getuid?.() === 0 ? 'uid = root\ngid = root\n' : '';
  writeFileSync(
    config,
    `${uid}use chroot = no\nport = ${port}\naddress = ${address ?? '127.0.0.1'}\n[mod]\npath = ${path}\nread only = no\n`,
  );
  const words = [...before, 'rsync', '--daemon', '--no-detach', `--config=${config}`];
  return spawn(words[0] ?? '', words.slice(1), { stdio: 'ignore' });
}

/** Ends a child, and waits. Idempotent. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** One that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
