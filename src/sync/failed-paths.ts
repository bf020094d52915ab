// Partial failures (rsync's exit 23): each path is tried again a few times, then named as failed until a later transfer carries it.

import { parentOf, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Batch, Delay } from '../queue/delay.ts';

/** So often a path is tried again after a partial failure before it is given up: pauses of 1 + 2 + 4 + 8 + 16 s. */
export const MAX_PARTIAL_RETRIES = 5;

/** The pause before the first of them; each is twice the one before. */
const FIRST_PAUSE_MS = 1000;

export interface PartialFailure {
  /** What is to be tried once more. */
  readonly retry: Batch;
  /** Not sooner than after this pause. */
  readonly pauseMs: number;
  /** What was tried often enough. */
  readonly givenUp: readonly BytePath[];
}

export interface FailedPaths {
  /** Counts one more failure for all that remained of a batch, and parts it. */
  count(remaining: Batch): PartialFailure;
  /** These arrived, and with a directory that was deleted or sent whole what is below it. What moved is failed under its new name. */
  clear(batch: Batch): void;
  /** Everything arrived: a full sync. */
  clearAll(): void;
  /** What was given up and has not arrived since. */
  readonly failed: ReadonlySet<BytePath>;
}

/** Pause before try number `attempt` + 1, in milliseconds. */
export function partialPauseMs(attempt: number): number {
  return FIRST_PAUSE_MS * 2 ** Math.max(0, attempt - 1);
}

export function createFailedPaths(): FailedPaths {
  const attempts = new Map<BytePath, number>();
  const failed = new Set<BytePath>();

  function countOne({ path }: Delay): number {
    const count = (attempts.get(path) ?? 0) + 1;
    attempts.set(path, count);
    return count;
  }

  function forget(path: BytePath): void {
    attempts.delete(path);
    failed.delete(path);
  }

  /** What was given up has moved; that it arrived is not known. What lay at the destination is gone. */
  function rebase(from: BytePath, to: BytePath): void {
    const origin = withoutTrailingSlash(from);
    const destination = withoutTrailingSlash(to);
    for (const path of [...attempts.keys(), ...failed]) if (isIn(path, new Set([destination]))) forget(path);
    for (const path of [...failed].filter((one) => isIn(one, new Set([origin])))) {
      forget(path);
      failed.add(destination + path.slice(origin.length));
    }
  }

  return {
    failed,
    count(remaining) {
      const counted = remaining.changes.map((change) => ({ change, count: countOne(change) }));
      const retried = counted.filter(({ count }) => count <= MAX_PARTIAL_RETRIES);
      const givenUp = counted
        .filter(({ count }) => count > MAX_PARTIAL_RETRIES)
        .map(({ change }) => change.path);
      for (const path of givenUp) {
        attempts.delete(path);
        failed.add(path);
      }
      const most = retried.reduce((max, { count }) => Math.max(max, count), 0);
      const retry = { moves: remaining.moves, changes: retried.map(({ change }) => change) };
      return { retry, pauseMs: partialPauseMs(most), givenUp };
    },
    clear({ moves, changes }) {
      if (attempts.size === 0 && failed.size === 0) return;
      for (const { path, movedTo = path } of moves) rebase(path, movedTo);
      const trees = new Set<BytePath>();
      for (const { kind, path, whole } of changes) {
        forget(path);
        if (whole || kind === 'Delete') trees.add(withoutTrailingSlash(path));
      }
      for (const path of [...attempts.keys(), ...failed]) if (isIn(path, trees)) forget(path);
    },
    clearAll() {
      attempts.clear();
      failed.clear();
    },
  };
}

/** Whether `path` or one of its parents is in `trees`, which have no trailing slash. */
function isIn(path: BytePath, trees: ReadonlySet<BytePath>): boolean {
  for (let at: BytePath | undefined = path; at !== undefined; at = parentOf(at)) {
    if (trees.has(withoutTrailingSlash(at))) return true;
  }
  return false;
}
