// Starts one child and says how it ended. The only place of the daemon that spawns rsync, ssh and coreutils.
// Nothing here throws: a child that cannot be started is an end like any other.

import { spawn } from 'node:child_process';
import type { ChildProcess, StdioPipe } from 'node:child_process';
import { constants } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { ChildEnd, Command } from './command.ts';

/** So much of the end of a child's stderr is kept for messages. */
export const KEPT_STDERR_BYTES = 64 * 1024;

/** So much of the stdout of a command with `keepsStdout` is kept. */
const KEPT_STDOUT_BYTES = 1024 * 1024;

/** A pipe that a grandchild keeps open (ssh with ControlPersist) is given up so long after the child's exit. */
const DRAIN_MS = 250;

/** The exit code of what could not be started; lsyncd's children end with it when exec fails. */
const NOT_STARTED = 255;

export type ChildStream = 'stdout' | 'stderr';

export interface ChildOptions {
  /** Gets what the child writes, as it comes. Must not throw. */
  readonly onOutput?: (stream: ChildStream, chunk: Buffer) => void;
}

export interface RunningChild {
  /** undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Resolves once, when the child has ended and its output has been read; never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** Sends a signal; does nothing to a child that has ended. */
  terminate(signal: NodeJS.Signals): void;
}

type HowItEnded = Pick<ChildEnd, 'exitCode' | 'signal' | 'spawnError'>;

/** Starts `command`. Its directory is `/` unless the command says otherwise, so that no child keeps a mount busy. */
export function startChild(command: Command, options: ChildOptions = {}): RunningChild {
  const startedMs = performance.now();
  const stderr = createTail(KEPT_STDERR_BYTES);
  let stdout = '';
  const finish = (how: HowItEnded): ChildEnd => ({
    ...how,
    stderr: stderr.text(),
    stdout,
    durationMs: performance.now() - startedMs,
  });
  let child: ChildProcess;
  try {
    child = spawnChild(command);
  } catch (error) {
    return notStarted(finish(spawnFailure(error)));
  }
  const onOutput = (stream: ChildStream, chunk: Buffer): void => {
    if (stream === 'stdout' && command.keepsStdout === true) {
      stdout += chunk.toString('latin1', 0, KEPT_STDOUT_BYTES - stdout.length);
      return;
    }
    if (stream === 'stderr') stderr.add(chunk);
    options.onOutput?.(stream, chunk);
  };
  child.stdout?.on('data', (chunk: Buffer) => onOutput('stdout', chunk));
  child.stderr?.on('data', (chunk: Buffer) => onOutput('stderr', chunk));
  writeStdin(child, command.stdin);
  return {
    pid: child.pid,
    ended: waitForEnd(child).then(finish),
    terminate: (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    },
  };
}

function spawnChild(command: Command): ChildProcess {
  const stdin: StdioPipe | 'ignore' = command.stdin === undefined ? 'ignore' : 'pipe';
  return spawn(command.binary, [...command.args], {
    cwd: command.cwd ?? '/',
    env: command.env === undefined ? process.env : { ...process.env, ...command.env },
    stdio: [stdin, 'pipe', 'pipe'],
  });
}

/** Writes it all and closes. A child that ends before it has read a long list must not hurt the daemon (EPIPE, ECONNRESET). */
function writeStdin(child: ChildProcess, bytes: Buffer | undefined): void {
  if (bytes === undefined || child.stdin === null) return;
  child.stdin.on('error', () => undefined);
  child.stdin.end(bytes);
}

function waitForEnd(child: ChildProcess): Promise<HowItEnded> {
  return new Promise((resolve) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null): void =>
      resolve({ exitCode: exitCodeOf(code, signal), signal: signal ?? undefined, spawnError: undefined });
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(spawnFailure(error));
    });
    child.once('close', settle);
    child.once('exit', (code, signal) => {
      const timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        settle(code, signal);
      }, DRAIN_MS);
      child.once('close', () => clearTimeout(timer));
    });
  });
}

function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (signal !== null) return 128 + constants.signals[signal];
  return code ?? NOT_STARTED;
}

function spawnFailure(error: unknown): HowItEnded {
  const spawnError = error instanceof Error ? error.message : String(error);
  return { exitCode: NOT_STARTED, signal: undefined, spawnError };
}

function notStarted(end: ChildEnd): RunningChild {
  return { pid: undefined, ended: Promise.resolve(end), terminate: () => undefined };
}

/** The last bytes of a stream, in bounded memory. */
function createTail(maxBytes: number): { add(chunk: Buffer): void; text(): string } {
  let chunks: Buffer[] = [];
  let size = 0;
  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= 2 * maxBytes) return;
      chunks = [Buffer.concat(chunks).subarray(-maxBytes)];
      size = maxBytes;
    },
    text: () => Buffer.concat(chunks).subarray(-maxBytes).toString('latin1'),
  };
}
