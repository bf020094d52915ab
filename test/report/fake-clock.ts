// A clock that goes forward when it is told to.

import type { Clock, TimerOptions } from '../../src/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly action: () => void;
}

export class FakeClock implements Clock {
  #nowMs = 0;
  readonly #start: Date;
  readonly #timers = new Set<Timer>();
  /** The options of each timer that was ever set. */
  readonly timerOptions: (TimerOptions | undefined)[] = [];

  constructor(start = new Date(2026, 10, 20, 15, 51, 18)) {
    this.#start = start;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  now(): Date {
    return new Date(this.#start.getTime() + this.#nowMs);
  }

  after(delayMs: number, action: () => void, options?: TimerOptions): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, action };
    this.#timers.add(timer);
    this.timerOptions.push(options);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass, and what is due happen in its order. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (let timer = this.#nextUntil(end); timer !== undefined; timer = this.#nextUntil(end)) {
      this.#timers.delete(timer);
      this.#nowMs = timer.dueMs;
      timer.action();
    }
    this.#nowMs = end;
  }

  get waiting(): number {
    return this.#timers.size;
  }

  #nextUntil(end: number): Timer | undefined {
    return [...this.#timers].filter(({ dueMs }) => dueMs <= end).toSorted((a, b) => a.dueMs - b.dueMs)[0];
  }
}
