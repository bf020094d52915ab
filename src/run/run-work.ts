// Drives a behaviour: starts each command it yields, hands it the end, returns what came of it all.

import type { Outcome, Work } from '../behaviour/behaviour.ts';
import type { ChildEnd, Command } from './command.ts';

export interface RunWorkOptions {
  /** Starts a child and resolves with its end; never rejects. */
  readonly start: (command: Command) => Promise<ChildEnd>;
  /** True once no new child may be started; asked before each one. */
  readonly isStopping: () => boolean;
}

/**
 * Runs a startup or a batch to its end. A child that runs is always waited for.
 * @returns the outcome, or `stopped` when a further command was wanted after `isStopping()` became true
 * @throws whatever the behaviour throws: a bug of ours
 */
export async function runWork(work: Work, options: RunWorkOptions): Promise<Outcome | 'stopped'> {
  let step = await work.next();
  while (step.done !== true) {
    if (options.isStopping()) return 'stopped';
    step = await work.next(await options.start(step.value));
  }
  return step.value;
}
