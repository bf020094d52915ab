// Runs the built program as its users do, and reads what it says.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from './wait-until.ts';

/** The program that is tested; `npm run build` made what it loads. */
export const TSYNCD = fileURLToPath(new URL('../../bin/tsyncd.js', import.meta.url));

/** A folder of its own for a test; kept, and named, when the test fails. */
export interface Workplace {
  readonly path: string;
  /** Writes a file below it and returns its absolute path. */
  write(name: string, text: string): string;
  /** Call with whether the test failed. */
  end(failed: boolean): void;
}

export function makeWorkplace(): Workplace {
  const path = mkdtempSync(join(tmpdir(), 'tsyncd-test-'));
  return {
    path,
    write(name, text) {
      const file = join(path, name);
      writeFileSync(file, text);
      return file;
    },
    end(failed) {
      if (failed) process.stderr.write(`kept for you: ${path}\n`);
      else rmSync(path, { recursive: true, force: true });
    },
  };
}

export interface RunningDaemon {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** stdout and stderr as they came. */
  readonly output: () => string;
  /** Resolves once the output has the text so many times. */
  saw(text: string | RegExp, options?: { times?: number; deadlineMs?: number }): Promise<void>;
  /** Exit code, 128 + n for a signal. */
  readonly exited: Promise<number>;
  /** TERM, and waits. Idempotent. */
  stop(): Promise<number>;
}

export interface StartOptions {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the built tsyncd. */
  readonly program?: string;
}

/** Starts the program in the foreground; pass `-nodaemon` or a config that says it. */
export function startDaemon(options: StartOptions): RunningDaemon {
  const child = spawn(options.program ?? TSYNCD, [...options.args], {
    cwd: options.cwd ?? '/',
    env: { ...process.env, TZ: 'UTC', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    output += text;
  });
  const exited = new Promise<number>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    output: () => output,
    exited,
    async saw(text, { times = 1, deadlineMs = 20_000 } = {}) {
      await waitUntil(() => countMatches(output, text) >= times || child.exitCode !== null, {
        deadlineMs,
        what: `${String(text)} in the output of the daemon:\n${output}`,
      });
      if (countMatches(output, text) < times) {
        throw new Error(`The daemon ended (${child.exitCode}) before it said ${String(text)}:\n${output}`);
      }
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return exited;
    },
  };
}

/** How often `text` stands in `whole`. */
export function countMatches(whole: string, text: string | RegExp): number {
  if (typeof text === 'string') return whole.split(text).length - 1;
  return [...whole.matchAll(new RegExp(text.source, `${text.flags.replace('g', '')}g`))].length;
}

/** A file's text, `''` when it is not there. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Record<string, number> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGKILL: 9,
    SIGUSR1: 10,
    SIGPIPE: 13,
    SIGTERM: 15,
  };
  return numbers[signal ?? ''] ?? 0;
}
