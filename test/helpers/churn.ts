// Random changes of a tree, the same for the same seed. Few names, so that they clash.

import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export interface ChurnOptions {
  /** The tree; must exist. */
  readonly folder: string;
  /** On the same file system, to move things out to and in from; must exist. */
  readonly outside: string;
  readonly operations: number;
  readonly seed: number;
}

const NAMES = ['a', 'b', 'c', 'd e', 'f[x]', 'g]', '-rf', 'h\n', 'ü'];

/** Numbers from 0 to below 1 (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Does `operations` random changes, as many as work: what is refused by the file system is left out. Pauses now and then. */
export async function churn({ folder, outside, operations, seed }: ChurnOptions): Promise<void> {
  const random = createRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const name = (): string => NAMES[below(NAMES.length)] ?? 'a';
  const path = (): string => join(folder, ...Array.from({ length: 1 + below(3) }, name));
  /** What is written through one name of a file is told for no other name of it, by the kernel and so by no one. */
  const single = (): string => {
    const one = path();
    const found = lstatSync(one, { throwIfNoEntry: false });
    if (found?.isDirectory() === false && found.nlink > 1) throw new Refused();
    return one;
  };
  const away = (): string => join(outside, `o${below(4)}`);
  const content = (): string => 'x'.repeat(1 + below(4)) + String(below(10));
  const changes: readonly (readonly [weight: number, () => void])[] = [
    [10, () => writeFileSync(single(), content())],
    [4, () => appendFileSync(single(), content())],
    [2, () => truncateSync(single(), 1)],
    [6, () => mkdirSync(path(), { recursive: random() < 0.3 })],
    [3, () => rmSync(path())],
    [2, () => rmSync(path(), { recursive: true, force: true })],
    [9, () => renameSync(path(), path())],
    [2, () => renameSync(path(), away())],
    [2, () => renameSync(away(), path())],
    [2, () => chmodSync(single(), 0o600 + 0o100 * below(2) + below(8))],
    [2, () => symlinkSync(name(), path())],
    [1, () => linkSync(path(), path())],
    [1, () => swap(path(), path(), `${path()}.t`)],
  ];
  const bag = changes.flatMap(([weight, change]) => Array.from({ length: weight }, () => change));
  for (let done = 0; done < operations; done++) {
    attempt(bag[below(bag.length)]);
    if (random() < 0.02) await new Promise((resolve) => setTimeout(resolve, below(40)));
    if (readdirSync(folder).length > 40) rmSync(path(), { recursive: true, force: true });
  }
}

class Refused extends Error {}

function swap(one: string, other: string, between: string): void {
  renameSync(one, between);
  renameSync(other, one);
  renameSync(between, other);
}

function attempt(change: (() => void) | undefined): void {
  try {
    change?.();
  } catch (error) {
    const isRefused = error instanceof Refused || (error as NodeJS.ErrnoException).code !== undefined;
    if (!isRefused) throw error;
  }
}
