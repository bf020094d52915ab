// Time, as an argument: rooms that wait or stamp take a Clock, tests give them a fake one.

export interface Clock {
  /** Milliseconds that only go forward (not the wall clock), with fractions. */
  monotonicMs(): number;
  /** The wall clock. */
  now(): Date;
  /** Calls `action` once after `delayMs`; returns the function that cancels it (idempotent). */
  after(delayMs: number, action: () => void, options?: TimerOptions): () => void;
}

export interface TimerOptions {
  /** True: the process may end while this is still to come. Default false. */
  readonly isBackground?: boolean;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  now: () => new Date(),
  after: (delayMs, action, options) => {
    const timer = setTimeout(action, delayMs);
    if (options?.isBackground === true) timer.unref();
    return () => clearTimeout(timer);
  },
};
