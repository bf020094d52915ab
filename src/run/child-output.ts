// What is kept of what a child writes, and its end made of that. For children that are processes and for scripts on a connection.

import { performance } from 'node:perf_hooks';
import type { ChildEnd, Command } from './command.ts';
import type { ChildOptions } from './start-child.ts';

/** So much of the end of a child's stderr is kept for messages. */
export const KEPT_STDERR_BYTES = 64 * 1024;

/** So much of the stdout of a command with `keepsStdout` is kept. */
const KEPT_STDOUT_BYTES = 1024 * 1024;

export type ChildStream = 'stdout' | 'stderr';

export type HowItEnded = Pick<ChildEnd, 'exitCode' | 'signal' | 'spawnError'>;

export interface CollectedOutput {
  readonly onOutput: (stream: ChildStream, chunk: Buffer) => void;
  /** Call once, at the end. */
  readonly finish: (how: HowItEnded) => ChildEnd;
}

/** Call it when the child starts: its time counts from here. */
export function collectOutput(command: Command, options: ChildOptions): CollectedOutput {
  const startedMs = performance.now();
  const stderr = createTail(KEPT_STDERR_BYTES);
  let stdout = '';
  return {
    onOutput(stream, chunk) {
      if (stream === 'stdout' && command.keepsStdout === true) {
        stdout += chunk.toString('latin1', 0, KEPT_STDOUT_BYTES - stdout.length);
        return;
      }
      if (stream === 'stderr') stderr.add(chunk);
      options.onOutput?.(stream, chunk);
    },
    finish: (how) => ({
      ...how,
      stderr: stderr.text(),
      ...(stderr.isCut() ? { isStderrCut: true } : {}),
      stdout,
      durationMs: performance.now() - startedMs,
    }),
  };
}

/** The last bytes of a stream, in bounded memory. */
function createTail(maxBytes: number): { add(chunk: Buffer): void; text(): string; isCut(): boolean } {
  let chunks: Buffer[] = [];
  let size = 0;
  let isCut = false;
  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      isCut ||= size > maxBytes;
      if (size <= 2 * maxBytes) return;
      chunks = [Buffer.concat(chunks).subarray(-maxBytes)];
      size = maxBytes;
    },
    text: () => Buffer.concat(chunks).subarray(-maxBytes).toString('latin1'),
    isCut: () => isCut,
  };
}
