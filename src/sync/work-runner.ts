// The children of one sync: starts what a behaviour wants, and knows what runs.

import type { Outcome, Work } from '../behaviour/behaviour.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { ChildEnd, Command } from '../run/command.ts';
import { endWhenLate } from '../run/end-when-late.ts';
import { startFileWork } from '../run/file-work/start-file-work.ts';
import { runWork } from '../run/run-work.ts';
import { startChild, type RunningChild, type StartChild } from '../run/start-child.ts';
import { commandThrough, type Tunnel } from '../run/tunnel.ts';

export interface WorkRunnerOptions {
  /** Of the sync, for messages. */
  readonly name: string;
  readonly log: Log;
  /** Its path, as it stands in the words of commands. */
  readonly source: string;
  /** Added to the environment of what behaviours start (run/child-mark.ts). */
  readonly childEnvironment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** As in the SyncSpec. */
  readonly childTimeoutMs: number | undefined;
  /** What its children go through. */
  readonly tunnel?: Pick<Tunnel, 'enter' | 'isReady'> | undefined;
  /** Default: each command is a process of its own. */
  readonly startChild?: StartChild | undefined;
  readonly onChildOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  /** True once no new child may be started. */
  readonly isStopping: () => boolean;
}

/** A child that was not started; what it was to do is tried again. */
const TUNNEL_IS_DOWN: ChildEnd = {
  exitCode: 255,
  signal: undefined,
  spawnError: 'its tunnel is down',
  stderr: '',
  durationMs: 0,
};

/** Of a child that was ended since it took too long, whatever it made of that: as if the connection had broken. */
const LATE_EXIT_CODE = 255;

export class WorkRunner {
  readonly #options: WorkRunnerOptions;
  readonly #children = new Set<RunningChild>();

  constructor(options: WorkRunnerOptions) {
    this.#options = options;
  }

  /** Children that run now. */
  get size(): number {
    return this.#children.size;
  }

  /**
   * Drives a behaviour to its end.
   * @returns the outcome; `stopped` when it was cut off since no child may be started any more
   * @throws what the behaviour throws: a bug of ours
   */
  run(work: Work): Promise<Outcome | 'stopped'> {
    const { childEnvironment, isStopping } = this.#options;
    const start = (command: Command): Promise<ChildEnd> =>
      this.runChild({ ...command, env: { ...command.env, ...childEnvironment } });
    return runWork(work, { start, isStopping });
  }

  /** Sends a signal to every child that runs. */
  signal(signal: NodeJS.Signals): void {
    for (const child of this.#children) child.terminate(signal);
  }

  /** Runs one child to its end. Never rejects. */
  async runChild(command: Command): Promise<ChildEnd> {
    const { source, tunnel } = this.#options;
    if (tunnel === undefined) return this.#run(command);
    const passage = tunnel.enter();
    if (passage === undefined) return TUNNEL_IS_DOWN;
    const end = await this.#run(commandThrough(command, { address: passage.address, fixed: source }));
    passage.leave();
    return end;
  }

  async #run(command: Command): Promise<ChildEnd> {
    const { startChild: start = startChild, onChildOutput: onOutput } = this.#options;
    const child = command.files === undefined ? start(command, { onOutput }) : startFileWork(command.files);
    this.#children.add(child);
    const wasLate = this.#limit(child, command);
    const end = await child.ended;
    this.#children.delete(child);
    return wasLate() ? { ...end, exitCode: LATE_EXIT_CODE, isTimedOut: true } : end;
  }

  #limit(child: RunningChild, { binary }: Command): () => boolean {
    const { childTimeoutMs: timeoutMs, clock, log, name } = this.#options;
    if (timeoutMs === undefined) return () => false;
    const onLate = (): void =>
      log('Warn', `${name}: "${binary}" has run for ${timeoutMs / 1000} s (childTimeout); ending it`);
    return endWhenLate(child, { timeoutMs, clock, onLate });
  }
}
