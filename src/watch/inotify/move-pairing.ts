// Finds the two halves of a move in the stream. The kernel writes them one right after the other, but events of other processes
// may come in between, and a read may end between them.

import { inotifyBits } from '../../os/inotify.ts';
import type { KernelEvent } from './parse-events.ts';

/** How far behind its first half the second one is looked for. Only other processors' events of that instant can come between. */
export const pairingDistance = 64;

/** One event, or a move; `undefined` partner: its other half is outside of what is watched. */
export type Step =
  | { readonly kind: 'event'; readonly event: KernelEvent }
  | { readonly kind: 'move'; readonly from: KernelEvent; readonly to: KernelEvent }
  | { readonly kind: 'half'; readonly half: KernelEvent };

/** A queue of kernel events that gives moves whole. */
export class EventStream {
  #events: (KernelEvent | undefined)[] = [];
  #at = 0;

  /** More of the stream. */
  push(events: readonly KernelEvent[]): void {
    this.#events = [...this.#events.slice(this.#at), ...events];
    this.#at = 0;
  }

  /** Events given to `push` that `next` has not returned yet; second halves of returned moves may be counted. */
  get waiting(): number {
    return this.#events.length - this.#at;
  }

  /**
   * The next step. `undefined` when there is none, or when the next is the first half of a move whose second half may still come:
   * then call `push`, or `next({ giveUp: true })` when it has not come for a while.
   */
  next(options: { readonly giveUp: boolean } = { giveUp: false }): Step | undefined {
    this.#skipTaken();
    const event = this.#events[this.#at];
    if (event === undefined) return undefined;
    if ((event.mask & inotifyBits.movedFrom) !== 0) return this.#moveFrom(event, options.giveUp);
    this.#at++;
    return (event.mask & inotifyBits.movedTo) === 0
      ? { kind: 'event', event }
      : { kind: 'half', half: event };
  }

  #moveFrom(from: KernelEvent, giveUp: boolean): Step | undefined {
    const end = Math.min(this.#events.length, this.#at + 1 + pairingDistance);
    for (let i = this.#at + 1; i < end; i++) {
      const to = this.#events[i];
      if (to === undefined || to.cookie !== from.cookie || (to.mask & inotifyBits.movedTo) === 0) continue;
      this.#events[i] = undefined;
      this.#at++;
      return { kind: 'move', from, to };
    }
    if (!giveUp && this.waiting <= pairingDistance) return undefined;
    this.#at++;
    return { kind: 'half', half: from };
  }

  /** The second half of a move goes with the first: what came between happened after both. */
  #skipTaken(): void {
    while (this.#at < this.#events.length && this.#events[this.#at] === undefined) this.#at++;
  }
}
