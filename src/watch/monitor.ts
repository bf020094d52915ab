// The promises of a monitor: what watches the disk and says what changed. Two of them: inotify and chokidar; one
// contract suite for both. A monitor knows nothing of syncs, delays or targets.

import type { BytePath } from '../byte-path.ts';
import type { InotifyMode } from '../config/sync-spec.ts';

/** Paths are relative to the watched source: `/a/f`, directories `/a/d/`. */
export type FsEvent =
  | { readonly kind: 'modify' | 'attrib'; readonly path: BytePath }
  /** `found`: the kernel did not say it; listing a directory that is new to us did. Absent = false. */
  | { readonly kind: 'create'; readonly path: BytePath; readonly found?: boolean }
  /** `movedOut`: the entry left the tree whole, so nothing was said of what was below it. */
  | { readonly kind: 'delete'; readonly path: BytePath; readonly movedOut: boolean }
  /**
   * Entries of this directory (`/a/d/`) may have come, gone or been replaced unseen. What is there now and new to the monitor, or changed
   * in itself, is told besides.
   */
  | { readonly kind: 'listing'; readonly path: BytePath }
  /**
   * Both ends inside the tree, in directories that are wanted. What is below a moved directory is not mentioned. `movedTo` itself
   * may be a directory that is not wanted: then nothing more is heard of it (the sync's filter makes a delete of it).
   */
  | {
      readonly kind: 'move';
      readonly path: BytePath;
      readonly movedTo: BytePath;
      readonly overExistingDirectory: boolean;
    };

/** Why what a listener knows may be incomplete. */
export type WatchTrouble =
  /**
   * The kernel dropped events. `isRescanned`: what may have changed is going to be told as events (`create` for what is there, `listing`
   * where something may be gone), and then `rescanned`. Otherwise anything may have changed, and only new directories are told.
   */
  | { readonly kind: 'overflow'; readonly isRescanned: boolean }
  | { readonly kind: 'rescanned' }
  /** The source directory itself is gone, moved away or unmounted. */
  | { readonly kind: 'source-gone'; readonly reason: string }
  /** An entry, or what is below a directory, is not seen, and never will be. */
  | { readonly kind: 'blind'; readonly path: BytePath; readonly code: string }
  /**
   * Which directories are not watched at the moment, each time that changes; none = all are, again. They are looked at every
   * `rescanIntervalMs` instead, and what may have changed is told as after an overflow.
   */
  | {
      readonly kind: 'unwatched';
      readonly unwatched: readonly Unwatched[];
      /** Watches that the monitor has and misses, for all sources. */
      readonly watched: number;
      readonly missing: number;
    };

/** Directories that are not watched for one reason. */
export interface Unwatched {
  /** ENOSPC: out of watches; EACCES, EMFILE, …: cannot be read now. */
  readonly code: string;
  /** One of them: of the first that was found. */
  readonly path: BytePath;
  readonly count: number;
}

export interface WatchListener {
  /** In the order of the kernel. Called synchronously while the monitor works; must not throw. */
  onEvent(event: FsEvent): void;
  onTrouble(trouble: WatchTrouble): void;
  /** After each burst (all events that were there to read): a good moment to look at the queue. */
  onBurstEnd(): void;
}

export interface WatchOptions {
  /** Absolute, with a trailing slash. */
  readonly source: BytePath;
  readonly inotifyMode: InotifyMode;
  /** false: only the source directory itself. */
  readonly subdirs: boolean;
  /** How often what cannot be watched is looked at, in ms; infinite = never. Default 60,000. */
  readonly rescanIntervalMs?: number;
  /** Whether anybody wants this directory (`/a/d/`) or what is in it; those unwanted are neither watched nor listed. */
  readonly wantsDirectory: (path: BytePath) => boolean;
  readonly listener: WatchListener;
}

export interface Watch {
  /** Ends it. Idempotent. No call to the listener afterwards. */
  stop(): void;
}

export interface Monitor {
  readonly name: 'inotify' | 'chokidar';
  /**
   * Watches a tree. Resolves when every directory that was there at the time of the call, and every one made meanwhile,
   * is watched; a change made after that is reported, or is part of what `onEvent` already said. What exists at the time
   * of the call is not reported (the startup sync carries it); whatever appears in directories created later is: a new directory is
   * watched before it is listed, and what the listing finds is reported as create.
   * @throws MachineError when the source cannot be watched at all
   */
  watch(options: WatchOptions): Promise<Watch>;
  /**
   * Resolves when every change made before the call has been told to its listener. A batch that looked at the source is over only
   * then: a rename that it already saw must find it still active. (chokidar cannot know, and resolves at once; it tells no moves.)
   */
  drained(): Promise<void>;
  /** Absolute watched directories with their numbers, in the order of the numbers, for the status file. */
  watchedDirectories(): Iterable<readonly [number: number, path: BytePath]>;
  /** How many of them. */
  readonly size: number;
  /** Lets every descriptor and thread go. Idempotent; resolves when the thread has ended. */
  close(): Promise<void>;
}
