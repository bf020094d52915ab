// What a sync does with its work. A behaviour turns a batch into commands, one after the other, and says what came of it;
// it starts nothing itself: each command is yielded, and its end comes back. It may look at the source and the target
// (lstat), and log. It holds no state that must survive a crash.

import type { BytePath } from '../byte-path.ts';
import type { Batch } from '../queue/delay.ts';
import type { ChildEnd, Command } from '../run/command.ts';

/** How a startup or a batch ended. */
export type Outcome =
  | { readonly verdict: 'ok' }
  /**
   * Not done: what is in `remaining` goes back to the queue and is tried later. `reason` is one line for the log
   * (`rsync ended with 12 (the connection broke …): <last stderr lines>`).
   * `exitCode`: 0 = nothing is wrong with the target, the rest may run at once (a move that has to be done another way);
   * 23 = all but some paths arrived; others = try again after a pause.
   * `whys`: of paths that did not arrive, without trailing slash, what their child said of each; `reason` stands for the others.
   * `rescan`: directories below which everything must be found again (a failed move).
   * `fullSync`: why a full sync must follow, in which the listings of the batch are done; they are not in `remaining`.
   */
  | {
      readonly verdict: 'again';
      readonly reason: string;
      readonly exitCode: number;
      readonly remaining: Batch;
      readonly whys?: ReadonlyMap<BytePath, string>;
      readonly rescan: readonly BytePath[];
      readonly fullSync?: string;
    }
  /** Nothing may be sent or deleted until something is in the source; `reason` follows on it (`is empty, but its target …`). */
  | { readonly verdict: 'no source'; readonly reason: string; readonly exitCode: number }
  /** Nothing more may be sent until the config is read anew; `reason` says what is to be done. */
  | { readonly verdict: 'halt'; readonly reason: string; readonly exitCode: number }
  /** The daemon must end. lsyncd's sentences about it are logged. */
  | { readonly verdict: 'die'; readonly reason: string; readonly exitCode: number };

/** A run of commands: yields each Command, is resumed with its ChildEnd, returns the Outcome. */
export type Work = AsyncGenerator<Command, Outcome, ChildEnd>;

/** What lsyncd says when a verdict was `again`; whether and how often it is said is the sync's to decide. */
export interface RetrySentences {
  /** Normal: `Retrying startup of …`. */
  startupRetry(exitCode: number): string;
  /** Error: `… Terminating since "insist" is not set.` */
  startupGivesUp(exitCode: number): string;
  /** Normal: `Retrying a list after exitcode = 11`. */
  batchRetry(exitCode: number): string;
}

export interface Behaviour {
  /** false: the queue turns a move into a delete and a create before it is queued. */
  readonly takesMoves: boolean;
  readonly sentences: RetrySentences;
  /** The full sync after the watches are set. `remaining` of its outcome is what did not arrive; empty: it is done again whole. */
  startup(): Work;
  /** One batch. Never called while another one that overlaps it is running. */
  batch(batch: Batch): Work;
}

export type { Batch };
