// Into the background. Node cannot fork, so the program starts itself once more in a session of its own, and waits until that one says
// over a pipe that it is ready: only then is the exit code 0.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { detachStreams } from './os/detach-streams.ts';

/** Set for the child alone, which takes it out of its environment at once. */
const mark = 'TSYNCD_DAEMON';
/** The child's descriptor of the pipe. */
const readinessFd = 3;
const readyWord = 'ready';

/** Signals that are meant for the daemon while its parent still holds the terminal. */
const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface DaemonizeOptions {
  /** `process.argv`: node, the script (also when it is a link), its arguments. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Starts this program again as a daemon, with the same arguments and node options, in a session of its own, in the same directory. It has
 * our stdout and stderr until it is ready.
 * @returns the exit code for this process: 0 once the daemon is ready, else the daemon's own, or 255 when that would be 0 or it could
 *   not be started. Signals INT, TERM, HUP are passed on meanwhile.
 */
export async function daemonize({ argv, env }: DaemonizeOptions): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...argv.slice(1)], {
    detached: true,
    env: { ...env, [mark]: '1' },
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  });
  const passOn = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of passedOn) process.on(signal, passOn);
  try {
    return await Promise.race([untilReady(child), untilGone(child)]);
  } finally {
    for (const signal of passedOn) process.off(signal, passOn);
    child.stdio[readinessFd]?.destroy();
    child.unref();
  }
}

async function untilReady(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    let said = '';
    child.stdio[readinessFd]?.on('error', () => undefined);
    child.stdio[readinessFd]?.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
      if (said === `${readyWord}\n`) resolve(0);
    });
  });
}

async function untilGone(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.on('error', () => resolve(255));
    child.on('exit', (code, signal) => resolve(toFailure(code, signal)));
  });
}

/** Whoever ended before he was ready has failed, whatever he says. */
function toFailure(code: number | null, signal: NodeJS.Signals | null): number {
  if (signal !== null) return 128 + constants.signals[signal];
  return code === null || code === 0 ? 255 : code;
}

/** The daemon's side. */
export interface DaemonReadiness {
  /**
   * Tells the parent that all is well, so that it ends with 0; then lets go of the terminal, of the directory and of the pipe. Once is enough.
   * @throws Error when /dev/null cannot be opened
   */
  ready(): void;
}

/**
 * What the process started by `daemonize` does with its parent; undefined in any other process. To be called first of all, and once: the
 * mark is taken out of `env`.
 */
export function daemonReadiness(env: NodeJS.ProcessEnv = process.env): DaemonReadiness | undefined {
  const isMarked = env[mark] !== undefined;
  delete env[mark];
  if (!isMarked || !isPipe(readinessFd)) return undefined;
  let isReady = false;
  return {
    ready: () => {
      if (isReady) return;
      isReady = true;
      detachStreams();
      tell(readyWord);
    },
  };
}

/** The mark may come from somewhere else, and then the descriptor is anything. */
function isPipe(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFIFO() || stats.isSocket();
  } catch {
    return false;
  }
}

function tell(word: string): void {
  try {
    writeSync(readinessFd, `${word}\n`);
  } catch {
    // The parent was killed meanwhile; the daemon goes on.
  }
  closeSync(readinessFd);
}
