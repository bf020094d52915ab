// Ends a child that runs longer than it may: one that waits for a host that does not answer would wait for ever.

import type { Clock } from '../clock.ts';
import type { RunningChild } from './start-child.ts';

/** What does not end at TERM is killed after this. */
const KILL_AFTER_MS = 10_000;

/** Longer than this a timer of Node cannot be. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface LateOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** It is late, and gets TERM. */
  readonly onLate: () => void;
}

/** Returns the function to call once the child has ended, which says whether it was late. */
export function endWhenLate(child: RunningChild, { timeoutMs, clock, onLate }: LateOptions): () => boolean {
  let isLate = false;
  let cancel = clock.after(Math.min(timeoutMs, MAX_TIMER_MS), () => {
    isLate = true;
    onLate();
    child.terminate('SIGTERM');
    cancel = clock.after(KILL_AFTER_MS, () => child.terminate('SIGKILL'));
  });
  return () => {
    cancel();
    return isLate;
  };
}
