// Partial failures (rsync's exit 23): each path is tried again at a pace of its own, and named as failed after some tries, until a later
// transfer carries it. Says what is to be logged; the queue holds the paths.

import { parentOf, toText, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Batch } from '../queue/delay.ts';

/** Before the second try; each pause is twice the one before, up to the longest. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 300_000;

/** A pause is made longer by up to this share of itself. */
const JITTER = 0.2;

/** Paths that are due within this of each other are tried together. */
const GRID_MS = 500;

/** So many are known by name; the others, of a target that takes nothing any more, are counted as one. */
const MAX_NAMES = 10_000;

/** So many are shown in the status file. */
const MAX_SHOWN = 1000;

export interface FailedPathsOptions {
  /** After so many tries more a path is named as failed (and tried on). */
  readonly maxRetries: number;
  /** 0 ≤ value < 1; default Math.random. */
  readonly random?: () => number;
}

/** The failures of one batch. */
export interface Failures {
  /** Of its failures: why, by path without trailing slash; `reason` stands for the others. */
  readonly whys?: ReadonlyMap<BytePath, string> | undefined;
  readonly reason: string;
  readonly nowMs: number;
}

/** What is news. */
export interface FailureNews {
  /** How many failed for the first time. */
  readonly fresh: number;
  /** What has been tried often enough just now to be named. */
  readonly named: readonly BytePath[];
  /** When the next try of a path is due, monotonic. */
  readonly notBeforeMs: (path: BytePath) => number;
}

export interface FailedPaths {
  /** Counts one more failure for each path that remained of a batch. */
  count(remaining: Batch, failures: Failures): FailureNews;
  /**
   * A batch arrived but for what remained of it, and with a directory that was deleted or sent whole what is below it. What moved is
   * failed under its new name. Returns how many that had failed have arrived.
   */
  clear(batch: Batch, remaining?: Batch): number;
  /** Everything arrived: a full sync. Returns how many that had failed. */
  clearAll(): number;
  /** One line for each path that has not arrived since it failed, and why; for the status file. */
  readonly problems: readonly string[];
}

interface Failure {
  tries: number;
  why: string;
}

/** Pause after so many failures in a row, in milliseconds. */
export function partialPauseMs(failures: number, random: () => number = Math.random): number {
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(pauseMs * (1 + JITTER * random()));
}

export function createFailedPaths({ maxRetries, random = Math.random }: FailedPathsOptions): FailedPaths {
  const known = new Map<BytePath, Failure>();
  /** Of all those that are not known by name. */
  let others: Failure | undefined;

  /** Each path once a batch, whatever it is there as. */
  function countAll(paths: ReadonlySet<BytePath>, { whys, reason }: Failures): FailureNews['named'] {
    let isOthersCounted = false;
    const named: BytePath[] = [];
    for (const path of paths) {
      const failure = known.get(path) ?? add(path);
      if (failure === others && isOthersCounted) continue;
      isOthersCounted ||= failure === others;
      failure.tries++;
      failure.why = whys?.get(path) ?? reason;
      if (failure.tries === maxRetries + 1) named.push(path);
    }
    return named;
  }

  function add(path: BytePath): Failure {
    const failure = { tries: 0, why: '' };
    if (known.size >= MAX_NAMES) return (others ??= failure);
    known.set(path, failure);
    return failure;
  }

  function clearBelow(trees: ReadonlySet<BytePath>, open: ReadonlySet<BytePath> = new Set()): number {
    let count = 0;
    if (trees.size === 0) return count;
    for (const path of known.keys()) {
      if (!open.has(path) && isIn(path, trees) && known.delete(path)) count++;
    }
    return count;
  }

  /** What failed has moved; that it arrived is not known. What lay at the destination is gone. */
  function rebase(from: BytePath, to: BytePath): void {
    const origin = withoutTrailingSlash(from);
    const destination = withoutTrailingSlash(to);
    clearBelow(new Set([destination]));
    const moved = [...known].filter(([path]) => isIn(path, new Set([origin])));
    for (const [path, failure] of moved) {
      known.delete(path);
      known.set(destination + path.slice(origin.length), failure);
    }
  }

  return {
    get problems() {
      const shown = [...known].slice(0, MAX_SHOWN);
      const lines = shown.map(([path, failure]) => describe(toText(path), failure, maxRetries));
      const more = known.size - shown.length;
      if (more > 0) lines.push(`and ${more} paths more could not be sent`);
      return others === undefined ? lines : [...lines, describe('many paths more', others, maxRetries)];
    },
    count(remaining, failures) {
      const paths = pathsOf(remaining);
      const before = known.size;
      const named = countAll(paths, failures);
      const luck = random();
      const notBeforeMs = (path: BytePath): number => {
        const { tries } = known.get(withoutTrailingSlash(path)) ?? others ?? { tries: 1 };
        const atMs = failures.nowMs + partialPauseMs(tries, () => luck);
        return Math.ceil(atMs / GRID_MS) * GRID_MS;
      };
      return { fresh: known.size - before, named, notBeforeMs };
    },
    clear({ moves, changes }, remaining) {
      if (known.size === 0) return 0;
      for (const { path, movedTo = path } of moves) rebase(path, movedTo);
      const open = pathsOf(remaining);
      const trees = new Set<BytePath>();
      let count = 0;
      for (const { kind, path, whole } of changes) {
        const bare = withoutTrailingSlash(path);
        if (open.has(bare)) continue;
        if (known.delete(bare)) count++;
        if (whole || kind === 'Delete') trees.add(bare);
      }
      count += clearBelow(trees, open);
      if (known.size === 0) others = undefined;
      return count;
    },
    clearAll() {
      const count = known.size;
      known.clear();
      others = undefined;
      return count;
    },
  };
}

function pathsOf(batch: Batch | undefined): ReadonlySet<BytePath> {
  return new Set(batch?.changes.map(({ path }) => withoutTrailingSlash(path)));
}

function describe(what: string, { tries, why }: Failure, maxRetries: number): string {
  const word = tries > maxRetries ? 'failed' : 'trying again';
  return `${word} ${what} (${tries} ${tries === 1 ? 'try' : 'tries'}): ${why}`;
}

/** Whether `path` or one of its parents is in `trees`, which have no trailing slash. */
function isIn(path: BytePath, trees: ReadonlySet<BytePath>): boolean {
  for (let at: BytePath | undefined = path; at !== undefined; at = parentOf(at)) {
    if (trees.has(withoutTrailingSlash(at))) return true;
  }
  return false;
}
