// A folder for one run: a source, a target, a config, stand-ins for rsync. Starts a program on it, and compares the trees in the end.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { differences } from '../test/helpers/trees.ts';
import type { ProgramName } from './experiment.ts';
import { becomesTrue } from './waiting.ts';

/** From bench/dist/bench, where this file is compiled to. */
const TSYNCD = fileURLToPath(new URL('../../../bin/tsyncd.js', import.meta.url));

/** No shell between, so that the process started is the one measured. */
const COMMANDS: Readonly<Record<ProgramName, readonly [string, ...string[]]>> = {
  tsyncd: [TSYNCD],
  lsyncd: ['lsyncd'],
};

const START_DEADLINE_MS = 120_000;
const COMPARE_DEADLINE_MS = 20_000;

export interface RunningProgram {
  readonly pid: number;
  /** `performance.now()` right before it was started. */
  readonly startedMs: number;
  /** Resolves once its log has the text so many times. @throws Error when it ends, or the deadline passes */
  logs(text: string, options?: { readonly times?: number; readonly deadlineMs?: number }): Promise<void>;
  /** TERM, then KILL for one that is busy. Idempotent. */
  stop(): Promise<void>;
}

export class Place {
  readonly path: string;
  readonly source: string;
  readonly target: string;
  readonly #log: string;
  readonly #running: RunningProgram[] = [];

  /** `parent` is who removes it. */
  constructor(parent: string) {
    this.path = mkdtempSync(join(parent, 'run-'));
    this.source = this.file('source');
    this.target = this.file('target');
    this.#log = this.file('log');
    mkdirSync(this.source);
    mkdirSync(this.target);
  }

  /** Path of a file below the place. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** A program that takes the place of rsync: a shell's lines, before the real one. */
  standInForRsync(lines: readonly string[]): string {
    const path = this.file('rsync');
    writeFileSync(path, ['#!/bin/sh', ...lines, 'exec rsync "$@"', ''].join('\n'), { mode: 0o755 });
    return path;
  }

  /** A `sync{}` between source and target, or what `entries` says instead. */
  sync(
    layer: 'default.rsync' | 'default.direct' | 'default.rsyncssh',
    entries: Readonly<Record<string, string>>,
  ): string {
    const all = { source: quoted(this.source), target: quoted(this.target), ...entries };
    const named = Object.entries(all).filter(([key]) => key !== 'target' || layer !== 'default.rsyncssh');
    return `sync { ${layer}, ${named.map(([key, value]) => `${key} = ${value}`).join(', ')} }`;
  }

  /** Starts a program in the foreground on these syncs; certificates that Node would read at each start are left out. */
  start(
    program: ProgramName,
    syncs: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): RunningProgram {
    const config = this.file('config.lua');
    const settings = `settings { nodaemon = true, logfile = ${quoted(this.#log)} }`;
    writeFileSync(config, [settings, ...syncs, ''].join('\n'));
    rmSync(this.#log, { force: true });
    const [command, ...args] = COMMANDS[program];
    const startedMs = performance.now();
    const child = spawn(command, [...args, config], {
      cwd: '/',
      stdio: 'ignore',
      env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined, ...env },
    });
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    const hasEnded = (): boolean =>
      child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    const running: RunningProgram = {
      pid: child.pid ?? -1,
      startedMs,
      logs: async (text, { times = 1, deadlineMs = START_DEADLINE_MS } = {}) => {
        const isSaid = (): boolean => this.#logText().split(text).length > times;
        await becomesTrue(() => isSaid() || hasEnded(), { deadlineMs, everyMs: 10 });
        if (!isSaid())
          throw new Error(
            `Cannot measure ${program}: no "${text}" in its log:\n${this.#logText().slice(-2000)}`,
          );
      },
      stop: async () => {
        if (hasEnded()) return;
        child.kill('SIGTERM');
        const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
        await exited;
        clearTimeout(killer);
      },
    };
    this.#running.push(running);
    return running;
  }

  /** Lets a held stand-in go on. */
  release(): void {
    writeFileSync(this.file('release'), '');
  }

  /**
   * Waits until the target is as the source in names, types and content: what was seen arriving is not always all.
   * @throws Error when that does not come
   */
  async compare(target: string = this.target): Promise<void> {
    let text = '';
    const isSame = (): boolean => (text = differences(this.source, target, [])) === '';
    if (await becomesTrue(isSame, { deadlineMs: COMPARE_DEADLINE_MS, everyMs: 200 })) return;
    throw new Error(`Cannot trust the row: the target is not as the source:\n${text.slice(0, 500)}`);
  }

  /** Ends what still runs. */
  async end(): Promise<void> {
    this.release();
    for (const running of this.#running) await running.stop();
  }

  #logText(): string {
    return existsSync(this.#log) ? readFileSync(this.#log, 'latin1') : '';
  }
}

/** A string of Lua; the paths here have no quotes in them. */
export function quoted(text: string): string {
  return `"${text}"`;
}
