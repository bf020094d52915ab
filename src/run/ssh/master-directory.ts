// The private directory for control sockets of ssh masters, and what a daemon that was killed left of its own.

import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../start-child.ts';

/** sun_path holds 104 bytes on the smallest of systems: 27 are for our directory, 17 for the name under which ssh makes its socket. */
const MAX_PARENT_BYTES = 50;

const PREFIX = 'tsyncd-ssh-';

/**
 * Makes it, with access for its owner only, below $XDG_RUNTIME_DIR, /run or the directory for temporary files.
 * @returns undefined where none of them can be used
 */
export function makeMasterDirectory(): string | undefined {
  for (const parent of parents()) {
    try {
      return mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
    } catch {
      continue;
    }
  }
  return undefined;
}

function parents(): readonly string[] {
  const all = [process.env['XDG_RUNTIME_DIR'], '/run', tmpdir(), '/tmp'];
  return all.filter((path) => path !== undefined).filter(isFit);
}

/** Ends the masters of daemons that are no more, by the sockets in their directories. Only what is this user's. Never rejects. */
export async function clearLeftMasters(binary: string): Promise<void> {
  for (const parent of parents()) {
    for (const name of namesIn(parent)) {
      const pid = Number(name.slice(PREFIX.length).split('-')[0]);
      if (!name.startsWith(PREFIX) || !Number.isInteger(pid) || isAlive(pid)) continue;
      await clear(binary, join(parent, name));
    }
  }
}

async function clear(binary: string, directory: string): Promise<void> {
  if (!isOwn(directory)) return;
  for (const name of namesIn(directory)) {
    const args = ['-F', 'none', '-S', join(directory, name), '-O', 'exit', 'master'];
    await startChild({ binary, args }).ended;
  }
  rmSync(directory, { recursive: true, force: true });
}

function isFit(path: string): boolean {
  return path.startsWith('/') && Buffer.byteLength(path) <= MAX_PARENT_BYTES;
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function isOwn(directory: string): boolean {
  const stat = lstatSync(directory, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.geteuid?.();
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
