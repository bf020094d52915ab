// What went wrong while default.direct worked on a batch, and what becomes of the batch then.

import { parentOf, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Batch, Delay } from '../queue/delay.ts';
import type { Outcome } from './behaviour.ts';
import type { DeleteCount } from './delete-limit.ts';
import type { ChildEnd } from '../run/command.ts';
import type { FileOperation, FileProblem } from '../run/file-work/file-work.ts';
import { moveAsChanges, MOVES_UNDONE } from './moves.ts';
import { PARTIAL } from './rsync-partial.ts';

/** Of work that was ended since it took too long: everything waits, as for a host that cannot be reached. */
const CUT_OFF = 255;

/** rsync's "error in file I/O". */
const TARGET_FAILED = 11;

/** Not the fault of one path: everything waits until the disk has room again, or the mount answers. */
const TARGET_TROUBLE: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EIO',
  'ESTALE',
  'ENOTCONN',
  'EHOSTDOWN',
  'ETIMEDOUT',
]);

/** What went wrong with which paths. */
export interface Trouble {
  readonly paths: Set<BytePath>;
  /** Those that only lack their attributes: what is below them is none the worse for it. */
  readonly plain: Set<BytePath>;
  /** Those of them that are something else by now: that is no failure. */
  readonly movedOn: Set<BytePath>;
  readonly reasons: string[];
  /** What is wrong with each path, where that is known. */
  readonly whys: Map<BytePath, string>;
  /** The work was ended since it took too long. */
  isCutOff: boolean;
  /** The disk of the target is full, or the like. */
  isTargetTroubled: boolean;
  /** What the batch deletes. */
  readonly deleted: DeleteCount;
  /** More than maxDelete. */
  isTooMuchDeleted: boolean;
}

/** `deleted` counts what the batch deletes. */
export function createTrouble(deleted: DeleteCount): Trouble {
  return {
    paths: new Set(),
    plain: new Set(),
    movedOn: new Set(),
    reasons: [],
    whys: new Map(),
    isCutOff: false,
    isTargetTroubled: false,
    deleted,
    isTooMuchDeleted: false,
  };
}

interface NotedProblem {
  readonly operation: FileOperation;
  readonly problem: FileProblem;
  /** The source has another thing there by now. */
  readonly hasMovedOn: boolean;
}

export function noteProblem(trouble: Trouble, { operation, problem, hasMovedOn }: NotedProblem): void {
  const path = withoutTrailingSlash(operation.path);
  noteUntried(trouble, [operation]);
  if (hasMovedOn) {
    trouble.movedOn.add(path);
    return;
  }
  trouble.reasons.push(problem.reason);
  trouble.whys.set(path, problem.reason);
  trouble.isTargetTroubled ||= TARGET_TROUBLE.has(problem.code);
}

/** They were not done: failed, or the work was told to stop before. */
export function noteUntried(trouble: Trouble, operations: readonly FileOperation[]): void {
  for (const { kind, path } of operations) {
    const paths = kind === 'attributes' ? trouble.plain : trouble.paths;
    paths.add(withoutTrailingSlash(path));
  }
}

export function noteEnd(
  trouble: Trouble,
  { end, reason }: { readonly end: ChildEnd; readonly reason: string },
): void {
  trouble.reasons.push(reason);
  trouble.isCutOff ||= end.isTimedOut === true;
}

/** A batch, and what came of it but for what rsync did. */
interface Whole {
  readonly whole: Batch;
  readonly trouble: Trouble;
  /** Moves that have to be done another way. */
  readonly undone: readonly Delay[];
}

/** What is in trouble, or below it, is tried again; moves that were not done come back as changes. */
export function combine(sent: Outcome, { whole, trouble, undone }: Whole): Outcome {
  if (sent.verdict === 'die' || sent.verdict === 'halt' || sent.verdict === 'no source') return sent;
  const open = [...whole.moves.flatMap(moveAsChanges), ...whole.changes].filter(
    ({ path }) => isIn(path, trouble.paths) || trouble.plain.has(withoutTrailingSlash(path)),
  );
  const unsent = sent.verdict === 'again' ? sent.remaining.changes : [];
  const all = [...undone.flatMap(moveAsChanges), ...open, ...unsent];
  const changes = [...new Map(all.map((change) => [change.path, change])).values()];
  const fullSync = sent.verdict === 'again' ? sent.fullSync : undefined;
  if (changes.length === 0 && fullSync === undefined) return { verdict: 'ok' };
  const [first = undone.length > 0 ? MOVES_UNDONE : 'some paths could not be brought over'] = trouble.reasons;
  const isFailure =
    open.length > 0 && [...trouble.paths, ...trouble.plain].some((path) => !trouble.movedOn.has(path));
  const ownCode = isFailure || trouble.isCutOff ? failedCode(trouble) : 0;
  const { reason, exitCode } = sent.verdict === 'again' ? sent : { reason: first, exitCode: ownCode };
  const whys = new Map([...trouble.whys, ...(sent.verdict === 'again' ? (sent.whys ?? []) : [])]);
  const remaining = { moves: [], changes };
  const again = { verdict: 'again', reason, exitCode, remaining, whys, rescan: [] } as const;
  return fullSync === undefined ? again : { ...again, fullSync };
}

function failedCode({ isCutOff, isTargetTroubled }: Trouble): number {
  if (isCutOff) return CUT_OFF;
  return isTargetTroubled ? TARGET_FAILED : PARTIAL;
}

function isIn(path: BytePath, paths: ReadonlySet<BytePath>): boolean {
  if (paths.has(withoutTrailingSlash(path))) return true;
  for (let parent = parentOf(path); parent !== undefined; parent = parentOf(parent)) {
    if (paths.has(withoutTrailingSlash(parent))) return true;
  }
  return false;
}
