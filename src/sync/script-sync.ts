// One sync{} whose actions are the user's Lua: events come in, his functions are called, their children run. Decides when; what is
// done is his. An error in his Lua stops this sync and no other; its events are kept for the next life of the config.

import type { Behaviour } from '../behaviour/behaviour.ts';
import { toText } from '../byte-path.ts';
import type { ScriptSpec, SyncSpec } from '../config/sync-spec.ts';
import type { Log } from '../log.ts';
import type { RuleFilter } from '../filter/create-path-filter.ts';
import { isLuaFunction, type LuaValue } from '../lua/lua-value.ts';
import { ScriptQueue, type ScriptDelay } from '../queue/script-queue.ts';
import type { ReleaseSlot } from '../run/process-slots.ts';
import { isCallable } from '../script/call.ts';
import type { FsEvent, WatchTrouble } from '../watch/monitor.ts';
import { startCrontab } from './crontab.ts';
import { describeBlindness } from './describe-blindness.ts';
import { createIntake } from './intake.ts';
import { listBelow } from './list-below.ts';
import { ScriptChildren } from './script-children.ts';
import { createScriptPort } from './script-port.ts';
import { createScriptRules, type ScriptRules } from './script-rules.ts';
import { askScript } from './script-turn.ts';
import { createOwnBugs, type OwnBugs } from './own-bugs.ts';
import { SourceGuard } from './source-guard.ts';
import { SourceHalt } from './source-halt.ts';
import type { SyncAtWork } from './sync-at-work.ts';
import type { SyncContext } from './sync-context.ts';
import { createUserCalls, type UserCall } from './user-calls.ts';
import { WatchNotes } from './watch-notes.ts';
import { WorkRunner } from './work-runner.ts';

/** A script that neither starts a child for an event nor discards it is asked again after this. */
const UNANSWERED_MS = 1000;

type Phase = 'watching' | 'at-work' | 'halted' | 'stopped' | 'fading';

export interface ScriptSyncContext extends Omit<SyncContext, 'createBehaviour'> {
  readonly createBehaviour: (base: SyncSpec, log: Log) => Behaviour;
  /** What waited when the last life of the config ended. */
  readonly inherited: readonly ScriptDelay[];
}

export class ScriptSync implements SyncAtWork {
  readonly spec: ScriptSpec;
  readonly queue: ScriptQueue;

  readonly #context: ScriptSyncContext;
  readonly #rules: ScriptRules;
  readonly #intake: (event: FsEvent, nowMs: number) => void;
  readonly #runner: WorkRunner;
  readonly #children: ScriptChildren;
  readonly #callUser: UserCall;
  readonly #sourceHalt: SourceHalt;
  readonly #watchNotes: WatchNotes;
  readonly #guard: SourceGuard;
  readonly #bugs: OwnBugs;
  #phase: Phase = 'watching';
  #problem: string | undefined;
  #isStarted = false;
  #isWaitingForSlot = false;
  #slots: ReleaseSlot[] = [];
  #pausedUntilMs = 0;
  #cancelWake: () => void = () => undefined;
  #stopCrontab: () => void = () => undefined;
  #cancelRepair: () => void = () => undefined;

  /** Takes the directory that is there now for the source: make it before the watches are set. */
  constructor(spec: ScriptSpec, context: ScriptSyncContext) {
    const { log, clock } = context;
    this.spec = spec;
    this.#context = context;
    this.#watchNotes = new WatchNotes(spec, log);
    this.#rules = createScriptRules(spec, {
      log,
      onWider: () => void context.rewatch().catch(() => undefined),
    });
    this.queue = new ScriptQueue(spec);
    // Before all else: what the watches tell while they are set waits for it.
    if (isCallable(this.#function('init'))) this.queue.addBlanket('Init', this.#nowMs());
    for (const delay of context.inherited) this.queue.adopt(delay, this.#nowMs());
    this.#runner = new WorkRunner({
      ...context,
      name: spec.name,
      source: toText(spec.source),
      childTimeoutMs: spec.childTimeoutMs,
      isStopping: () => this.#phase !== 'at-work',
    });
    this.#bugs = createOwnBugs({
      name: spec.name,
      log,
      clock,
      onRepair: (pauseMs) => this.#repairAfter(pauseMs),
      onTooMany: (reason) => {
        log('Error', `${spec.name}: ${reason}`);
        context.onFatal();
      },
    });
    this.#callUser = createUserCalls({ name: spec.name, log, clock, onError: (why) => this.#stop(why) });
    this.#children = this.#createChildren();
    this.#guard = new SourceGuard(spec);
    this.#sourceHalt = new SourceHalt({
      spec,
      context,
      guard: this.#guard,
      onBack: () => this.#sourceIsBack(),
    });
    this.#intake = createIntake({
      filter: { passes: (path) => this.filter.passes(path) },
      queue: { add: (event, nowMs) => this.queue.add(event, nowMs), addWhole: () => undefined },
      log,
      filterDependsOnPlace: this.#rules.filter.dependsOnPlace,
      splitsMoves: () => false,
      listBelow: (directory) => (spec.subdirs ? listBelow(spec.source, directory, this.filter) : []),
    });
    spec.inlet.attach(
      createScriptPort({
        ...context,
        spec,
        queue: this.queue,
        children: this.#children,
        rules: this.#rules,
        addBlanket: (kind) => this.#addBlanket(kind),
      }),
    );
  }

  get filter(): RuleFilter {
    return this.#rules.filter;
  }

  get rules(): ScriptRules {
    return this.#rules;
  }

  get runningChildren(): number {
    return this.#runner.size;
  }

  get problems(): readonly string[] {
    const { reason } = this.#sourceHalt;
    const halted = reason === undefined ? [] : [`halted: its source ${reason}`];
    return [...halted, ...(this.#problem === undefined ? [] : [this.#problem])];
  }

  get watchNotes(): readonly string[] {
    return this.#watchNotes.lines;
  }

  /** What the next life of the config takes over. */
  get unfinished(): readonly ScriptDelay[] {
    return [...this.queue.entries()].filter(({ kind }) => kind !== 'Init' && kind !== 'Blanket');
  }

  start(): void {
    if (this.#phase !== 'watching') return;
    this.#phase = 'at-work';
    this.#noteStartup();
    this.#stopCrontab = startCrontab({
      ...this.#context,
      name: this.spec.name,
      lines: this.spec.crontab,
      onTime: () => this.#addBlanket('Full'),
    });
    this.#pump();
  }

  onEvent(event: FsEvent): void {
    if (this.#phase === 'halted') this.#sourceHalt.noteChange();
    this.#bugs.outlive(() => this.#intake(event, this.#nowMs()));
  }

  onBurstEnd(): void {
    this.#pausedUntilMs = 0;
    this.#context.onChange();
    this.#pump();
  }

  onTrouble(trouble: WatchTrouble): void {
    this.#bugs.outlive(() => this.#handleTrouble(trouble));
  }

  #handleTrouble(trouble: WatchTrouble): void {
    if (trouble.kind === 'overflow') {
      this.#watchNotes.overflowed();
      this.#beginAnew('some events were lost (overflow of the kernel queue)');
    } else if (trouble.kind === 'source-gone') {
      this.#sourceHalt.noteWatchLost();
      this.halt(`was ${trouble.reason}`);
    } else if (trouble.kind === 'unwatched') {
      this.#watchNotes.noteUnwatched(trouble);
    } else if (trouble.kind === 'blind') {
      this.#context.log('Error', describeBlindness(this.spec, trouble));
    }
  }

  onTunnelReady(): void {
    this.#pump();
  }

  halt(why: string): void {
    if (this.#phase !== 'at-work' && this.#phase !== 'watching') return;
    this.#phase = 'halted';
    this.#sourceHalt.begin(why);
    this.signalChildren('SIGTERM');
    this.#markStarted();
    this.#context.onChange();
  }

  async fade(): Promise<void> {
    this.#phase = 'fading';
    this.#cancelWake();
    this.#stopCrontab();
    this.#cancelRepair();
    this.#sourceHalt.end();
    await this.#children.idle();
  }

  signalChildren(signal: NodeJS.Signals): void {
    this.#runner.signal(signal);
  }

  #createChildren(): ScriptChildren {
    const { spec, queue } = this;
    const { base } = spec;
    const { excludes, filters } = this.#rules;
    return new ScriptChildren({
      ...this.#context,
      name: spec.name,
      source: spec.source,
      config: spec.config,
      queue,
      runner: this.#runner,
      behaviour: base && this.#context.createBehaviour({ ...base, excludes, filters }, this.#behaviourLog()),
      callUser: this.#callUser,
      isInsisting: this.#context.insist,
      onEnded: () => this.#childEnded(),
      onBug: (error) => this.#bugs.threw(error),
      onDone: () => this.#bugs.reset(),
      onHalt: (reason) => this.#haltForGood(reason),
      onNoSource: (why) => this.halt(why),
    });
  }

  /** Where the user judges exit codes himself, he alone says how something ended. */
  #behaviourLog(): Log {
    const { log } = this.#context;
    const isSaidByUser = (text: string): boolean =>
      /^(Startup of .* finished|Finished (\(list\)|a list))/s.test(text) &&
      isLuaFunction(this.#function('collect'));
    return Object.assign(
      (category: string, text: string): void => {
        if (!isSaidByUser(text)) log(category, text);
      },
      { isOn: (category: string) => log.isOn(category) },
    );
  }

  #addBlanket(kind: 'Full' | 'Blanket'): ScriptDelay {
    const delay = this.queue.addBlanket(kind, this.#nowMs());
    setImmediate(() => this.#pump());
    return delay;
  }

  #function(name: string): LuaValue {
    return this.spec.config.get(name);
  }

  #nowMs(): number {
    return this.#context.clock.monotonicMs();
  }

  #pump(): void {
    this.#bugs.outlive(() => this.#startWhatIsDue());
  }

  #startWhatIsDue(): void {
    if (this.#phase !== 'at-work' || this.#isWaitingForSlot) return;
    this.#cancelWake();
    if (this.#context.tunnel?.isReady === false || this.#children.size >= this.spec.maxProcesses) return;
    const dueMs = this.queue.nextDueMs();
    if (dueMs === undefined) return;
    const waitMs = Math.max(dueMs, this.#pausedUntilMs) - this.#nowMs();
    if (waitMs > 0) this.#cancelWake = this.#context.clock.after(waitMs, () => this.#pump());
    else void this.#takeSlot();
  }

  async #takeSlot(): Promise<void> {
    this.#isWaitingForSlot = true;
    const release = await this.#context.slots.acquire(this.spec.index);
    this.#isWaitingForSlot = false;
    if (this.#phase === 'at-work') this.#bugs.outlive(() => this.#act());
    if (this.#children.size > this.#slots.length) this.#slots.push(release);
    else release();
    this.#context.onChange();
    this.#pump();
  }

  /** Calls the user's function for the first delay that is ready. */
  #act(): void {
    const why = this.#guard.whyGone();
    if (why !== undefined) return this.halt(why);
    const [delay] = this.queue.ready(this.#nowMs());
    if (delay === undefined) return;
    const answer = askScript(delay, {
      spec: this.spec,
      queue: this.queue,
      children: this.#children,
      callUser: this.#callUser,
    });
    if (answer === 'unanswered') this.#pausedUntilMs = this.#nowMs() + UNANSWERED_MS;
    this.#noteStartup();
  }

  #childEnded(): void {
    while (this.#slots.length > this.#children.size) this.#slots.pop()?.();
    this.#noteStartup();
    this.#context.onChange();
    this.#pump();
  }

  /** The startup is over once its delay is gone. */
  #noteStartup(): void {
    if (this.#isStarted) return;
    for (const { kind } of this.queue.entries()) if (kind === 'Init') return;
    this.#markStarted();
  }

  #markStarted(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#context.onStarted();
  }

  #sourceIsBack(): void {
    this.#phase = 'at-work';
    this.#beginAnew(`the source "${toText(this.spec.source)}" is back`);
  }

  #repairAfter(pauseMs: number): void {
    this.#cancelRepair();
    this.#cancelRepair = this.#context.clock.after(pauseMs, () => {
      this.#bugs.repairBegins();
      if (this.#phase === 'at-work') this.#beginAnew('what it has done is not known after a bug of ours');
    });
  }

  #beginAnew(reason: string): void {
    this.#context.log('Normal', `${this.spec.name}: ${reason}; doing its startup again`);
    if (isCallable(this.#function('init'))) this.queue.addBlanket('Init', this.#nowMs());
    this.#pump();
  }

  #haltForGood(reason: string): void {
    if (this.#phase !== 'at-work') return;
    this.#rest(`halted: ${reason}`, `Cannot go on with ${this.spec.name}: ${reason}`);
  }

  #stop(why: string): void {
    if (this.#phase === 'fading') return;
    this.#rest(
      `stopped: error in its Lua: ${why}`,
      `${this.spec.name} has stopped; its events are kept. Put the config right and send HUP (systemctl reload)`,
    );
  }

  /** Until the next HUP: the events are kept. */
  #rest(problem: string, line: string): void {
    this.#phase = 'stopped';
    this.#problem = problem;
    this.#context.log('Error', line);
    this.#markStarted();
    this.#context.onChange();
  }
}
