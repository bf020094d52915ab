// What went wrong while default.direct worked on a batch, and what becomes of the batch then.

import { parentOf, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Batch } from '../queue/delay.ts';
import type { Outcome } from './behaviour.ts';
import type { DeleteCount } from './delete-limit.ts';
import type { ChildEnd } from '../run/command.ts';
import { moveAsChanges } from './moves.ts';

/** rsync's "partial transfer": all but some paths arrived. */
const PARTIAL = 23;

/** Of a child that was ended since it took too long: everything waits, as for a host that cannot be reached. */
const CUT_OFF = 255;

/** What went wrong with which paths. */
export interface Trouble {
  readonly paths: Set<BytePath>;
  /** Those of them that are something else by now: that is no failure. */
  readonly movedOn: Set<BytePath>;
  readonly reasons: string[];
  /** A child was ended since it took too long. */
  isCutOff: boolean;
  /** What the batch deletes. */
  readonly deleted: DeleteCount;
  /** More than maxDelete. */
  isTooMuchDeleted: boolean;
}

/** `deleted` counts what the batch deletes. */
export function createTrouble(deleted: DeleteCount): Trouble {
  return {
    paths: new Set(),
    movedOn: new Set(),
    reasons: [],
    isCutOff: false,
    deleted,
    isTooMuchDeleted: false,
  };
}

export function note(
  trouble: Trouble,
  { path, error }: { readonly path: BytePath; readonly error: unknown },
): void {
  trouble.paths.add(path);
  trouble.reasons.push(error instanceof Error ? error.message : String(error));
}

export function noteEnd(
  trouble: Trouble,
  { end, reason }: { readonly end: ChildEnd; readonly reason: string },
): void {
  trouble.reasons.push(reason);
  trouble.isCutOff ||= end.isTimedOut === true;
}

/** The moves are done or turned into changes by now; what is in trouble, or below it, is tried again. */
export function combine(
  sent: Outcome,
  { whole, trouble }: { readonly whole: Batch; readonly trouble: Trouble },
): Outcome {
  if (sent.verdict === 'die' || sent.verdict === 'halt' || sent.verdict === 'no source') return sent;
  const open = [...whole.moves.flatMap(moveAsChanges), ...whole.changes].filter(({ path }) =>
    isIn(path, trouble.paths),
  );
  const unsent = sent.verdict === 'again' ? sent.remaining.changes : [];
  const changes = [...new Map([...open, ...unsent].map((change) => [change.path, change])).values()];
  if (changes.length === 0) return { verdict: 'ok' };
  const [first = 'some paths could not be brought over'] = trouble.reasons;
  const failedCode = trouble.isCutOff ? CUT_OFF : PARTIAL;
  const ownCode = trouble.movedOn.size === trouble.paths.size ? 0 : failedCode;
  const { reason, exitCode } = sent.verdict === 'again' ? sent : { reason: first, exitCode: ownCode };
  return { verdict: 'again', reason, exitCode, remaining: { moves: [], changes }, rescan: [] };
}

function isIn(path: BytePath, paths: ReadonlySet<BytePath>): boolean {
  if (paths.has(withoutTrailingSlash(path))) return true;
  for (let parent = parentOf(path); parent !== undefined; parent = parentOf(parent)) {
    if (paths.has(withoutTrailingSlash(parent))) return true;
  }
  return false;
}
