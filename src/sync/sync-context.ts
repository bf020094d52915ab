// What a sync is given by the round it is part of.

import type { Behaviour } from '../behaviour/behaviour.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { ProcessSlots } from '../run/process-slots.ts';
import type { StartChild } from '../run/start-child.ts';
import type { Tunnel } from '../run/tunnel.ts';

export interface SyncContext {
  readonly log: Log;
  readonly clock: Clock;
  readonly slots: ProcessSlots;
  /** What its children go through; nothing is started while it is not ready. */
  readonly tunnel?: Pick<Tunnel, 'enter' | 'isReady'> | undefined;
  /** Starts its children. Default: each command is a process of its own. */
  readonly startChild?: StartChild | undefined;
  /** Makes the behaviour of the sync, which logs by `log`. Called once, by the constructor. */
  readonly createBehaviour: (log: Log) => Behaviour;
  /** As in WorkRunnerOptions. */
  readonly childEnvironment: Readonly<Record<string, string>>;
  /** An unreachable target at startup is tried again instead of ending the daemon. */
  readonly insist: boolean;
  readonly onChildOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  /** Something in its source has changed. Called before the queue hears of it. */
  readonly onSourceChange?: () => void;
  /** Something changed that the status file shows. */
  readonly onChange: () => void;
  /** The startup sync is done, was not wanted, or cannot be done for now. Called once. */
  readonly onStarted: () => void;
  /** Resolves when every change made in the source before the call was told by `onEvent`. */
  readonly drained: () => Promise<void>;
  /**
   * Sets the watches of this sync anew, after its source was gone. Resolves as `Monitor.watch` does.
   * @throws MachineError when the source cannot be watched
   */
  readonly rewatch: () => Promise<void>;
  /** The daemon must end with 255; the reason is logged. */
  readonly onFatal: () => void;
}
