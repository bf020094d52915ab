// What the full syncs and the batches of one sync share.

import type { Behaviour } from '../behaviour/behaviour.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { DelayQueue } from '../queue/delay-queue.ts';
import type { Backoff } from '../run/backoff.ts';
import type { BatchFeed } from './batch-feed.ts';
import type { FailedPaths } from './failed-paths.ts';
import type { OwnBugs } from './own-bugs.ts';
import type { QuietRetry } from './quiet-retry.ts';
import type { SourceGuard } from './source-guard.ts';
import type { WorkRunner } from './work-runner.ts';

export interface SyncParts {
  /** Of the sync, for messages. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly queue: DelayQueue;
  readonly feed: BatchFeed;
  readonly behaviour: Behaviour;
  readonly runner: WorkRunner;
  readonly guard: SourceGuard;
  readonly failed: FailedPaths;
  /** As in the SyncSpec. */
  readonly maxRetries: number;
  readonly retry: QuietRetry;
  /** Pauses while the target cannot be reached. */
  readonly backoff: Backoff;
  /** As in SyncContext; once the sync is fading, it waits for nothing. */
  readonly drained: () => Promise<void>;
  readonly onChange: () => void;
  /** The daemon must end; says why. */
  readonly onFatal: (reason: string) => void;
  /** Nothing more may be sent until the config is read anew; says why, and what is to be done. */
  readonly onHalt: (reason: string) => void;
  /** false: the sync was halted or is fading; what came of a batch is of no use any more. */
  readonly isAtWork: () => boolean;
  /** The source is not what it was (`was removed or moved away`): nothing may be sent. */
  readonly onNoSource: (why: string) => void;
  readonly bugs: OwnBugs;
  /** A batch could not do a part of its work, which a full sync does; says why. */
  readonly onFullSync: (reason: string) => void;
}

/** rsync's "partial transfer": some files did not arrive. */
export const PARTIAL = 23;

/** The target was reached and did what it was asked. */
export function noteSuccess({ backoff, bugs, retry }: Pick<SyncParts, 'backoff' | 'bugs' | 'retry'>): void {
  backoff.reset();
  bugs.reset();
  retry.succeeded();
}
