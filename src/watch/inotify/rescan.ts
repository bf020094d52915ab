// What is done when the kernel dropped events. What comes now was said without them: it is handled as it is, and tells the listeners
// as much as it tells us, so that we and they go wrong alike. Once all of it is told, the trees are compared with the disk.

import type { BytePath } from '../../byte-path.ts';
import type { Barriers } from './barriers.ts';
import type { Tree } from './directory.ts';
import { hasLocalTimes, leastCtime, readClocks, type ClockReading } from './file-times.ts';
import type { Walker } from './walker.ts';

export interface RescanOptions {
  readonly trees: ReadonlyMap<BytePath, Tree>;
  readonly walker: Walker;
  readonly barriers: Barriers;
  /** When nothing was lost for sure: before the last read that emptied the kernel's queue, of those before the event at hand. */
  readonly emptiedAt: () => ClockReading;
}

export class Rescan {
  readonly #options: RescanOptions;
  /** Trees of which something was lost, with the least ctime of what it was about; undefined = not known. */
  readonly #lost = new Map<Tree, number | undefined>();
  #overflows = 0;

  constructor(options: RescanOptions) {
    this.#options = options;
  }

  /** The kernel dropped events: before this moment, or right after it. */
  overflow(): void {
    const { trees, barriers, emptiedAt } = this.#options;
    const number = ++this.#overflows;
    const since = leastCtime(emptiedAt(), readClocks());
    for (const tree of trees.values()) this.#note(tree, since);
    barriers.hold();
    // Should this mark be lost too, there is another overflow.
    barriers.mark(() => {
      if (number === this.#overflows) this.#lookAgain();
    });
  }

  #note(tree: Tree, since: number | undefined): void {
    const least = since !== undefined && hasLocalTimes(tree.source) ? since : undefined;
    const before = this.#lost.has(tree) ? this.#lost.get(tree) : least;
    const isKnown = least !== undefined && before !== undefined;
    this.#lost.set(tree, isKnown ? Math.min(before, least) : undefined);
    tree.audience.tellTrouble({ kind: 'overflow', isRescanned: isKnown });
  }

  #lookAgain(): void {
    const { walker, barriers } = this.#options;
    const lost = [...this.#lost];
    this.#lost.clear();
    walker.afterwards(() => {
      for (const [{ audience }] of lost) audience.tellTrouble({ kind: 'rescanned' });
      barriers.renew();
    });
    for (const [{ root }, since] of lost) walker.look(root, 'again', since);
  }
}
