// Which directories a watch number stands for. Nearly always one; more where sources are nested or the same directory is mounted
// in two places, as the kernel has one watch for an inode.

import type { Directory } from './directory.ts';
import { notWatched } from './directory.ts';

type Holders = Directory | readonly Directory[];

/**
 * So many numbers in a row share an entry. The kernel gives them in order, so that most lots are full and a watch takes 13 bytes, where a map of
 * each would take 40; but marks (barriers.ts) use up numbers too, and a lot for one watch alone must not be large.
 */
const LOT = 16;

export class WatchTable {
  /** By number / LOT; none of them is empty. */
  readonly #lots = new Map<number, (Holders | undefined)[]>();
  #size = 0;

  /** How many watches there are. */
  get size(): number {
    return this.#size;
  }

  /** The directories that a number stands for; none for one that is not ours any more. */
  holders(wd: number): readonly Directory[] {
    return asList(this.#get(wd));
  }

  /** From now on the number stands for this directory too, and for it no other number. */
  hold(directory: Directory, wd: number): void {
    const others = this.#get(wd);
    this.#set(wd, others === undefined ? directory : [...asList(others), directory]);
    directory.wd = wd;
  }

  /** The directory is without a watch now. True if the number stands for nothing any more, so that the watch can end. */
  letGo(directory: Directory): boolean {
    const { wd } = directory;
    if (wd <= notWatched) return false;
    directory.wd = notWatched;
    const left = this.holders(wd).filter((other) => other !== directory);
    this.#set(wd, left.length > 1 ? left : left[0]);
    return left.length === 0;
  }

  /** The kernel ended the watch, so that its number stands for nothing. Those who held it; they keep it until they let go. */
  takeAll(wd: number): readonly Directory[] {
    const all = this.holders(wd);
    this.#set(wd, undefined);
    return all;
  }

  /** Number and one of its directories, in the order of the numbers. */
  *entries(): Generator<readonly [wd: number, directory: Directory]> {
    for (const at of [...this.#lots.keys()].toSorted((a, b) => a - b)) {
      for (let wd = at * LOT; wd < (at + 1) * LOT; wd++) {
        const [first] = this.holders(wd);
        if (first !== undefined) yield [wd, first];
      }
    }
  }

  #get(wd: number): Holders | undefined {
    return this.#lots.get(Math.floor(wd / LOT))?.[wd % LOT];
  }

  #set(wd: number, holders: Holders | undefined): void {
    const at = Math.floor(wd / LOT);
    const lot = this.#lots.get(at) ?? Array.from<Holders | undefined>({ length: LOT });
    this.#size += Number(holders !== undefined) - Number(lot[wd % LOT] !== undefined);
    lot[wd % LOT] = holders;
    if (holders === undefined && lot.every((one) => one === undefined)) this.#lots.delete(at);
    else this.#lots.set(at, lot);
  }
}

function asList(holders: Directory | readonly Directory[] | undefined): readonly Directory[] {
  if (holders === undefined) return [];
  return Array.isArray(holders) ? (holders as readonly Directory[]) : [holders as Directory];
}
