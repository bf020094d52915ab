// Time, as an argument: rooms that wait or stamp take a Clock, tests give them a fake one.

export interface Clock {
  /** Milliseconds that only go forward (not the wall clock), with fractions. */
  monotonicMs(): number;
  /** The wall clock. */
  now(): Date;
  /** Calls `action` once after `delayMs`; returns the function that cancels it (idempotent). */
  after(delayMs: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  now: () => new Date(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};
