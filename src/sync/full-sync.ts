// The full syncs of one sync{}: the startup one, and those after something was lost (events, the source, our own mistake). When the
// next is due, whether it may run, what came of it.

import type { Outcome } from '../behaviour/behaviour.ts';
import { moveAsChanges } from '../behaviour/moves.ts';
import type { Batch } from '../queue/delay.ts';
import { partialPauseMs } from './failed-paths.ts';
import { sayArrived, sayPartial } from './partial-news.ts';
import { noteSuccess, PARTIAL, type SyncParts } from './sync-parts.ts';

type NotDone = Outcome & { verdict: 'again' };

const WHOLE_SOURCE = { kind: 'Modify', path: '/', status: 'active', whole: true } as const;

export interface FullSyncOptions {
  readonly parts: SyncParts;
  /** An unreachable target is tried again from the first time on. */
  readonly insist: boolean;
  /** The first one has been done as far as it can be. Called once. */
  readonly onStarted: () => void;
}

export class FullSync {
  readonly #parts: SyncParts;
  readonly #insist: boolean;
  readonly #onStarted: () => void;
  #dueMs: number | undefined;
  #isRunning = false;
  #isStarted = false;
  #partialRuns = 0;
  #tookMs = 0;
  #problem: string | undefined;

  constructor(options: FullSyncOptions) {
    this.#parts = options.parts;
    this.#insist = options.insist;
    this.#onStarted = options.onStarted;
  }

  /** Monotonic time of the next one; undefined = none is wanted. */
  get dueMs(): number | undefined {
    return this.#dueMs;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Batches may run. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** What the last one left undone, for the status file. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Asks for one, not before `atMs`. */
  request(atMs: number): void {
    this.#dueMs = Math.min(atMs, this.#dueMs ?? Number.POSITIVE_INFINITY);
  }

  /** One that waits need not wait any longer. */
  endPause(): void {
    if (this.#dueMs !== undefined) this.request(this.#nowMs());
  }

  /** The startup is over, with or without a full sync. Idempotent. */
  markStarted(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#onStarted();
  }

  /** Runs one. No batch may be running.
   * @throws what should never be thrown */
  async run(): Promise<void> {
    const { behaviour, drained, guard, isAtWork, onNoSource, runner } = this.#parts;
    this.#dueMs = undefined;
    const why = guard.whyGone();
    if (why !== undefined) return onNoSource(why);
    this.#turnMovesIntoChanges();
    this.#isRunning = true;
    const beganMs = this.#nowMs();
    let outcome: Outcome | 'stopped';
    try {
      outcome = await runner.run(behaviour.startup());
      // Moves that it saw done must be told while it is running: they are not repeated then.
      await drained();
    } finally {
      this.#isRunning = false;
      this.#tookMs = this.#nowMs() - beganMs;
    }
    if (isAtWork() && outcome !== 'stopped') this.#ended(outcome);
  }

  /** It brings over what moved; the target must not do a move of before once more, with what has the name by then. */
  #turnMovesIntoChanges(): void {
    const { feed, queue } = this.#parts;
    const nowMs = this.#nowMs();
    feed.giveBack(nowMs);
    queue.releaseHolds(nowMs);
    const batch = queue.take(nowMs, { maxChanges: 0 });
    if (batch === undefined) return;
    queue.again(batch, { moves: [], changes: batch.moves.flatMap(moveAsChanges) }, nowMs);
  }

  #ended(outcome: Outcome): void {
    if (outcome.verdict === 'ok') this.#arrived();
    else if (outcome.verdict === 'die') this.#parts.onFatal(outcome.reason);
    else if (outcome.verdict === 'halt') this.#parts.onHalt(outcome.reason);
    else if (outcome.verdict === 'no source') this.#parts.onNoSource(outcome.reason);
    else if (outcome.exitCode === PARTIAL) this.#wasPartial(outcome);
    else this.#failed(outcome);
  }

  #arrived(): void {
    sayArrived(this.#parts, this.#parts.failed.clearAll());
    this.#partialRuns = 0;
    this.#problem = undefined;
    noteSuccess(this.#parts);
    this.markStarted();
  }

  /** What is known not to have arrived is tried again by name; else all is. */
  #wasPartial(outcome: NotDone): void {
    noteSuccess(this.#parts);
    if (outcome.remaining.changes.length > 0) this.#tryByName(outcome);
    else this.#tryAgain(outcome);
    this.markStarted();
  }

  #tryByName({ reason, remaining, whys }: NotDone): void {
    const { failed, queue } = this.#parts;
    const nowMs = this.#nowMs();
    this.#partialRuns = 0;
    this.#problem = undefined;
    const all: Batch = { moves: [], changes: [{ ...WHOLE_SOURCE, dueMs: nowMs }] };
    sayArrived(this.#parts, failed.clear(all, remaining));
    const news = failed.count(remaining, { reason, whys, nowMs });
    queue.addFailed(remaining.changes, news.notBeforeMs);
    sayPartial(this.#parts, news, reason);
  }

  #tryAgain({ reason }: NotDone): void {
    const { log, maxRetries, name } = this.#parts;
    this.#partialRuns++;
    this.#problem = `the full sync was partial: ${reason}`;
    // A big tree is not looked at all the time.
    const pauseMs = Math.max(partialPauseMs(this.#partialRuns), this.#tookMs);
    if (this.#partialRuns === 1) log('Warn', `${name}: ${reason}; trying again, with growing pauses`);
    if (this.#partialRuns === maxRetries + 1)
      log('Error', `${name}: still partial after ${this.#partialRuns} full syncs: ${reason}; trying on`);
    this.request(this.#nowMs() + pauseMs);
  }

  #failed({ exitCode, reason }: NotDone): void {
    const { backoff, behaviour, log, name, onFatal, retry } = this.#parts;
    const { sentences } = behaviour;
    if (!this.#insist && !this.#isStarted) {
      log('Error', sentences.startupGivesUp(exitCode));
      return onFatal(reason);
    }
    this.request(this.#nowMs() + backoff.nextMs());
    retry.failed([
      ['Normal', sentences.startupRetry(exitCode)],
      ['Warn', `${name}: ${reason}`],
    ]);
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }
}
