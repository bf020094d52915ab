// The children of a script sync: started for an event or a list of events, which are active until the last child has ended and the
// script's `collect` has said what is to become of them.

import type { Behaviour, Outcome } from '../behaviour/behaviour.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { HostObject, isLuaFunction, LuaRaise, type LiveTable } from '../lua/lua-value.ts';
import type { ScriptDelay, ScriptQueue } from '../queue/script-queue.ts';
import { createBackoff } from '../run/backoff.ts';
import type { ChildEnd, Command } from '../run/command.ts';
import { execLine } from '../behaviour/run-command.ts';
import { moveAsChanges } from '../behaviour/moves.ts';
import type { Batch, Delay } from '../queue/delay.ts';
import { callFunction, isCallable } from '../script/call.ts';
import type { AgentDelays, BuiltInWork } from '../script/port.ts';
import { toText } from '../byte-path.ts';
import { ScriptAgents, type Collected } from './script-agents.ts';
import type { UserCall } from './user-calls.ts';
import type { WorkRunner } from './work-runner.ts';

/** What a script wants tried again waits this long; lsyncd's. */
const AGAIN_MS = 1000;

export interface ScriptChildrenOptions {
  readonly name: string;
  readonly source: string;
  readonly config: LiveTable;
  readonly queue: ScriptQueue;
  readonly runner: WorkRunner;
  /** What default.rsync and the like do; undefined: the sync inherits from none of them. */
  readonly behaviour: Behaviour | undefined;
  readonly log: Log;
  readonly clock: Clock;
  readonly callUser: UserCall;
  /** An unreachable target at startup does not end the daemon. */
  readonly isInsisting: boolean;
  readonly onFatal: () => void;
  /** As in SyncParts. */
  readonly onHalt: (reason: string) => void;
  /** As in SyncParts. */
  readonly onNoSource: (why: string) => void;
  /** What a built-in behaviour threw. */
  readonly onBug: (error: unknown) => void;
  /** Something was done as it should be. */
  readonly onDone: () => void;
  /** Something ended: more may start. */
  readonly onEnded: () => void;
}

export class ScriptChildren {
  readonly #options: ScriptChildrenOptions;
  readonly #agents = new ScriptAgents();
  readonly #backoff = createBackoff({});
  #onIdle: (() => void)[] = [];

  constructor(options: ScriptChildrenOptions) {
    this.#options = options;
  }

  /** How many children, or runs of a built-in behaviour, there are. */
  get size(): number {
    return this.#agents.size;
  }

  async idle(): Promise<void> {
    if (this.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  start(agent: AgentDelays, command: Command): void {
    const { log } = this.#options;
    if (log.isOn('Exec')) log('Exec', execLine(command));
    this.#run(agent, async () => {
      const end = await this.#options.runner.runChild(command);
      return () => this.#childEnded(agent, command, end);
    });
  }

  /** @throws LuaRaise when the sync inherits from no built-in behaviour */
  startBuiltIn(agent: AgentDelays, work: BuiltInWork): void {
    const { behaviour, runner } = this.#options;
    if (behaviour === undefined) {
      throw new LuaRaise(
        `${this.#options.name} has no rsync: it inherits neither from default.rsync nor the like`,
      );
    }
    if (work === 'batch' && agent.delays.length === 0) return;
    const steps = work === 'full' ? behaviour.startup() : behaviour.batch(toBatch(agent.delays, behaviour));
    this.#run(agent, async () => {
      const outcome = await runner.run(steps).catch((error: unknown) => {
        this.#options.onBug(error);
        return 'bug' as const;
      });
      return () => this.#builtInEnded(agent, outcome);
    });
  }

  #run(agent: AgentDelays, run: () => Promise<() => Collected>): void {
    const { queue } = this.#options;
    queue.start(agent.delays.filter((delay) => queue.has(delay) && delay.status !== 'active'));
    this.#agents.started(agent);
    void this.#follow(agent, run);
  }

  async #follow(agent: AgentDelays, run: () => Promise<() => Collected>): Promise<void> {
    const collect = await run();
    const result = this.#agents.ended(agent, collect());
    if (result !== undefined) this.#settle(agent, result);
    if (this.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    this.#options.onEnded();
  }

  #childEnded(agent: AgentDelays, command: Command, end: ChildEnd): Collected {
    const { log, name } = this.#options;
    log('Delay', `collected ${agent.isList ? 'a list' : 'an event'}`);
    if (end.spawnError !== undefined) {
      log('Error', `Failed executing [ ${command.binary} ]!`);
      log('Warn', `${name}: ${end.spawnError}`);
    }
    const result = this.#isLeftToUs(end)
      ? { verdict: 'again' as const, pauseMs: this.#backoff.nextMs() }
      : this.#collect(agent, end.exitCode);
    log('Delay', this.#finishLine(agent, end.exitCode));
    return result;
  }

  /** Was ended since it took too long, and the user has no `collect` that says what to make of 255. */
  #isLeftToUs(end: ChildEnd): boolean {
    return end.isTimedOut === true && !isLuaFunction(this.#options.config.get('collect'));
  }

  #builtInEnded(agent: AgentDelays, outcome: Outcome | 'stopped' | 'bug'): Collected {
    if (outcome === 'stopped' || outcome === 'bug')
      return { verdict: 'again', pauseMs: this.#backoff.nextMs() };
    if (outcome.verdict === 'halt') return this.#halted(outcome.reason);
    // Its startup is done anew when the source is back.
    if (outcome.verdict === 'no source')
      return (this.#options.onNoSource(outcome.reason), { verdict: 'done' });
    if (outcome.verdict === 'again' && outcome.exitCode === 0) return { verdict: 'again', pauseMs: 0 };
    const exitCode = outcome.verdict === 'ok' ? 0 : outcome.exitCode;
    // The user has the last word, if he wants it.
    return isLuaFunction(this.#options.config.get('collect'))
      ? this.#collect(agent, exitCode)
      : this.#judge(agent, outcome);
  }

  #halted(reason: string): Collected {
    this.#options.onHalt(reason);
    return { verdict: 'again', pauseMs: 0 };
  }

  #judge(agent: AgentDelays, outcome: Exclude<Outcome, { verdict: 'halt' | 'no source' }>): Collected {
    const { behaviour, isInsisting, log, name } = this.#options;
    if (outcome.verdict === 'ok') return { verdict: 'done' };
    log(outcome.verdict === 'again' ? 'Warn' : 'Error', `${name}: ${outcome.reason}`);
    if (outcome.verdict === 'die') return outcome;
    const isStartup = agent.delays.some(({ kind }) => kind === 'Init');
    if (isStartup && !isInsisting) {
      log('Error', behaviour?.sentences.startupGivesUp(outcome.exitCode) ?? outcome.reason);
      return { verdict: 'die' };
    }
    return { verdict: 'again', pauseMs: this.#backoff.nextMs() };
  }

  #collect(agent: AgentDelays, exitCode: number): Collected {
    const { config, callUser } = this.#options;
    const collect = config.get('collect');
    if (!isCallable(collect) || !(agent instanceof HostObject)) return { verdict: 'done' };
    const results = callUser('collect', () => callFunction(collect, [agent, exitCode]));
    const verdict = results === undefined ? 'again' : results[0];
    if (verdict === 'again') return { verdict, pauseMs: AGAIN_MS };
    if (verdict !== 'die') return { verdict: 'done' };
    this.#options.log('Error', 'Critical exitcode.');
    return { verdict };
  }

  #settle(agent: AgentDelays, result: Collected): void {
    const { queue, clock, onFatal } = this.#options;
    const delays = agent.delays.filter((delay) => queue.has(delay));
    if (result.verdict === 'again') return queue.again(delays, clock.monotonicMs() + result.pauseMs);
    this.#backoff.reset();
    this.#options.onDone();
    queue.done(delays);
    if (result.verdict === 'die') onFatal();
  }

  #finishLine({ isList, delays }: AgentDelays, exitCode: number): string {
    const [first] = delays;
    if (isList || first === undefined) return `Finished list = ${exitCode}`;
    const path = isDelay(first) ? first.path : '';
    return `Finish of ${first.kind} on ${toText(this.#options.source + path)} = ${exitCode}`;
  }
}

/** A move that waits for other delays of the list cannot be done before them, so that all moves become changes. */
function toBatch(delays: readonly ScriptDelay[], { takesMoves }: Behaviour): Batch {
  const known = delays.filter((delay): delay is ScriptDelay & Delay => isDelay(delay));
  const isMove = ({ kind }: Delay): boolean => kind === 'Move';
  const changes = known.filter((delay) => !isMove(delay));
  const moves = known.filter(isMove);
  return takesMoves && known.every(({ status }) => status === 'wait')
    ? { moves, changes }
    : { moves: [], changes: [...moves.flatMap(moveAsChanges), ...changes] };
}

function isDelay({ kind }: ScriptDelay): boolean {
  return kind !== 'Init' && kind !== 'Full' && kind !== 'Blanket';
}
