// A place to show a fault in: a source, a target, a daemon, and what a scenario may ask of them. The daemon is tsyncd, or what
// TSYNCD_FAULTS_EXE names (lsyncd), which is patient for a shorter time: what it does at all it does at once.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  countMatches,
  makeWorkplace,
  readText,
  startDaemon,
  TSYNCD,
  type RunningDaemon,
  type Workplace,
} from '../../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../../helpers/sshd.ts';
import { becomeEqual } from '../../helpers/trees.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const other = process.env['TSYNCD_FAULTS_EXE'] ?? '';
/** Another program than tsyncd is looked at. */
export const isOther = other !== '';
const program = isOther ? other : TSYNCD;

const DEADLINE_MS = isOther ? 15_000 : 40_000;

export interface Fault {
  /** What a user sees when it is not there. */
  readonly title: string;
  /** Only lsyncd 2.3.1 has it, or only 2.3.1 can be asked: nothing is to be seen with 2.2.3. */
  readonly onlyNewer?: boolean;
  /** @throws when the program has the fault */
  readonly show: (scene: Scene) => Promise<void>;
}

export interface StartOptions {
  /** The inside of `settings {}`. */
  readonly settings?: string;
  /** Words before the daemon's own. */
  readonly wrapper?: readonly string[];
  readonly waits?: boolean;
}

export class Scene {
  readonly place: Workplace = makeWorkplace();
  readonly source = join(this.place.path, 'src');
  readonly target = join(this.place.path, 'trg');
  readonly status = join(this.place.path, 'status');
  readonly #log = join(this.place.path, 'log');
  readonly #daemons: RunningDaemon[] = [];
  #sshd: TestSshd | undefined;

  constructor() {
    for (const folder of [this.source, this.target, join(this.place.path, 'out')]) mkdirSync(folder);
  }

  get log(): string {
    return readText(this.#log);
  }

  /** Everything that was said, in the log file and on the terminal. */
  get output(): string {
    return this.log + this.#daemons.map((daemon) => daemon.output()).join('\n');
  }

  /** Runs text of a shell in the source; `$OUT`, `$TRG` and `$PLACE` are folders on the same file system. */
  shell(text: string): void {
    const PLACE = this.place.path;
    const env = { ...process.env, OUT: join(PLACE, 'out'), TRG: this.target, PLACE };
    execFileSync('bash', ['-ec', text], { cwd: this.source, env });
  }

  /** A program that stands in for another; its text is of a shell. @returns its path */
  script(name: string, text: string): string {
    const file = this.place.write(name, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  /** An rsync that does `text` when it is to send a batch, and is the real one otherwise. @returns its path */
  rsync(text: string): string {
    return this.script(
      'rsync.sh',
      `case "$*" in *include-from*|*files-from*) ${text} ;; esac\nexec rsync "$@"`,
    );
  }

  /** What stands in a `sync {}` for a target on another host, reached through a real sshd. */
  async host(): Promise<string> {
    this.#sshd = await startSshd(this.place.path);
    return `host = '${this.#sshd.host}', targetdir = '${this.target}'`;
  }

  /** The options of ssh for that host, as the inside of `ssh = {}`. */
  get ssh(): string {
    return (this.#sshd?.luaTable ?? '').replace(/^\{|\}$/g, '');
  }

  /** Writes the config. @returns its path */
  config(sync: string, settings = ''): string {
    return this.place.write(
      'conf.lua',
      `settings { nodaemon = true, logfile = '${this.#log}', statusFile = '${this.status}', statusInterval = 1, ${settings} }
       sync { source = '${this.source}', ${sync} }\n`,
    );
  }

  /** Starts the daemon with one sync, and waits for the end of its startup. */
  async start(sync: string, options: StartOptions = {}): Promise<RunningDaemon> {
    const daemon = this.run(this.config(sync, options.settings), options.wrapper);
    if (options.waits !== false) await this.says('finished');
    return daemon;
  }

  run(config: string, wrapper: readonly string[] = []): RunningDaemon {
    const [first, ...rest] = [...wrapper, program, config];
    const daemon = startDaemon({ program: first, args: rest });
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Resolves once it was said. @throws at once when every daemon has ended without a word of it */
  async says(text: string | RegExp): Promise<void> {
    const isSaid = (): boolean => countMatches(this.output, text) > 0;
    await this.until(() => isSaid() || !this.#daemons.some(isAlive)).catch(() => undefined);
    expect(isSaid(), `${String(text)} in:\n${this.output}`).toBe(true);
  }

  async until(condition: () => boolean, what = String(condition), deadlineMs = DEADLINE_MS): Promise<void> {
    await waitUntil(condition, { deadlineMs, what });
  }

  /** The target is what the source is; links, modes and times too. */
  async isEqual(flags: readonly string[] = ['-rlpt']): Promise<void> {
    expect(await becomeEqual(this.source, this.target, { flags, deadlineMs: DEADLINE_MS })).toBe('');
  }

  async end(failed: boolean): Promise<void> {
    if (failed && !isOther) process.stderr.write(`${this.output}\n`);
    for (const daemon of this.#daemons) {
      daemon.child.kill('SIGCONT');
      await daemon.stop();
    }
    await this.#sshd?.stop();
    this.place.end(failed && !isOther);
  }
}

/** Whether a daemon has not ended. */
export function isAlive({ child }: RunningDaemon): boolean {
  return child.exitCode === null && child.signalCode === null;
}
