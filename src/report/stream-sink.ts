// stdout, stderr, or a log that is a pipe: whoever reads it may be slow, stuck or gone, and none of this may stop the daemon.

import { writeSync } from 'node:fs';
import type { Clock } from '../clock.ts';

/** What is kept for a reader that does not read; more is dropped, and counted. */
const maxWaitingBytes = 1024 * 1024;
/** POSIX's PIPE_BUF on Linux: a pipe that poll(2) calls writable takes that much without blocking. */
const sliceBytes = 4096;
/** How often a stuck stream is looked at. */
const retryMs = 100;
/** How long the end of the process waits for a reader: the last lines say why it ends. */
const patienceMs = 1000;

export interface StreamSinkOptions {
  readonly clock: Clock;
  /** Whether a write to `fd` would not block (poll(2), POLLOUT); waits up to `waitMs` for that, by default not at all. */
  readonly canWrite: (fd: number, waitMs?: number) => boolean;
}

/** Writes to a file descriptor at once if that does not block, else as soon as it is possible. Never throws. */
export class StreamSink {
  readonly #fd: number;
  readonly #options: StreamSinkOptions;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #droppedBytes = 0;
  #cancelRetry: (() => void) | undefined;

  constructor(fd: number, options: StreamSinkOptions) {
    this.#fd = fd;
    this.#options = options;
  }

  write(chunk: Buffer): void {
    if (this.#waitingBytes + chunk.length > maxWaitingBytes && this.#waiting.length > 0) {
      this.#droppedBytes += chunk.length;
      return;
    }
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#cancelRetry === undefined) this.flush();
  }

  /** Writes what the reader takes now; the rest is tried later. */
  flush(): void {
    this.#forgetTimer();
    if (this.#writeWaiting({ untilMs: 0 }) === 'later') this.#tryLater();
    else this.#sayWhatWasDropped();
  }

  /** Writes what is taken within a second, forgets the rest, ends the timer. Idempotent. */
  close(): void {
    this.#forgetTimer();
    this.#writeWaiting({ untilMs: this.#options.clock.monotonicMs() + patienceMs });
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }

  #writeWaiting({ untilMs }: { readonly untilMs: number }): 'done' | 'later' {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const waitMs = Math.max(0, Math.ceil(untilMs - this.#options.clock.monotonicMs()));
      const written = this.#writeSome(first, waitMs);
      if (written === 'later') return 'later';
      this.#waitingBytes -= written;
      if (written < first.length) this.#waiting[0] = first.subarray(written);
      else this.#waiting.shift();
    }
    return 'done';
  }

  /** How many bytes are done with: written, or lost because nobody will ever read them (EPIPE, ENOSPC, EIO …). */
  #writeSome(chunk: Buffer, waitMs: number): number | 'later' {
    try {
      if (!this.#options.canWrite(this.#fd, waitMs)) return 'later';
      return writeSync(this.#fd, chunk, 0, Math.min(chunk.length, sliceBytes));
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 'later' : chunk.length;
    }
  }

  #forgetTimer(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  #tryLater(): void {
    this.#cancelRetry = this.#options.clock.after(retryMs, () => this.flush(), { isBackground: true });
  }

  #sayWhatWasDropped(): void {
    if (this.#droppedBytes === 0) return;
    const text = `Warn: ${this.#droppedBytes} bytes of output were dropped, as nobody read them\n`;
    this.#droppedBytes = 0;
    this.write(Buffer.from(text));
  }
}
