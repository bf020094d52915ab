// Bugs of ours in one sync (something threw that must not): each is logged with its stack and made up for by a full sync, after pauses that grow.
// A sync that does nothing else is of no use: then the daemon ends, with an exit code that has systemd start it anew.

import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { createBackoff } from '../run/backoff.ts';

/** So many within the time below, with nothing done rightly between them, are too many. */
export const MAX_BUGS = 5;
const WITHIN_MS = 10 * 60_000;

export interface OwnBugsOptions {
  /** Of the sync, for messages. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Everything is to be sent again after this pause. */
  readonly onRepair: (pauseMs: number) => void;
  /** The daemon must end; says why. */
  readonly onTooMany: (reason: string) => void;
}

export interface OwnBugs {
  /** What `action` returns; undefined when it threw, which is taken care of. */
  outlive<T>(action: () => T): T | undefined;
  /** Something threw. Until the repair begins no more is said or counted: it makes up for that too. */
  threw(error: unknown): void;
  /** Everything is being sent again. */
  repairBegins(): void;
  /** Something was done as it should be. */
  reset(): void;
}

export function createOwnBugs({ name, log, clock, onRepair, onTooMany }: OwnBugsOptions): OwnBugs {
  const backoff = createBackoff({});
  let times: readonly number[] = [];
  let isRepairDue = false;

  function threw(error: unknown): void {
    if (isRepairDue) return;
    isRepairDue = true;
    const nowMs = clock.monotonicMs();
    times = [...times.filter((at) => nowMs - at < WITHIN_MS), nowMs];
    log('Error', `${name}: a bug of ours: ${stackOf(error)}`);
    if (times.length >= MAX_BUGS)
      return onTooMany(`ending after ${MAX_BUGS} bugs of ours with nothing done between them`);
    onRepair(backoff.nextMs());
  }

  return {
    outlive(action) {
      try {
        return action();
      } catch (error) {
        threw(error);
        return undefined;
      }
    },
    threw,
    repairBegins() {
      isRepairDue = false;
    },
    reset() {
      times = [];
      backoff.reset();
    },
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
