// The batches that a sync may start, as they come from its queue, or with `batchSizeLimit` in parts: each file above the limit goes
// alone, beside what is not so big, so that small files need not wait for it.

import { isAtOrBelow, type BytePath } from '../byte-path.ts';
import { createTreeView } from '../behaviour/source-state.ts';
import type { SyncSpec } from '../config/sync-spec.ts';
import type { Log } from '../log.ts';
import type { Batch, Delay } from '../queue/delay.ts';
import type { DelayQueue, TakeOptions } from '../queue/delay-queue.ts';

export interface BatchFeedOptions {
  readonly spec: SyncSpec;
  readonly queue: DelayQueue;
  readonly log: Log;
}

/** Every batch that it gives must be ended by `queue.done` or `queue.again`, and by `ended`. */
export class BatchFeed {
  readonly #options: BatchFeedOptions;
  readonly #limitBytes: number | undefined;
  /** So many big files may be on their way at one time: one process is left for the others. */
  readonly #maxBig: number;
  /** Active in the queue, and not started yet; each is one file. */
  readonly #waiting: Batch[] = [];
  readonly #running = new Set<Batch>();
  #wasBigLast = true;

  constructor(options: BatchFeedOptions) {
    const { spec } = options;
    this.#options = options;
    this.#limitBytes = spec.kind === 'direct' ? undefined : spec.batchSizeLimit;
    this.#maxBig = Math.max(1, spec.maxProcesses - 1);
  }

  /** As `DelayQueue.nextDueMs`. */
  nextDueMs(): number | undefined {
    return this.#mayStartBig ? Number.NEGATIVE_INFINITY : this.#options.queue.nextDueMs();
  }

  /** Big files and what is not take turns. undefined: there is nothing, or only big files that must wait. */
  take(nowMs: number, options: TakeOptions = {}): Batch | undefined {
    const { queue } = this.#options;
    const isOthersTurn = this.#wasBigLast && (queue.nextDueMs() ?? Number.POSITIVE_INFINITY) <= nowMs;
    if (this.#mayStartBig && !isOthersTurn) return this.#startBig();
    const batch = queue.take(nowMs, options);
    if (batch === undefined) return this.#startBig();
    if (this.#limitBytes === undefined) return batch;
    this.#wasBigLast = false;
    return this.#part(batch, this.#limitBytes) ?? this.#startBig();
  }

  ended(batch: Batch): void {
    this.#running.delete(batch);
  }

  /** What has not been started goes back into the queue. */
  giveBack(nowMs: number): void {
    for (const batch of this.#waiting.splice(0)) this.#options.queue.again(batch, batch, nowMs);
  }

  get #mayStartBig(): boolean {
    return this.#waiting.length > 0 && this.#running.size < this.#maxBig;
  }

  #startBig(): Batch | undefined {
    const batch = this.#mayStartBig ? this.#waiting.shift() : undefined;
    if (batch !== undefined) this.#running.add(batch);
    this.#wasBigLast = true;
    return batch;
  }

  /** Its big files wait from now on. Returns what is left, undefined when that is nothing. */
  #part(batch: Batch, limitBytes: number): Batch | undefined {
    const { log, queue, spec } = this.#options;
    const isBig = createSizeCheck(spec.source, limitBytes);
    const big = batch.changes.filter((change) => isBig(change) && !meetsMove(change.path, batch.moves));
    if (big.length === 0) return batch;
    const set = new Set(big);
    const rest = { moves: batch.moves, changes: batch.changes.filter((change) => !set.has(change)) };
    const hasRest = rest.moves.length + rest.changes.length > 0;
    const alone = big.map((change) => ({ moves: [], changes: [change] }));
    queue.split(batch, hasRest ? [rest, ...alone] : alone);
    this.#waiting.push(...alone);
    const free = this.#maxBig - this.#running.size - (hasRest && spec.maxProcesses === 1 ? 1 : 0);
    if (this.#waiting.length > free) {
      log('Normal', `Maximum processes for sync reached. Delaying large transfer for sync: ${spec.name}`);
    }
    return hasRest ? rest : undefined;
  }
}

/** Whether a file is above the limit now. */
function createSizeCheck(source: BytePath, limitBytes: number): (change: Delay) => boolean {
  const view = createTreeView(source);
  return ({ path }) => {
    const seen = view.look(path);
    return seen.state === 'there' && view.has(path) && seen.stats.isFile() && seen.stats.size > limitBytes;
  };
}

/** It must not run beside a move of the same batch: it is sent to where the move puts something, or takes it from. */
function meetsMove(path: BytePath, moves: readonly Delay[]): boolean {
  return moves.some((move) =>
    [move.path, move.movedTo ?? move.path].some((end) => isAtOrBelow(path, end) || isAtOrBelow(end, path)),
  );
}
