// Which directories a watch number stands for. Nearly always one; more where sources are nested or the same directory is mounted
// in two places, as the kernel has one watch for an inode.

import type { Directory } from './directory.ts';
import { notWatched } from './directory.ts';

export class WatchTable {
  readonly #holders = new Map<number, Directory | readonly Directory[]>();

  /** How many watches there are. */
  get size(): number {
    return this.#holders.size;
  }

  /** The directories that a number stands for; none for one that is not ours any more. */
  holders(wd: number): readonly Directory[] {
    return asList(this.#holders.get(wd));
  }

  /** From now on the number stands for this directory too, and for it no other number. */
  hold(directory: Directory, wd: number): void {
    const others = this.#holders.get(wd);
    this.#holders.set(wd, others === undefined ? directory : [...asList(others), directory]);
    directory.wd = wd;
  }

  /** The directory is without a watch now. True if the number stands for nothing any more, so that the watch can end. */
  letGo(directory: Directory): boolean {
    const { wd } = directory;
    if (wd <= notWatched) return false;
    directory.wd = notWatched;
    const left = this.holders(wd).filter((other) => other !== directory);
    if (left.length === 0) this.#holders.delete(wd);
    else this.#holders.set(wd, left[1] === undefined ? (left[0] as Directory) : left);
    return left.length === 0;
  }

  /** The kernel ended the watch, so that its number stands for nothing. Those who held it; they keep it until they let go. */
  takeAll(wd: number): readonly Directory[] {
    const all = this.holders(wd);
    this.#holders.delete(wd);
    return all;
  }

  /** Number and one of its directories, in the order of the numbers. */
  *entries(): Generator<readonly [wd: number, directory: Directory]> {
    for (const wd of [...this.#holders.keys()].toSorted((a, b) => a - b)) {
      const first = this.holders(wd)[0];
      if (first !== undefined) yield [wd, first];
    }
  }
}

function asList(holders: Directory | readonly Directory[] | undefined): readonly Directory[] {
  if (holders === undefined) return [];
  return Array.isArray(holders) ? (holders as readonly Directory[]) : [holders as Directory];
}
