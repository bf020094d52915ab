// A watch is set by path, and what has that path now may be some moves ahead of the events we have read: those moves then carry the
// watch to where it does not belong (three renames that swap a directory just made with another one). So once the kernel has told all
// that was to be told, and directories were moved meanwhile, what was watched since is looked up again.

import type { Directory } from './directory.ts';

/** Without a move there is no hurry: a mark in the kernel's queue costs a watch number. */
const LATER_MS = 1000;

export interface YoungWatchesOptions {
  /** Resolves when all events that the kernel has queued by now are handled. */
  readonly pass: () => Promise<void>;
  /** Finds out whether the directory is the one that has its path. */
  readonly check: (directory: Directory) => void;
}

export class YoungWatches {
  readonly #options: YoungWatchesOptions;
  /** Some perhaps twice: a large tree has many, and a set of them would be its largest part. */
  #young: Directory[] = [];
  #ended = new Set<Directory>();
  #moves = 0;
  /** Directories were moved since the oldest of them was watched. */
  #isDoubtful = false;
  #isWaiting = false;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: YoungWatchesOptions) {
    this.#options = options;
  }

  /** A watch was set, by the path of the directory. */
  watched(directory: Directory): void {
    this.#young.push(directory);
    if (this.#isWaiting || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#wait(), LATER_MS);
    this.#timer.unref();
  }

  /** The kernel told a move of a directory. */
  directoryMoved(): void {
    this.#moves++;
    if (this.#young.length === 0) return;
    this.#isDoubtful = true;
    if (!this.#isWaiting) void this.#wait();
  }

  /**
   * The kernel ended its watch: it is deleted, and an event says so; or another one was moved over it, and perhaps none does. Of two events
   * in a row that differ by their cookie only inotify drops the second: `mv d e; mv /elsewhere/o e`, while nobody reads, is one move.
   */
  watchEnded(directory: Directory): void {
    this.#ended.add(directory);
    if (!this.#isWaiting) void this.#wait();
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#young = [];
    this.#ended.clear();
  }

  async #wait(): Promise<void> {
    this.#isWaiting = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#young.length + this.#ended.size > 0 && !this.#isOver) await this.#waitOnce();
    this.#isWaiting = false;
  }

  /** While directories go on moving nothing is certain; it waits for a quiet moment. */
  async #waitOnce(): Promise<void> {
    const settling = this.#young;
    const ended = this.#ended;
    const moves = this.#moves;
    this.#young = [];
    this.#ended = new Set();
    await this.#options.pass();
    if (this.#isOver) return;
    for (const directory of ended) this.#options.check(directory);
    if (this.#moves !== moves) {
      this.#isDoubtful = true;
      this.#young = [...new Set([...settling, ...this.#young])];
      return;
    }
    if (this.#isDoubtful) for (const directory of new Set(settling)) this.#options.check(directory);
    this.#isDoubtful = false;
  }
}
