// What the user's Lua can do with one sync at run time. The sync at work (src/sync/script-sync.ts) is behind it.

import type { BytePath } from '../byte-path.ts';
import type { Log } from '../log.ts';
import type { LiveTable } from '../lua/lua-value.ts';
import type { ScriptDelay } from '../queue/script-queue.ts';
import type { Command } from '../run/command.ts';

/** What a child belongs to: the event, or the events of a list, that it works off. */
export interface AgentDelays {
  readonly isList: boolean;
  readonly delays: readonly ScriptDelay[];
}

/** What a built-in behaviour can be asked to do: a full sync, or the batch of what waits. */
export type BuiltInWork = 'full' | 'batch';

export interface SyncPort {
  readonly name: string;
  /** Absolute, with a trailing slash. */
  readonly source: BytePath;
  /** The merged table of the sync; always the same. */
  readonly config: LiveTable;
  readonly log: Log;
  /** What may start now, in the order of the queue: due, and in nobody's way. */
  readyDelays(): Iterable<ScriptDelay>;
  /** What waits, due or not, and is in nobody's way. */
  waitingDelays(): Iterable<ScriptDelay>;
  /** As `ScriptQueue.choose`. */
  chooseDelays(test: (delay: ScriptDelay) => 'take' | 'leave' | 'end'): readonly ScriptDelay[];
  /** The delay is done without a child. One that is active is left alone, with lsyncd's line. */
  discard(delay: ScriptDelay): void;
  /** Starts a child for the agent, whose delays become active until it has ended and was collected. */
  start(agent: AgentDelays, command: Command): void;
  /** The same with what default.rsync, default.rsyncssh or default.direct does. @throws LuaRaise when the sync has none of them */
  startBuiltIn(agent: AgentDelays, work: BuiltInWork): void;
  /** A delay that overlaps all others: Full when `isFull`, else Blanket. */
  addBlanket(isFull: boolean): ScriptDelay;
  readonly rules: SyncRules;
  /** A startup that fails is tried again; else the daemon ends. */
  readonly isInsisting: boolean;
  /** The daemon must end with 255; why is logged. */
  endDaemon(): void;
}

/** The excludes and filters as they are now; changes take effect at once. */
export interface SyncRules {
  readonly excludes: readonly BytePath[];
  readonly filters: readonly BytePath[];
  addExclude(pattern: BytePath): void;
  rmExclude(pattern: BytePath): void;
  appendFilter(rule: BytePath): void;
}

/** What is done when a descriptor can be read or written; undefined = nothing. */
export interface DescriptorCalls {
  readonly onReadable: (() => void) | undefined;
  readonly onWritable: (() => void) | undefined;
}

/** What every script can do, whatever sync it belongs to. */
export interface ScriptHost {
  readonly log: Log;
  /** Seconds, monotonic; what `now()` gives. */
  nowSeconds(): number;
  /** Calls `action` when `nowSeconds()` reaches the time, until the config's life ends. */
  alarm(atSeconds: number, action: () => void): void;
  /** Until the function it returns is called, or the config's life ends; undefined = this descriptor cannot be watched. */
  observe?(fd: number, calls: DescriptorCalls): (() => void) | undefined;
  /** Ends the daemon with this exit code, once the running Lua function has returned. */
  terminate(exitCode: number): void;
}
