// What the end of a child means for the sync.

import type { ExitCodes, Verdict } from '../config/sync-spec.ts';
import type { ChildEnd } from '../run/command.ts';

export interface Judgement {
  readonly verdict: Verdict;
  /** false: the code is in no table. */
  readonly isKnown: boolean;
}

/** A child that a signal ended (OOM killer, an admin, our own TERM) says nothing of the target: it is tried again; so is what was ended since it took too long, whatever it ended with. */
export function judge(exitCodes: ExitCodes, end: ChildEnd): Judgement {
  if (end.isTimedOut === true) return { verdict: 'again', isKnown: true };
  const verdict = exitCodes.get(end.exitCode);
  if (verdict !== undefined) return { verdict, isKnown: true };
  if (end.signal !== undefined || end.spawnError !== undefined) return { verdict: 'again', isKnown: true };
  return { verdict: 'die', isKnown: false };
}
