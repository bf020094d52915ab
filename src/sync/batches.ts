// The batches of one sync{}: takes what is due from the queue, has it done, and gives back what was not.

import type { Outcome } from '../behaviour/behaviour.ts';
import type { Batch } from '../queue/delay.ts';
import { sayArrived, sayPartial } from './partial-news.ts';
import { noteSuccess, PARTIAL, type SyncParts } from './sync-parts.ts';

type NotDone = Outcome & { verdict: 'again' };

/**
 * So many changes go in one batch: the lists of a child, and what is thrown away when it fails, stay small. To make a batch of them takes
 * the main thread some 25 ms, in which it does nothing else.
 */
const MAX_CHANGES = 10_000;

/** While the target cannot be reached a try need not be a big one. */
const PROBE_CHANGES = 1000;

export class Batches {
  readonly #parts: SyncParts;
  #pausedUntilMs = 0;

  constructor(parts: SyncParts) {
    this.#parts = parts;
  }

  /** Monotonic time of the next one; undefined = not before an event comes or a batch ends. */
  nextDueMs(): number | undefined {
    const dueMs = this.#parts.feed.nextDueMs();
    return dueMs === undefined ? undefined : Math.max(dueMs, this.#pausedUntilMs);
  }

  /** What waits after a failure need not wait any longer. */
  endPause(): void {
    this.#pausedUntilMs = 0;
  }

  /** Runs one; nothing when nothing is due.
   * @throws what should never be thrown: what the target has is not known then */
  async run(): Promise<void> {
    const { behaviour, drained, feed, guard, onChange, onNoSource, queue, retry, runner } = this.#parts;
    const why = guard.whyGone();
    if (why !== undefined) return onNoSource(why);
    const maxChanges = retry.isFailing ? PROBE_CHANGES : MAX_CHANGES;
    const batch = feed.take(this.#nowMs(), { maxChanges });
    if (batch === undefined) return;
    onChange();
    try {
      const outcome = await runner.run(behaviour.batch(batch));
      // What the batch saw of the source must be told before it is over: a rename then finds it active.
      await drained();
      this.#settle(batch, outcome);
    } catch (error) {
      // A batch that stayed active would hold back its paths for ever.
      queue.done(batch, this.#nowMs());
      throw error;
    } finally {
      feed.ended(batch);
    }
  }

  #settle(batch: Batch, outcome: Outcome | 'stopped'): void {
    const { failed, isAtWork, onFatal, onHalt, onNoSource, queue } = this.#parts;
    // A full sync follows, now or after the next start.
    if (!isAtWork() || outcome === 'stopped') return queue.done(batch, this.#nowMs());
    if (outcome.verdict === 'ok') this.#arrived(batch);
    else if (outcome.verdict === 'die') onFatal(outcome.reason);
    else if (outcome.verdict === 'halt') this.#waitsOn(batch, () => onHalt(outcome.reason));
    else if (outcome.verdict === 'no source') this.#waitsOn(batch, () => onNoSource(outcome.reason));
    else this.#comesBack(batch, outcome);
    // What has failed waits: when nothing does, it has gone by other names.
    if (queue.size === 0) sayArrived(this.#parts, failed.clearAll());
  }

  /** It goes on waiting, for the status file. */
  #waitsOn(batch: Batch, halt: () => void): void {
    this.#parts.queue.again(batch, batch, this.#nowMs());
    halt();
  }

  #arrived(batch: Batch): void {
    const { failed, queue } = this.#parts;
    queue.done(batch, this.#nowMs());
    sayArrived(this.#parts, failed.clear(batch));
    this.#reached();
  }

  #comesBack(batch: Batch, outcome: NotDone): void {
    const { failed, queue } = this.#parts;
    const nowMs = this.#nowMs();
    if (outcome.exitCode === 0) {
      sayArrived(this.#parts, failed.clear(batch, outcome.remaining));
      queue.again(batch, outcome.remaining, nowMs);
      this.#reached();
    } else if (outcome.exitCode === PARTIAL) {
      sayArrived(this.#parts, failed.clear(batch, outcome.remaining));
      this.#wasPartial(batch, outcome);
    } else {
      this.#failed(batch, outcome);
    }
    for (const path of outcome.rescan) queue.addWhole(path, nowMs);
    if (outcome.fullSync !== undefined) this.#parts.onFullSync(outcome.fullSync);
  }

  #wasPartial(batch: Batch, { reason, remaining, whys }: NotDone): void {
    const { failed, queue } = this.#parts;
    const nowMs = this.#nowMs();
    const news = failed.count(remaining, { reason, whys, nowMs });
    queue.again(batch, remaining, { nowMs, notBeforeMs: news.notBeforeMs });
    this.#reached();
    sayPartial(this.#parts, news, reason);
  }

  #failed(batch: Batch, { exitCode, reason, remaining }: NotDone): void {
    const { backoff, behaviour, name, queue, retry } = this.#parts;
    const nowMs = this.#nowMs();
    queue.again(batch, remaining, nowMs);
    this.#pausedUntilMs = nowMs + backoff.nextMs();
    retry.failed([
      ['Normal', behaviour.sentences.batchRetry(exitCode)],
      ['Warn', `${name}: ${reason}`],
    ]);
  }

  #reached(): void {
    this.#pausedUntilMs = 0;
    noteSuccess(this.#parts);
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }
}
