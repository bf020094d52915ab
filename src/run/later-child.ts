// A child that starts once something is known: the caller has its RunningChild at once.

import { constants } from 'node:os';
import type { ChildEnd } from './command.ts';
import type { RunningChild } from './start-child.ts';

/**
 * @param begin never rejects; after an `await` it must not start anything once `isGivenUp()`
 * @returns a child that a signal ends also before `begin` has started it
 */
export function startLater(begin: (isGivenUp: () => boolean) => Promise<RunningChild>): RunningChild {
  let begun: RunningChild | undefined;
  let early: NodeJS.Signals | undefined;
  let giveUp: (end: ChildEnd) => void = () => undefined;
  const ended = new Promise<ChildEnd>((resolve) => {
    giveUp = resolve;
    void follow(resolve);
  });
  async function follow(resolve: (end: ChildEnd) => void): Promise<void> {
    const child = await begin(() => early !== undefined);
    begun = child;
    if (early !== undefined) child.terminate(early);
    resolve(await child.ended);
  }
  return {
    pid: undefined,
    ended,
    terminate(signal) {
      if (begun !== undefined) return begun.terminate(signal);
      early = signal;
      giveUp(endedBy(signal));
    },
  };
}

/** The end of a child that a signal of ours ended before it could say anything. */
export function endedBy(signal: NodeJS.Signals): ChildEnd {
  const exitCode = 128 + constants.signals[signal];
  return { exitCode, signal, spawnError: undefined, stderr: '', durationMs: 0 };
}
