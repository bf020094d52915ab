// Looks at one source that the batches of all its syncs share: a hundred targets of one source are a hundred batches of the same paths, taken in
// the same moment.

import type { BytePath } from '../byte-path.ts';
import type { Clock } from '../clock.ts';
import { createTreeView, type TreeView } from './source-state.ts';

/** For changes that nobody tells. */
const MAX_AGE_MS = 1000;

/**
 * A batch may be given what was seen before it was taken, as long as no event has been handled in between: whatever happened to the source
 * since that look is then still to be told, and goes into the next batch.
 */
export class SourceLooks {
  readonly #source: BytePath;
  readonly #clock: Clock;
  /** Held by the batches that use it, and gone with the last of them. */
  #view: WeakRef<TreeView> | undefined;
  #madeMs = 0;

  constructor(source: BytePath, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** For a batch that was taken just now. */
  view(): TreeView {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#view?.deref();
    if (known !== undefined && nowMs - this.#madeMs < MAX_AGE_MS) return known;
    const view = createTreeView(this.#source);
    this.#view = new WeakRef(view);
    this.#madeMs = nowMs;
    return view;
  }

  /** Something in the source has changed. Call it before a queue hears of it. */
  forget(): void {
    this.#view = undefined;
  }
}
