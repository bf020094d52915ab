// When the status file is written: after a change, but not too often; and now and then even if nothing happens, so that its age says
// whether the daemon lives.

import { resolve } from 'node:path';
import { toBuffer } from '../byte-path.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { renderStatus } from './render-status.ts';
import type { StatusState } from './render-status.ts';
import { removeLeftovers, writeAside } from './write-aside.ts';

/** The longest time between two writes. */
const heartbeatMs = 60_000;
/** The longest time a timer of Node can take; with more it would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

export interface StatusFileOptions {
  /** Least time between two writes; 0 = after each burst of `touch()`. */
  readonly intervalSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
  /** What is to be shown; called at each write. */
  readonly state: () => StatusState;
}

/** Keeps a status file up to date. Trouble with the file is logged once, and never thrown. */
export class StatusFile {
  readonly #path: string;
  readonly #options: StatusFileOptions;
  /** When it was last written. */
  #writtenMs = Number.NEGATIVE_INFINITY;
  /** When it will be written, as things stand. */
  #dueMs = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #isTroubled = false;
  #isStopped = false;

  /** `path` counts from the working directory of this moment. Nothing is written before the first `touch()`. */
  constructor(path: string, options: StatusFileOptions) {
    this.#path = resolve(path);
    this.#options = options;
    removeLeftovers(this.#path);
  }

  /** Something has changed. Cheap: the file is written after the current turn of the event loop, and not before the interval is over. */
  touch(): void {
    this.#writeAt(this.#writtenMs + this.#options.intervalSeconds * 1000);
  }

  /** No more writes; the file stays as it is. Idempotent. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  #writeAt(dueMs: number): void {
    if (this.#isStopped || this.#dueMs <= dueMs) return;
    this.#dueMs = dueMs;
    this.#cancelTimer?.();
    const { clock } = this.#options;
    const delayMs = Math.min(Math.max(0, dueMs - clock.monotonicMs()), maxTimerMs);
    this.#cancelTimer = clock.after(delayMs, () => this.#write(), { isBackground: true });
  }

  #write(): void {
    const { clock, state, intervalSeconds } = this.#options;
    this.#writtenMs = clock.monotonicMs();
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#writeAt(this.#writtenMs + Math.max(heartbeatMs, intervalSeconds * 1000));
    try {
      writeAside(this.#path, toBuffer(renderStatus(state(), clock.now())));
      this.#isTroubled = false;
    } catch (error) {
      this.#complain(error as NodeJS.ErrnoException);
    }
  }

  #complain(error: NodeJS.ErrnoException): void {
    if (this.#isTroubled) return;
    this.#isTroubled = true;
    const reason = error.code === undefined ? `a bug of ours: ${error.stack}` : reasonOf(error);
    this.#options.log('Error', `Cannot open status file "${this.#path}" :${this.#path}: ${reason}`);
  }
}

/** `ENOENT: no such file or directory, open '…'` → `No such file or directory`, as strerror(3) has it. */
function reasonOf(error: NodeJS.ErrnoException): string {
  const text = /^[A-Z0-9]+: (.+?), \w+/u.exec(error.message)?.[1] ?? error.message;
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
