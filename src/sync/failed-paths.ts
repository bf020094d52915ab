// Partial failures (rsync's exit 23): each path is tried again a few times, then named as failed until a later transfer carries it.

import type { BytePath } from '../byte-path.ts';
import type { Batch, Delay } from '../queue/delay.ts';

/** So often a path is tried again after a partial failure before it is given up: 1 + 2 + 4 + 8 + 16 s with the sync's pauses. */
export const MAX_PARTIAL_RETRIES = 5;

export interface PartialFailure {
  /** What is to be tried once more. */
  readonly retry: Batch;
  /** What was tried often enough. */
  readonly givenUp: readonly BytePath[];
}

export interface FailedPaths {
  /** Counts one more failure for all that remained of a batch, and parts it. */
  count(remaining: Batch): PartialFailure;
  /** These arrived. */
  clear(batch: Batch): void;
  /** Everything arrived: a full sync. */
  clearAll(): void;
  /** What was given up and has not arrived since. */
  readonly failed: ReadonlySet<BytePath>;
}

export function createFailedPaths(): FailedPaths {
  const attempts = new Map<BytePath, number>();
  const failed = new Set<BytePath>();

  function mayRetry(delay: Delay): boolean {
    const count = (attempts.get(delay.path) ?? 0) + 1;
    attempts.set(delay.path, count);
    return count <= MAX_PARTIAL_RETRIES;
  }

  function forget(path: BytePath): void {
    attempts.delete(path);
    failed.delete(path);
  }

  return {
    failed,
    count(remaining) {
      const retry = remaining.changes.filter(mayRetry);
      const kept = new Set(retry);
      const givenUp = remaining.changes.filter((delay) => !kept.has(delay)).map((delay) => delay.path);
      for (const path of givenUp) {
        attempts.delete(path);
        failed.add(path);
      }
      return { retry: { moves: remaining.moves, changes: retry }, givenUp };
    },
    clear(batch) {
      if (attempts.size === 0 && failed.size === 0) return;
      for (const delay of batch.changes) forget(delay.path);
      for (const move of batch.moves) if (move.movedTo !== undefined) forget(move.movedTo);
    },
    clearAll() {
      attempts.clear();
      failed.clear();
    },
  };
}
