// Looks at the blind spots from time to time: tries to watch them, and tells what may have changed since the last look.

import type { BlindSpots } from './blind-spots.ts';
import type { Tree } from './directory.ts';
import { hasLocalTimes, leastCtime, readClocks } from './file-times.ts';
import type { Walker } from './walker.ts';

/** So much longer than a look took is waited for the next: looking takes at most a twentieth of the time. */
const restFactor = 20;

export interface BlindRescansOptions {
  readonly spots: BlindSpots;
  readonly walker: Pick<Walker, 'look' | 'afterwards'>;
  /** Has the walker work. */
  readonly run: () => void;
}

export class BlindRescans {
  readonly #options: BlindRescansOptions;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #tookMs = 0;

  constructor(options: BlindRescansOptions) {
    this.#options = options;
  }

  /** Sees to it that there is a next look, if there is anything to look at. To be called whenever that may have changed. */
  schedule(): void {
    const { spots } = this.#options;
    if (this.#isLooking || this.#timer !== undefined || spots.size === 0) return;
    const intervalMs = Math.min(...spots.trees().map(intervalOf));
    if (!Number.isFinite(intervalMs)) return;
    this.#timer = setTimeout(() => this.#look(), Math.max(intervalMs, restFactor * this.#tookMs));
    this.#timer.unref();
  }

  /** Idempotent. */
  end(): void {
    clearTimeout(this.#timer);
    this.#isLooking = true;
  }

  #look(): void {
    const { spots, walker, run } = this.#options;
    const now = readClocks();
    this.#timer = undefined;
    this.#isLooking = true;
    walker.afterwards(() => {
      this.#isLooking = false;
      this.#tookMs = readClocks().monotonicMs - now.monotonicMs;
    });
    const since = new Map(spots.trees().map((tree) => [tree, sinceOf(tree, { spots, now })]));
    for (const directory of spots.topmost()) walker.look(directory, 'again', since.get(directory.tree));
    run();
  }
}

/** Where times do not tell, all files are told: 0. */
function sinceOf(
  tree: Tree,
  { spots, now }: { readonly spots: BlindSpots; readonly now: ReturnType<typeof readClocks> },
): number {
  const before = spots.looking(tree, now);
  return hasLocalTimes(tree.source) ? (leastCtime(before, now) ?? 0) : 0;
}

/** That of the most impatient listener; infinite when there is none that wants it. */
function intervalOf({ audience }: Tree): number {
  return Math.min(...audience.hearers.map(({ options }) => options.rescanIntervalMs ?? defaultIntervalMs));
}

/** Also the default of `rescanInterval`. */
const defaultIntervalMs = 60_000;
