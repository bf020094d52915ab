// What a sync tells of its watches: events that were lost, directories that are not watched. Each reason is said once in the log, for as long
// as it lasts; the status file has the numbers of now.

import { readFileSync } from 'node:fs';
import { toText } from '../byte-path.ts';
import type { AnySyncSpec } from '../config/sync-spec.ts';
import type { Log } from '../log.ts';
import type { Unwatched, WatchTrouble } from '../watch/monitor.ts';

type UnwatchedTrouble = WatchTrouble & { readonly kind: 'unwatched' };

export class WatchNotes {
  readonly #spec: AnySyncSpec;
  readonly #log: Log;
  #overflows = 0;
  #unwatched: readonly Unwatched[] = [];

  constructor(spec: AnySyncSpec, log: Log) {
    this.#spec = spec;
    this.#log = log;
  }

  /** One line each, for the status file. */
  get lines(): readonly string[] {
    const times = this.#overflows === 1 ? 'overflow' : 'overflows';
    const lost = `Lost events: ${this.#overflows} ${times} of the kernel's event queue, made up for`;
    const unwatched = this.#unwatched.map(
      ({ code, count }) => `Not watched: ${directories(count)} (${code}), ${this.#howOften}`,
    );
    return [...(this.#overflows === 0 ? [] : [lost]), ...unwatched];
  }

  overflowed(): void {
    this.#overflows++;
  }

  noteUnwatched(trouble: UnwatchedTrouble): void {
    const before = new Set(this.#unwatched.map(({ code }) => code));
    const { name } = this.#spec;
    this.#unwatched = trouble.unwatched;
    if (trouble.unwatched.length === 0 && before.size > 0) {
      this.#log('Normal', `${name}: all its directories are watched again`);
    }
    for (const one of trouble.unwatched) {
      if (!before.has(one.code)) this.#log('Error', this.#sentence(one, trouble));
    }
  }

  #sentence({ code, path, count }: Unwatched, { watched, missing }: UnwatchedTrouble): string {
    const { name, source } = this.#spec;
    const one = toText(source + path.slice(1));
    const what = `Cannot watch ${directories(count)} of ${name} (one is "${one}")`;
    if (code !== 'ENOSPC') return `${what}: ${code}. Until then: ${this.#howOften}`;
    const allowed = watchLimit();
    const all = allowed === undefined ? '' : `; ${allowed} are allowed for all programs of this user`;
    const enough = limitFor(Math.max(allowed ?? 0, watched) + missing);
    const need = `no inotify watches are left: ${directories(watched + missing)} need one${all}`;
    const advice = `raise the limit: sysctl -w fs.inotify.max_user_watches=${enough}`;
    return `${what}: ${need}; ${advice}. Until then: ${this.#howOften}`;
  }

  get #howOften(): string {
    const { rescanIntervalMs } = this.#spec;
    if (rescanIntervalMs === undefined) return 'changes in them are not seen (rescanInterval is off)';
    return `looked at every ${rescanIntervalMs / 1000} s (rescanInterval)`;
  }
}

function directories(count: number): string {
  return count === 1 ? '1 directory' : `${count} directories`;
}

/** A power of two with a quarter of room. */
function limitFor(count: number): number {
  return 2 ** Math.ceil(Math.log2(count * 1.25));
}

/** The kernel's limit on watches of a user: that of the machine, or of the user namespace. undefined when it does not say. */
function watchLimit(): number | undefined {
  const files = ['/proc/sys/fs/inotify/max_user_watches', '/proc/sys/user/max_inotify_watches'];
  const limits = files.map(readNumber).filter((limit) => limit >= 0);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** NaN when it cannot be read. */
function readNumber(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return Number.NaN;
  }
}
