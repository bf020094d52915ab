// Does the work of the monitor in order and in slices: the walker's looks first, then the next step of the stream. Nothing of the
// stream is handled while a walk is under way, so an event always meets a tree that is as complete as it can be.

import { setImmediate, setTimeout } from 'node:timers';
import { Mailbox } from './mailbox.ts';
import { EventStream } from './move-pairing.ts';
import type { Step } from './move-pairing.ts';
import type { ClockReading } from './file-times.ts';
import { parseEvents } from './parse-events.ts';
import type { ReadEvents } from './reader.ts';
import type { Walker } from './walker.ts';

/** Others get their turn after this long. */
const sliceMs = 25;
/** How long the second half of a move may take: the kernel writes both within microseconds, only a busy thread splits them. */
const pairingMs = 20;

export interface PumpOptions {
  readonly walker: Walker;
  readonly handle: (step: Step) => void;
  /** These bytes are dealt with. */
  readonly onHandled: (bytes: number) => void;
  /** A buffer is dealt with, or all that was there to do is done. */
  readonly onBurstEnd: () => void;
}

export class Pump {
  readonly #options: PumpOptions;
  readonly #inbox = new Mailbox<ReadEvents>();
  readonly #stream = new EventStream();
  #emptiedAt: ClockReading = { wallMs: 0, monotonicMs: 0 };
  #scheduled: NodeJS.Immediate | undefined;
  #pairing: NodeJS.Timeout | undefined;
  #isRunning = false;
  #isStopped = false;

  constructor(options: PumpOptions) {
    this.#options = options;
  }

  /** As in ReadEvents, for the step that was handled last. */
  get emptiedAt(): ClockReading {
    return this.#emptiedAt;
  }

  /** Whether all is handled that the thread has read. */
  get isIdle(): boolean {
    return (
      this.#isStopped || (this.#inbox.size === 0 && this.#stream.waiting === 0 && this.#options.walker.isIdle)
    );
  }

  /** Events from the kernel. */
  push(read: ReadEvents): void {
    this.#inbox.push(read);
    this.run();
  }

  /** Works for one slice, and comes back for the rest by itself. Harmless when already at work. */
  run(): void {
    if (this.#isRunning || this.#isStopped || this.#scheduled !== undefined) return;
    this.#isRunning = true;
    try {
      this.#slice();
    } finally {
      this.#isRunning = false;
    }
  }

  /** Does nothing from now on. */
  stop(): void {
    this.#isStopped = true;
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    clearTimeout(this.#pairing);
    this.#inbox.clear();
  }

  #slice(): void {
    const end = performance.now() + sliceMs;
    while (!this.#isStopped && this.#work(false)) {
      if (performance.now() < end) continue;
      this.#scheduled = setImmediate(() => {
        this.#scheduled = undefined;
        this.run();
      });
      return;
    }
    if (this.#isStopped) return;
    this.#waitForPartner();
    this.#options.onBurstEnd();
  }

  /** One piece of work; false when there is none. */
  #work(giveUp: boolean): boolean {
    if (!this.#options.walker.isIdle) {
      this.#options.walker.step();
      return true;
    }
    const step = this.#stream.next({ giveUp });
    if (step !== undefined) {
      clearTimeout(this.#pairing);
      this.#pairing = undefined;
      this.#options.handle(step);
      return true;
    }
    return this.#readMore();
  }

  /** Parses one buffer more; the one before it is dealt with, but for the first half of a move perhaps. */
  #readMore(): boolean {
    const read = this.#inbox.take();
    if (read === undefined) return false;
    this.#options.onBurstEnd();
    // What is left of the read before may be about to be handled.
    if (this.#stream.waiting === 0) this.#emptiedAt = read.emptiedAt;
    this.#stream.push(parseEvents(read.events));
    this.#options.onHandled(read.events.byteLength);
    return true;
  }

  /** The stream ends with the first half of a move: if the other one does not come, it moved out of what is watched. */
  #waitForPartner(): void {
    if (this.#stream.waiting === 0 || this.#pairing !== undefined) return;
    this.#pairing = setTimeout(() => {
      // One more turn of the loop: the other half may lie in the thread's mailbox, when we were late ourselves.
      setImmediate(() => this.#giveUpPartner());
    }, pairingMs);
  }

  #giveUpPartner(): void {
    if (this.#pairing === undefined || this.#isStopped) return;
    this.#pairing = undefined;
    if (this.#inbox.size === 0 && this.#options.walker.isIdle) this.#work(true);
    this.run();
  }
}
