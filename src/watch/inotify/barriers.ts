// Marks in the kernel's event queue: a watch that is set and ended at once leaves an IN_IGNORED behind all events that were there
// before (inotify(7)). When that one is handled, so were they.

import { inotifyBits } from '../../os/inotify.ts';
import type { Reader } from './reader.ts';

/** Is no directory, so that none of our own watches is ever on it. */
const MARKED_FILE = '/dev/null';

/** Without a watch to spare, events are given this long. */
const FALLBACK_MS = 100;

export class Barriers {
  readonly #waiting = new Map<number, () => void>();

  /** Resolves when all events that the kernel has queued by now are handled. */
  pass(reader: Reader): Promise<void> {
    const wd = reader.add(MARKED_FILE, inotifyBits.deleteSelf);
    if (wd <= 0) return new Promise((resolve) => setTimeout(resolve, FALLBACK_MS));
    reader.remove(wd);
    return new Promise((resolve) => this.#waiting.set(wd, resolve));
  }

  /** The kernel ended this watch. True if it was a mark. */
  reached(wd: number): boolean {
    const resolve = this.#waiting.get(wd);
    if (resolve === undefined) return false;
    this.#waiting.delete(wd);
    resolve();
    return true;
  }

  /** Marks may be lost (overflow), or nothing will come any more: nobody waits any longer. */
  release(): void {
    for (const resolve of this.#waiting.values()) resolve();
    this.#waiting.clear();
  }
}
