// Starts one child and says how it ended. The only place of the daemon that spawns rsync, ssh and coreutils.
// Nothing here throws: a child that cannot be started is an end like any other.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { collectOutput, type ChildStream, type HowItEnded } from './child-output.ts';
import { openStreams, type ChildStreams } from './child-streams.ts';
import type { ChildEnd, Command } from './command.ts';

/** A pipe that a grandchild keeps open (ssh with ControlPersist) is given up so long after the child's exit. */
const DRAIN_MS = 250;

/** The exit code of what could not be started; lsyncd's children end with it when exec fails. */
const NOT_STARTED = 255;

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

/** In the place of `startChild`. */
export type StartChild = typeof startChild;

/** Starts `command`. Its directory is `/` unless the command says otherwise, so that no child keeps a mount busy. */
export function startChild(command: Command, options: ChildOptions = {}): RunningChild {
  const { onOutput, finish } = collectOutput(command, options);
  let streams: ChildStreams | undefined;
  let child: ChildProcess;
  try {
    streams = openStreams({ withStdin: command.stdin !== undefined });
    child = spawnChild(command, streams);
  } catch (error) {
    streams?.abandon();
    return notStarted(finish(spawnFailure(error)));
  }
  const { stdin, stdout: out, stderr: err } = streams.connect(child);
  out.on('data', (chunk: Buffer) => onOutput('stdout', chunk));
  err.on('data', (chunk: Buffer) => onOutput('stderr', chunk));
  writeStdin(stdin, command.stdin);
  return {
    pid: child.pid,
    ended: waitForEnd(child, [out, err]).then(finish),
    terminate: (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    },
  };
}

function spawnChild(command: Command, streams: ChildStreams): ChildProcess {
  return spawn(command.binary, [...command.args], {
    cwd: command.cwd ?? '/',
    env: command.env === undefined ? process.env : { ...process.env, ...command.env },
    stdio: [...streams.stdio],
  });
}

/** Writes it all and closes. A child that ends before it has read a long list must not hurt the daemon (EPIPE, ECONNRESET). */
function writeStdin(stdin: Writable | undefined, bytes: Buffer | undefined): void {
  if (bytes === undefined || stdin === undefined) return;
  stdin.on('error', () => undefined);
  stdin.end(bytes);
}

async function waitForEnd(child: ChildProcess, outputs: readonly Readable[]): Promise<HowItEnded> {
  const drained = Promise.all(outputs.map(untilClosed));
  const how = await untilGone(child);
  const timer = setTimeout(() => closeAll(outputs), how.spawnError === undefined ? DRAIN_MS : 0);
  await drained;
  clearTimeout(timer);
  return how;
}

function untilGone(child: ChildProcess): Promise<HowItEnded> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(spawnFailure(error));
    });
    child.once('exit', (code, signal) =>
      resolve({ exitCode: exitCodeOf(code, signal), signal: signal ?? undefined, spawnError: undefined }),
    );
  });
}

function untilClosed(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.on('error', () => undefined);
    stream.once('close', resolve);
  });
}

function closeAll(streams: readonly Readable[]): void {
  for (const stream of streams) stream.destroy();
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
