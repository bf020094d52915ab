// One sync{} at work: events come in, batches go out, what failed comes back. Decides when; the behaviour decides what.

import { toText, type BytePath } from '../byte-path.ts';
import { createBehaviour, type BehaviourContext } from '../behaviour/create-behaviour.ts';
import type { Batch, Behaviour, Outcome, Work } from '../behaviour/behaviour.ts';
import type { Clock } from '../clock.ts';
import type { SyncSpec } from '../config/sync-spec.ts';
import { createPathFilter, type RuleFilter } from '../filter/create-path-filter.ts';
import { readRules } from '../filter/read-rules.ts';
import type { Log } from '../log.ts';
import { DelayQueue } from '../queue/delay-queue.ts';
import { createBackoff } from '../run/backoff.ts';
import type { ChildEnd, Command } from '../run/command.ts';
import type { ProcessSlots } from '../run/process-slots.ts';
import { runWork } from '../run/run-work.ts';
import { startChild, type RunningChild } from '../run/start-child.ts';
import type { FsEvent, WatchListener, WatchTrouble } from '../watch/monitor.ts';
import { createFailedPaths, MAX_PARTIAL_RETRIES } from './failed-paths.ts';
import { createIntake } from './intake.ts';
import { listBelow } from './list-below.ts';
import { createQuietRetry } from './quiet-retry.ts';

/** rsync's "partial transfer": some files did not arrive. */
const PARTIAL = 23;

export interface SyncContext {
  readonly log: Log;
  readonly clock: Clock;
  readonly slots: ProcessSlots;
  readonly behaviour: Omit<BehaviourContext, 'log'>;
  /** An unreachable target at startup is tried again instead of ending the daemon. */
  readonly insist: boolean;
  readonly onChildOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  /** Something changed that the status file shows. */
  readonly onChange: () => void;
  /** The startup sync is done (or none was wanted). Called once. */
  readonly onStarted: (sync: Sync) => void;
  /** Resolves when every change made in the source before the call was told by `onEvent`. */
  readonly drained: () => Promise<void>;
  /** The daemon must end with 255; the reason is logged. */
  readonly onFatal: () => void;
}

export class Sync implements WatchListener {
  readonly spec: SyncSpec;
  readonly queue: DelayQueue;
  readonly filter: RuleFilter;

  readonly #context: SyncContext;
  readonly #behaviour: Behaviour;
  readonly #intake: (event: FsEvent, nowMs: number) => void;
  readonly #failed = createFailedPaths();
  readonly #retry;
  readonly #backoff = createBackoff({});
  readonly #children = new Set<RunningChild>();
  #phase: 'watching' | 'at-work' | 'halted' | 'fading' = 'watching';
  /** When the next full sync is to run; undefined = none wanted. */
  #startupDueMs: number | undefined;
  #started = false;
  #startupIsRunning = false;
  #partialStartups = 0;
  #startupProblem: string | undefined;
  #haltReason: string | undefined;
  #pausedUntilMs = 0;
  #running = 0;
  #isWaitingForSlot = false;
  #cancelWake: () => void = () => undefined;
  #onIdle: (() => void)[] = [];

  constructor(spec: SyncSpec, context: SyncContext) {
    this.spec = spec;
    this.#context = context;
    this.#retry = createQuietRetry(context.log, context.clock);
    const filter = createPathFilter(readRules(spec).rules);
    this.filter = filter;
    this.#behaviour = createBehaviour(spec, { ...context.behaviour, log: this.#retry.log });
    this.queue = new DelayQueue({
      delayMs: spec.delayMs,
      maxDelays: spec.maxDelays,
      takesMoves: this.#behaviour.takesMoves,
      settleMs: 0,
    });
    this.#intake = createIntake({
      filter,
      queue: this.queue,
      log: context.log,
      filterDependsOnPlace: filter.dependsOnPlace,
      listBelow: (directory) => (spec.subdirs ? listBelow(spec.source, directory, filter) : []),
    });
  }

  /** Children that run now. */
  get runningChildren(): number {
    return this.#children.size;
  }

  /** What is wrong, one line each, for the status file. */
  get problems(): readonly string[] {
    const lines = [...this.#failed.failed].map((path) => `failed ${toText(path)}`);
    if (this.#startupProblem !== undefined) lines.unshift(this.#startupProblem);
    if (this.#haltReason !== undefined) lines.unshift(`halted: ${this.#haltReason}`);
    return lines;
  }

  /** The watches are set: the startup sync may run, and then the batches. Call once. */
  start(): void {
    this.#phase = 'at-work';
    if (this.spec.init) this.#startupDueMs = this.#nowMs();
    else this.#markStarted();
    this.#pump();
  }

  onEvent(event: FsEvent): void {
    this.#intake(event, this.#nowMs());
  }

  onBurstEnd(): void {
    this.#context.onChange();
    this.#pump();
  }

  onTrouble(trouble: WatchTrouble): void {
    switch (trouble.kind) {
      case 'overflow':
        this.resync('some events were lost (overflow of the kernel queue)');
        break;
      case 'source-gone':
        this.halt(trouble.reason);
        break;
      case 'blind':
        this.#context.log('Error', describeBlindness(this.spec, trouble));
        break;
    }
  }

  /** Runs the full sync again as soon as no batch is running. `reason` is logged. */
  resync(reason: string): void {
    this.#context.log('Normal', `${this.spec.name}: ${reason}; doing a full sync`);
    this.#startupDueMs = this.#nowMs();
    this.#pump();
  }

  /** Sends nothing more until the daemon starts over. What runs is left to end. */
  halt(reason: string): void {
    if (this.#phase !== 'at-work' && this.#phase !== 'watching') return;
    this.#phase = 'halted';
    this.#haltReason = reason;
    this.#context.log(
      'Error',
      `${this.spec.name} halted: ${reason}. Nothing is sent or deleted until it is back`,
    );
    this.#context.onChange();
  }

  /** Starts no new child; resolves once those that run have ended. Idempotent. */
  async fade(): Promise<void> {
    this.#phase = 'fading';
    this.#cancelWake();
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Sends a signal to every child that runs. */
  signalChildren(signal: NodeJS.Signals): void {
    for (const child of this.#children) child.terminate(signal);
  }

  #nowMs(): number {
    return this.#context.clock.monotonicMs();
  }

  /** Looks at what is due and starts it, or sets the alarm for when it will be. */
  #pump(): void {
    if (this.#phase !== 'at-work') return;
    this.#cancelWake();
    const startupAtMs = this.#startupDueMs ?? Number.POSITIVE_INFINITY;
    const batchAtMs = this.#nextBatchMs();
    const nowMs = this.#nowMs();
    if (startupAtMs <= nowMs) {
      if (this.#running === 0) this.#withSlot(() => this.#runStartup());
    } else if (batchAtMs <= nowMs) {
      if (this.#running < this.spec.maxProcesses) this.#withSlot(() => this.#runBatch());
    } else {
      this.#wakeAt(Math.min(startupAtMs, batchAtMs));
    }
  }

  #nextBatchMs(): number {
    if (!this.#started || this.#startupIsRunning) return Number.POSITIVE_INFINITY;
    const dueMs = this.queue.nextDueMs();
    return dueMs === undefined ? Number.POSITIVE_INFINITY : Math.max(dueMs, this.#pausedUntilMs);
  }

  #wakeAt(atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#cancelWake = this.#context.clock.after(Math.max(0, atMs - this.#nowMs()), () => this.#pump());
  }

  /** Runs `work` once this sync's turn has come. One slot at a time is asked for. */
  #withSlot(work: () => Promise<void>): void {
    if (this.#isWaitingForSlot) return;
    this.#isWaitingForSlot = true;
    void this.#takeSlot(work);
  }

  async #takeSlot(work: () => Promise<void>): Promise<void> {
    const release = await this.#context.slots.acquire(this.spec.index);
    this.#isWaitingForSlot = false;
    if (this.#phase !== 'at-work') return release();
    this.#running++;
    const done = work().finally(() => {
      release();
      this.#running--;
      this.#context.onChange();
      if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
      this.#pump();
    });
    this.#pump();
    await done;
  }

  async #runStartup(): Promise<void> {
    this.#startupDueMs = undefined;
    this.#startupIsRunning = true;
    const outcome = await this.#run(this.#behaviour.startup());
    this.#startupIsRunning = false;
    if (outcome === 'stopped') return;
    if (outcome === 'bug') return this.#afterBug();
    if (outcome.verdict === 'ok') this.#startupArrived();
    else if (outcome.verdict === 'die') this.#context.onFatal();
    else if (outcome.exitCode === PARTIAL) this.#startupWasPartial(outcome.reason);
    else this.#startupFailed(outcome);
  }

  #startupArrived(): void {
    this.#failed.clearAll();
    this.#partialStartups = 0;
    this.#startupProblem = undefined;
    this.#succeeded();
    this.#markStarted();
  }

  #startupWasPartial(reason: string): void {
    this.#retry.succeeded();
    this.#partialStartups++;
    this.#startupProblem = `the full sync was partial: ${reason}`;
    if (this.#partialStartups > MAX_PARTIAL_RETRIES) {
      this.#context.log(
        'Error',
        `${this.spec.name}: gave up after ${this.#partialStartups} full syncs: ${reason}`,
      );
    } else {
      const pauseMs = this.#backoff.nextMs();
      this.#context.log('Warn', `${this.spec.name}: ${reason}; trying again in ${seconds(pauseMs)}`);
      this.#startupDueMs = this.#nowMs() + pauseMs;
    }
    this.#markStarted();
  }

  #startupFailed(outcome: Outcome & { verdict: 'again' }): void {
    const { sentences } = this.#behaviour;
    if (!this.#context.insist && !this.#started) {
      this.#context.log('Error', sentences.startupGivesUp(outcome.exitCode));
      return this.#context.onFatal();
    }
    this.#startupDueMs = this.#nowMs() + this.#backoff.nextMs();
    this.#retry.failed([
      ['Normal', sentences.startupRetry(outcome.exitCode)],
      ['Warn', `${this.spec.name}: ${outcome.reason}`],
    ]);
  }

  #markStarted(): void {
    if (this.#started) return;
    this.#started = true;
    this.#context.onStarted(this);
  }

  async #runBatch(): Promise<void> {
    const batch = this.queue.take(this.#nowMs());
    if (batch === undefined) return;
    this.#context.onChange();
    const outcome = await this.#run(this.#behaviour.batch(batch));
    // What the batch saw of the source must be told before it is over: a rename then finds it active.
    await this.#context.drained();
    if (outcome === 'stopped') return;
    if (outcome === 'bug') {
      this.queue.again(batch, batch, this.#nowMs());
      return this.#afterBug();
    }
    if (outcome.verdict === 'ok') this.#batchArrived(batch);
    else if (outcome.verdict === 'die') this.#context.onFatal();
    else this.#batchComesBack(batch, outcome);
  }

  #batchArrived(batch: Batch): void {
    this.queue.done(batch, this.#nowMs());
    this.#failed.clear(batch);
    this.#succeeded();
  }

  #batchComesBack(batch: Batch, outcome: Outcome & { verdict: 'again' }): void {
    const nowMs = this.#nowMs();
    if (outcome.exitCode === 0) {
      this.queue.again(batch, outcome.remaining, nowMs);
    } else if (outcome.exitCode === PARTIAL) {
      const { retry, givenUp } = this.#failed.count(outcome.remaining);
      const pauseMs = this.#backoff.nextMs();
      this.queue.again(batch, retry, nowMs + pauseMs);
      this.#context.log('Warn', `${this.spec.name}: ${outcome.reason}`);
      if (givenUp.length > 0) this.#logGivenUp(givenUp, outcome.reason);
    } else {
      this.queue.again(batch, outcome.remaining, nowMs);
      this.#pausedUntilMs = nowMs + this.#backoff.nextMs();
      this.#retry.failed([
        ['Normal', this.#behaviour.sentences.batchRetry(outcome.exitCode)],
        ['Warn', `${this.spec.name}: ${outcome.reason}`],
      ]);
    }
    for (const path of outcome.rescan) this.queue.addWhole(path, nowMs);
  }

  #logGivenUp(paths: readonly BytePath[], reason: string): void {
    const names = paths.map(toText).join('\n');
    this.#context.log(
      'Error',
      `${this.spec.name}: could not send ${paths.length} paths (${reason}):\n${names}`,
    );
  }

  #succeeded(): void {
    this.#pausedUntilMs = 0;
    this.#backoff.reset();
    this.#retry.succeeded();
  }

  /** Drives a behaviour; a bug in it is logged with its stack, never thrown. */
  async #run(work: Work): Promise<Outcome | 'stopped' | 'bug'> {
    try {
      return await runWork(work, {
        start: (command) => this.#startChild(command),
        isStopping: () => this.#phase === 'fading',
      });
    } catch (error) {
      const stack = error instanceof Error ? error.stack : String(error);
      this.#context.log('Error', `${this.spec.name}: a bug of ours: ${stack}`);
      return 'bug';
    }
  }

  /** What was done is not known: everything is looked at again. */
  #afterBug(): void {
    this.#startupDueMs = this.#nowMs() + this.#backoff.nextMs();
  }

  async #startChild(command: Command): Promise<ChildEnd> {
    const child = startChild(command, { onOutput: this.#context.onChildOutput });
    this.#children.add(child);
    const end = await child.ended;
    this.#children.delete(child);
    return end;
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function describeBlindness(spec: SyncSpec, trouble: WatchTrouble & { kind: 'blind' }): string {
  const where = toText(spec.source + trouble.path.slice(1));
  const advice =
    trouble.code === 'ENOSPC'
      ? '; no inotify watches are left: raise the limit, e.g. sysctl fs.inotify.max_user_watches=1048576'
      : '';
  return `Cannot watch "${where}" of ${spec.name}: ${trouble.code}${advice}. Changes below it are not seen`;
}
