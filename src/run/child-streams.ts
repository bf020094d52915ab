// stdin, stdout and stderr of a child: real pipes where the system has them, so that scripts can open /dev/stdin and /dev/stderr.

import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { openPipe, type Pipe } from '../os/pipe.ts';

/** What the daemon holds of a running child's streams. */
export interface ConnectedStreams {
  /** undefined: the child has /dev/null. */
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

export interface ChildStreams {
  /** For `spawn`. */
  readonly stdio: readonly ('ignore' | 'pipe' | number)[];
  /** After `spawn`: lets the child's ends go and returns ours. */
  connect(child: ChildProcess): ConnectedStreams;
  /** Instead of `connect`, when `spawn` threw. */
  abandon(): void;
}

/**
 * Opens what a child needs.
 * @throws Error EMFILE, ENFILE
 */
export function openStreams({ withStdin }: { readonly withStdin: boolean }): ChildStreams {
  const pipes: Pipe[] = [];
  try {
    for (let i = withStdin ? 0 : 1; i < 3; i++) {
      const pipe = openPipe();
      if (pipe === undefined) return nodeStreams(withStdin);
      pipes.push(pipe);
    }
  } catch (error) {
    for (const { readFd, writeFd } of pipes) closeBoth(readFd, writeFd);
    throw error;
  }
  return pipeStreams(pipes);
}

/** Pipes for stdin (if there are three), stdout, stderr. */
function pipeStreams(pipes: readonly Pipe[]): ChildStreams {
  const [stderr, stdout, stdin] = pipes.toReversed();
  if (stderr === undefined || stdout === undefined)
    throw new Error('Cannot go on: stdout and stderr are needed');
  return {
    stdio: [stdin?.readFd ?? 'ignore', stdout.writeFd, stderr.writeFd],
    connect() {
      closeBoth(stdout.writeFd, stderr.writeFd);
      if (stdin !== undefined) closeSync(stdin.readFd);
      return {
        stdin: stdin && new Socket({ fd: stdin.writeFd, readable: false, writable: true }),
        stdout: new Socket({ fd: stdout.readFd, readable: true, writable: false }),
        stderr: new Socket({ fd: stderr.readFd, readable: true, writable: false }),
      };
    },
    abandon() {
      for (const { readFd, writeFd } of pipes) closeBoth(readFd, writeFd);
    },
  };
}

/** The sockets that Node gives where there is no pipe2(2). */
function nodeStreams(withStdin: boolean): ChildStreams {
  return {
    stdio: [withStdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    connect({ stdin, stdout, stderr }) {
      if (stdout === null || stderr === null)
        throw new Error('Cannot go on: the child has no stdout or stderr');
      return { stdin: stdin ?? undefined, stdout, stderr };
    },
    abandon: () => undefined,
  };
}

function closeBoth(one: number, other: number): void {
  closeSync(one);
  closeSync(other);
}
