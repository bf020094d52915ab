// Marks in the kernel's event queue: a watch that is set and ended at once leaves an IN_IGNORED behind all events that were there
// before (inotify(7)). When that one is handled, so were they.

import { inotifyBits } from '../../os/inotify.ts';
import type { Reader } from './reader.ts';

/** Is no directory, so that none of our own watches is ever on it. */
const markedFile = '/dev/null';

/** Without a watch to spare, events are given this long to be read, and then as long as there are some at hand. */
const fallbackMs = 100;

export class Barriers {
  readonly #reader: Pick<Reader, 'add' | 'remove'>;
  readonly #isIdle: () => boolean;
  readonly #waiting = new Map<number, () => void>();
  #held: (() => void)[] = [];

  /** @param isIdle whether all that was read is handled */
  constructor(reader: Pick<Reader, 'add' | 'remove'>, isIdle: () => boolean) {
    this.#reader = reader;
    this.#isIdle = isIdle;
  }

  /** Resolves when all events that the kernel has queued by now are handled. */
  pass(): Promise<void> {
    return new Promise((resolve) => this.mark(resolve));
  }

  /** Calls `action` after the last of all events that the kernel has queued by now, and before the next one. */
  mark(action: () => void): void {
    const wd = this.#reader.add(markedFile, inotifyBits.deleteSelf);
    if (wd <= 0) {
      this.#waitForIdle(action);
      return;
    }
    this.#reader.remove(wd);
    this.#waiting.set(wd, action);
  }

  #waitForIdle(action: () => void): void {
    setTimeout(() => (this.#isIdle() ? action() : this.#waitForIdle(action)), fallbackMs);
  }

  /** The kernel ended this watch. True if it was a mark. */
  reached(wd: number): boolean {
    const action = this.#waiting.get(wd);
    if (action === undefined) return false;
    this.#waiting.delete(wd);
    action();
    return true;
  }

  /** Events were lost, and marks perhaps with them: whoever waits goes on waiting until `renew`. */
  hold(): void {
    this.#held.push(...this.#waiting.values());
    this.#waiting.clear();
  }

  /** What was lost is made up for: those who were held wait for a mark that is set now. */
  renew(): void {
    const held = this.#held;
    this.#held = [];
    if (held.length > 0) this.mark(() => runAll(held));
  }

  /** Nothing will come any more: nobody waits any longer. */
  release(): void {
    this.hold();
    runAll(this.#held);
    this.#held = [];
  }
}

function runAll(actions: readonly (() => void)[]): void {
  for (const action of actions) action();
}
