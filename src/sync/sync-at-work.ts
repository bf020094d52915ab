// What a round needs of a sync, whoever does its work.

import type { BytePath } from '../byte-path.ts';
import type { AnySyncSpec } from '../config/sync-spec.ts';
import type { PathFilter } from '../filter/path-filter.ts';
import type { QueueEntry } from '../report/render-status.ts';
import type { WatchListener } from '../watch/monitor.ts';

export interface SyncAtWork extends WatchListener {
  readonly spec: AnySyncSpec;
  readonly queue: { readonly size: number; entries(): Iterable<QueueEntry> };
  readonly filter: PathFilter;
  /** As they are now. */
  readonly rules: { readonly excludes: readonly BytePath[]; readonly filters: readonly BytePath[] };
  /** Children that run now. */
  readonly runningChildren: number;
  /** What is wrong, one line each, for the status file. */
  readonly problems: readonly string[];
  /** What is to be said of its watches, one line each, for the status file. */
  readonly watchNotes: readonly string[];
  /** The watches are set: the startup may run, and then what comes. Call once. */
  start(): void;
  /** Its tunnel is up again. */
  onTunnelReady(): void;
  /** The source cannot be relied on: nothing is started until it is back. `why`: `was unmounted`. */
  halt(why: string): void;
  /** Starts no new child; resolves once those that run have ended. Idempotent. */
  fade(): Promise<void>;
  /** Sends a signal to every child that runs. */
  signalChildren(signal: NodeJS.Signals): void;
}
