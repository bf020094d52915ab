// chokidar lists a new directory first and watches it then. What is made or changed in between, it learns of only with the next
// change there, or never. So each new directory is looked at again a little later, twice, when chokidar surely watches it.

import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers';
import type { FsEvent } from './monitor.ts';

/** After the first pause nearly all is found; the second one is for a machine that is busy. */
const pausesMs: readonly number[] = [200, 1500];
/** File times come from a clock that ticks more slowly than ours. */
const clockToleranceMs = 20;

export interface Sweep {
  /** Has the directory looked at again. */
  later(path: string): void;
  /** This was told of the path, now. */
  told(path: string, kind: FsEvent['kind']): void;
  /** Whether an entry of a directory that is to be looked at was not told, or may have changed since. */
  isNews(path: string): boolean;
  /** Forgets all that was asked for. */
  stop(): void;
}

/** A sweep that calls `look` with directories, many at once, after each of the pauses. */
export function createSweep(look: (paths: ReadonlySet<string>) => void): Sweep {
  const waiting = pausesMs.map(() => new Set<string>());
  const timers = new Set<NodeJS.Timeout>();
  /** Directory → its entries that were told, with the time of that. */
  const toldIn = new Map<string, Map<string, number>>();

  function wait(path: string, stage: number): void {
    const paths = waiting[stage];
    if (paths === undefined) {
      toldIn.delete(path);
      return;
    }
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
    later: (path) => {
      if (!toldIn.has(path)) toldIn.set(path, new Map());
      wait(path, 0);
    },
    told: (path, kind) => {
      const entries = toldIn.get(dirname(path));
      if (kind === 'delete') entries?.delete(path);
      else entries?.set(path, Date.now());
    },
    isNews: (path) => {
      const toldAt = toldIn.get(dirname(path))?.get(path);
      if (toldAt === undefined) return true;
      return fileChangedAtMs(path) > toldAt - clockToleranceMs;
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      toldIn.clear();
    },
  };
}

/** ctime of what is not a directory; 0 when there is no such thing (chokidar says that itself). */
function fileChangedAtMs(path: string): number {
  try {
    const stats = lstatSync(path);
    return stats.isDirectory() ? 0 : stats.ctimeMs;
  } catch {
    return 0;
  }
}
