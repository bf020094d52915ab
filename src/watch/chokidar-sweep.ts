// chokidar lists a new directory first and watches it then. What is made in between, it learns of only with the next change there.
// So each new directory is looked at again a little later, twice, when chokidar surely watches it.

import { setTimeout } from 'node:timers';

/** After the first pause nearly all is found; the second one is for a machine that is busy. */
const pausesMs: readonly number[] = [200, 1500];

export interface Sweep {
  /** Has the directory looked at again. */
  later(path: string): void;
  /** Forgets all that was asked for. */
  stop(): void;
}

/** A sweep that calls `look` with directories, many at once, after each of the pauses. */
export function createSweep(look: (paths: ReadonlySet<string>) => void): Sweep {
  const waiting = pausesMs.map(() => new Set<string>());
  const timers = new Set<NodeJS.Timeout>();

  function wait(path: string, stage: number): void {
    const paths = waiting[stage];
    if (paths === undefined) return;
    if (paths.size === 0) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        waiting[stage] = new Set();
        look(paths);
        for (const seen of paths) wait(seen, stage + 1);
      }, pausesMs[stage]);
      timers.add(timer);
    }
    paths.add(path);
  }

  return {
    later: (path) => wait(path, 0),
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
