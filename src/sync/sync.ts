// One sync{} at work: events come in, full syncs and batches go out, each in its turn. Decides when; the behaviour decides what.

import { toText } from '../byte-path.ts';
import type { Behaviour } from '../behaviour/behaviour.ts';
import type { SyncSpec } from '../config/sync-spec.ts';
import { createPathFilter, type RuleFilter } from '../filter/create-path-filter.ts';
import { readRules } from '../filter/read-rules.ts';
import type { Log } from '../log.ts';
import { DelayQueue } from '../queue/delay-queue.ts';
import { createBackoff } from '../run/backoff.ts';
import type { FsEvent, WatchTrouble } from '../watch/monitor.ts';
import { BatchFeed } from './batch-feed.ts';
import { Batches } from './batches.ts';
import { startCrontab } from './crontab.ts';
import { describeBlindness } from './describe-blindness.ts';
import { Draining } from './draining.ts';
import { createFailedPaths } from './failed-paths.ts';
import { FullSync } from './full-sync.ts';
import { createIntake } from './intake.ts';
import { listBelow } from './list-below.ts';
import { createQuietRetry } from './quiet-retry.ts';
import { createOwnBugs } from './own-bugs.ts';
import { SourceGuard } from './source-guard.ts';
import { SourceHalt } from './source-halt.ts';
import type { SyncAtWork } from './sync-at-work.ts';
import type { SyncContext } from './sync-context.ts';
import type { SyncParts } from './sync-parts.ts';
import { WatchNotes } from './watch-notes.ts';
import { WorkRunner } from './work-runner.ts';

type Phase = 'watching' | 'at-work' | 'halted' | 'fading';
type Step = 'full sync' | 'batch';

const LOST = "some events were lost (overflow of the kernel's event queue)";

export class Sync implements SyncAtWork {
  readonly spec: SyncSpec;
  readonly queue: DelayQueue;
  readonly filter: RuleFilter;

  readonly #context: SyncContext;
  readonly #parts: SyncParts;
  readonly #draining: Draining;
  readonly #fullSync: FullSync;
  readonly #batches: Batches;
  readonly #sourceHalt: SourceHalt;
  readonly #watchNotes: WatchNotes;
  readonly #intake: (event: FsEvent, nowMs: number) => void;
  #phase: Phase = 'watching';
  #haltReason: string | undefined;
  /** What was told since events were lost; undefined = nothing is looked for. */
  #found: number | undefined;
  #running = 0;
  #isWaitingForSlot = false;
  #cancelWake: () => void = () => undefined;
  #cancelRepair: () => void = () => undefined;
  #stopCrontab: () => void = () => undefined;
  #onIdle: (() => void)[] = [];

  /** Takes the directory that is there now for the source: make it before the watches are set. */
  constructor(spec: SyncSpec, context: SyncContext) {
    const { log, clock } = context;
    this.spec = spec;
    this.#context = context;
    this.#watchNotes = new WatchNotes(spec, log);
    this.filter = createPathFilter(readRules(spec).rules);
    const retry = createQuietRetry({ log, clock, name: spec.name });
    const behaviour = context.createBehaviour(retry.log);
    this.queue = createQueue(spec, behaviour, log);
    this.#draining = new Draining(context.drained);
    this.#parts = {
      ...context,
      drained: () => this.#draining.wait(),
      name: spec.name,
      queue: this.queue,
      feed: new BatchFeed({ spec, queue: this.queue, log: retry.log }),
      behaviour,
      retry,
      runner: new WorkRunner({
        ...context,
        name: spec.name,
        source: toText(spec.source),
        childTimeoutMs: spec.childTimeoutMs,
        isStopping: () => !this.#maySend(),
      }),
      bugs: createOwnBugs({
        name: spec.name,
        log,
        clock,
        onRepair: (pauseMs) => this.#repairAfter(pauseMs),
        onTooMany: (reason) => this.#parts.onFatal(reason),
      }),
      guard: new SourceGuard(spec),
      failed: createFailedPaths(spec),
      maxRetries: spec.maxRetries,
      backoff: createBackoff({}),
      isAtWork: () => this.#phase === 'at-work',
      onNoSource: (why) => this.halt(why),
      onFatal: (reason) => {
        log('Error', `${spec.name}: ${reason}`);
        context.onFatal();
      },
      onHalt: (reason) => this.#haltForGood(reason),
      onFullSync: (reason) => this.resync(reason),
    };
    this.#fullSync = new FullSync({
      parts: this.#parts,
      // A tunnel that breaks down says nothing of the target.
      insist: context.insist || context.tunnel !== undefined,
      onStarted: context.onStarted,
    });
    this.#batches = new Batches(this.#parts);
    this.#sourceHalt = new SourceHalt({
      spec,
      context,
      guard: this.#parts.guard,
      onBack: () => {
        this.#phase = 'at-work';
        this.resync(`the source "${toText(spec.source)}" is back`);
      },
    });
    this.#intake = createIntake({
      filter: this.filter,
      queue: this.queue,
      log,
      filterDependsOnPlace: this.filter.dependsOnPlace,
      splitsMoves: () => this.#fullSync.isRunning,
      listBelow: (directory) => (spec.subdirs ? listBelow(spec.source, directory, this.filter) : []),
    });
  }

  get rules(): SyncSpec {
    return this.spec;
  }

  /** Children that run now. */
  get runningChildren(): number {
    return this.#parts.runner.size;
  }

  /** What is wrong, one line each, for the status file. */
  get problems(): readonly string[] {
    const { reason } = this.#sourceHalt;
    const halted = reason === undefined ? [] : [`halted: its source ${reason}`];
    const haltedForGood = this.#haltReason === undefined ? [] : [`halted: ${this.#haltReason}`];
    const partial = this.#fullSync.problem === undefined ? [] : [this.#fullSync.problem];
    return [...halted, ...haltedForGood, ...partial, ...this.#parts.failed.problems];
  }

  get watchNotes(): readonly string[] {
    return this.#watchNotes.lines;
  }

  /** The watches are set: the startup sync may run, and then the batches. Call once. */
  start(): void {
    if (this.#phase === 'fading') return;
    this.#startCrontab();
    if (this.#phase !== 'watching') return;
    this.#phase = 'at-work';
    if (this.spec.init) this.#fullSync.request(this.#nowMs());
    else this.#fullSync.markStarted();
    this.#pump();
  }

  onEvent(event: FsEvent): void {
    this.#context.onSourceChange?.();
    if (this.#found !== undefined) this.#found++;
    if (this.#phase === 'halted') this.#sourceHalt.noteChange();
    this.#parts.bugs.outlive(() => this.#intake(event, this.#nowMs()));
  }

  onBurstEnd(): void {
    this.#context.onChange();
    this.#pump();
  }

  onTrouble(trouble: WatchTrouble): void {
    this.#parts.bugs.outlive(() => this.#handleTrouble(trouble));
  }

  #handleTrouble(trouble: WatchTrouble): void {
    switch (trouble.kind) {
      case 'overflow':
        this.#overflowed(trouble);
        break;
      case 'rescanned':
        this.#rescanned();
        break;
      case 'source-gone':
        this.#sourceHalt.noteWatchLost();
        this.halt(`was ${trouble.reason}`);
        break;
      case 'unwatched':
        this.#watchNotes.noteUnwatched(trouble);
        break;
      case 'blind':
        this.#context.log('Error', describeBlindness(this.spec, trouble));
        break;
    }
  }

  #overflowed({ isRescanned }: WatchTrouble & { kind: 'overflow' }): void {
    this.#watchNotes.overflowed();
    if (!isRescanned) {
      this.resync(`${LOST}, and what changed cannot be told by the times of the files`);
    } else if (this.#found === undefined) {
      this.#found = 0;
      this.#context.log('Normal', `${this.spec.name}: ${LOST}; looking for what changed`);
    }
  }

  #rescanned(): void {
    if (this.#found === undefined) return;
    const what = this.#found === 1 ? '1 path' : `${this.#found} paths`;
    this.#context.log('Normal', `${this.spec.name}: looked for what changed; ${what} to compare`);
    this.#found = undefined;
  }

  /** Its tunnel is up again: what failed for want of it is tried at once. */
  onTunnelReady(): void {
    this.#parts.backoff.reset();
    this.#fullSync.endPause();
    this.#batches.endPause();
    this.#pump();
  }

  /** Runs the full sync again as soon as no batch is running. `reason` is logged. */
  resync(reason: string): void {
    this.#context.log('Normal', `${this.spec.name}: ${reason}; doing a full sync`);
    this.#fullSync.request(this.#nowMs());
    this.#pump();
  }

  /**
   * The source cannot be relied on (`why`: `was unmounted`): ends what runs and sends nothing until it is back. Then it is watched
   * anew, and a full sync makes up for what was not seen.
   */
  halt(why: string): void {
    if (this.#phase !== 'at-work' && this.#phase !== 'watching') return;
    this.#phase = 'halted';
    this.#sourceHalt.begin(why);
    this.signalChildren('SIGTERM');
    this.#fullSync.markStarted();
    this.#context.onChange();
  }

  /** Until the config is read anew. What runs ends by itself. */
  #haltForGood(reason: string): void {
    if (this.#phase !== 'at-work') return;
    this.#phase = 'halted';
    this.#haltReason = reason;
    this.#context.log('Error', `Cannot go on with ${this.spec.name}: ${reason}`);
    this.#fullSync.markStarted();
    this.#context.onChange();
  }

  /** Starts no new child; resolves once those that run have ended. Idempotent. */
  async fade(): Promise<void> {
    this.#phase = 'fading';
    this.#draining.giveUp();
    this.#cancelWake();
    this.#cancelRepair();
    this.#stopCrontab();
    this.#sourceHalt.end();
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Sends a signal to every child that runs. */
  signalChildren(signal: NodeJS.Signals): void {
    this.#parts.runner.signal(signal);
  }

  #nowMs(): number {
    return this.#context.clock.monotonicMs();
  }

  /** Whether a child may be started: asked before each, since the source may have gone after the one before. */
  #maySend(): boolean {
    if (this.#phase !== 'at-work') return false;
    const why = this.#parts.guard.whyGone();
    if (why !== undefined) this.halt(why);
    return why === undefined;
  }

  /** Looks at what is due and starts it, or sets the alarm for when it will be. */
  #pump(): void {
    this.#parts.bugs.outlive(() => this.#startWhatIsDue());
  }

  #startWhatIsDue(): void {
    if (this.#phase !== 'at-work') return;
    this.#cancelWake();
    if (this.#isWaitingForSlot) return;
    const atMs = Math.min(this.#fullSyncMs(), this.#batchMs());
    const waitMs = atMs - this.#nowMs();
    if (waitMs > 0) this.#wakeAfter(waitMs);
    else if (this.#nextStep() !== undefined) void this.#takeSlot();
  }

  /** What may start now. A full sync runs alone. */
  #nextStep(): Step | undefined {
    if (this.#context.tunnel?.isReady === false) return undefined;
    const nowMs = this.#nowMs();
    if (this.#fullSyncMs() <= nowMs) return this.#running === 0 ? 'full sync' : undefined;
    return this.#batchMs() <= nowMs ? 'batch' : undefined;
  }

  #fullSyncMs(): number {
    return this.#fullSync.dueMs ?? Number.POSITIVE_INFINITY;
  }

  #batchMs(): number {
    if (!this.#fullSync.isStarted || this.#fullSync.isRunning) return Number.POSITIVE_INFINITY;
    // The end of one that runs leads to another look.
    if (this.#running >= this.spec.maxProcesses) return Number.POSITIVE_INFINITY;
    return this.#batches.nextDueMs() ?? Number.POSITIVE_INFINITY;
  }

  #wakeAfter(waitMs: number): void {
    if (waitMs === Number.POSITIVE_INFINITY) return;
    this.#cancelWake = this.#context.clock.after(waitMs, () => this.#pump());
  }

  /** Waits for this sync's turn and then starts what is due by then. One slot at a time is asked for. */
  async #takeSlot(): Promise<void> {
    this.#isWaitingForSlot = true;
    const release = await this.#context.slots.acquire(this.spec.index);
    this.#isWaitingForSlot = false;
    const step = this.#parts.bugs.outlive(() => this.#nextStep());
    if (step === undefined || this.#phase !== 'at-work') {
      release();
      return this.#pump();
    }
    this.#running++;
    if (step === 'full sync') this.#parts.bugs.repairBegins();
    const done = this.#run(step);
    this.#pump();
    await done;
    this.#running--;
    release();
    this.#context.onChange();
    if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    this.#pump();
  }

  async #run(step: Step): Promise<void> {
    try {
      await (step === 'batch' ? this.#batches.run() : this.#fullSync.run());
    } catch (error) {
      this.#parts.bugs.threw(error);
    }
  }

  /** What waits, and what the target has, is not known: everything is looked at again. The alarm of its own needs nothing that may be broken. */
  #repairAfter(pauseMs: number): void {
    this.#fullSync.request(this.#nowMs() + pauseMs);
    this.#cancelRepair();
    this.#cancelRepair = this.#context.clock.after(pauseMs, () => this.#pump());
  }

  /** A time that comes while a full sync runs, or waits to, is let pass: the batches must have their turn too. */
  #startCrontab(): void {
    const { clock, log } = this.#context;
    const { crontab: lines, name } = this.spec;
    const onTime = (line: string): void => {
      const isUnderWay = this.#fullSync.isRunning || this.#fullSync.dueMs !== undefined;
      if (this.#phase === 'at-work' && !isUnderWay) this.resync(`it is time (crontab "${line}")`);
    };
    this.#stopCrontab = startCrontab({ lines, name, log, clock, onTime });
  }
}

function createQueue(spec: SyncSpec, { takesMoves }: Behaviour, log: Log): DelayQueue {
  return new DelayQueue({
    isTelling: () => log.isOn('Delay'),
    delayMs: spec.delayMs,
    maxDelays: spec.maxDelays,
    maxPaths: spec.maxPaths,
    takesMoves,
    settleMs: 0,
  });
}
