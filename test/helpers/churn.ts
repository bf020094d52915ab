// Random changes of a tree, the same for the same seed. Few names, so that they clash, and those that tools stumble over.

import * as fs from 'node:fs';
import { fromBuffer, toBuffer, type BytePath } from '../../src/byte-path.ts';
import { createRandom, type Random } from './random.ts';

export interface ChurnOptions {
  /** The tree; must exist. */
  readonly folder: string;
  /** On the same file system, to move things out to and in from; must exist. */
  readonly outside: string;
  readonly seed: number;
}

/** One is not UTF-8. */
const NAMES = ['a', 'b', 'c', 'd e', 'f[x]', 'g]', '-rf', 'h\n', '\xfc'];

/** Some changes multiply trees. */
const MAX_ENTRIES = 2000;
const OPERATIONS_BETWEEN_COUNTS = 200;
const BURST = 60;
const PAUSE_CHANCE = 0.02;
const MAX_PAUSE_MS = 40;

export class Churn {
  readonly #random: Random;
  readonly #folder: BytePath;
  readonly #outside: BytePath;
  readonly #bag: readonly (() => void)[];
  #done = 0;

  constructor({ folder, outside, seed }: ChurnOptions) {
    this.#random = createRandom(seed);
    this.#folder = folder;
    this.#outside = outside;
    this.#bag = this.#changes().flatMap(([weight, change]) => Array.from({ length: weight }, () => change));
  }

  /** Does so many random changes, as many as work: what the file system refuses is left out. Pauses now and then. */
  async run(operations: number): Promise<void> {
    for (let left = operations; left > 0; left--) {
      attempt(this.#random.oneOf(this.#bag));
      if (++this.#done % OPERATIONS_BETWEEN_COUNTS === 0) this.#prune();
      if (this.#random() < PAUSE_CHANCE) await pause(this.#random.below(MAX_PAUSE_MS));
    }
  }

  #changes(): readonly (readonly [weight: number, change: () => void])[] {
    const { below, oneOf } = this.#random;
    const path = (): Buffer => toBuffer(this.#path());
    const single = (): Buffer => toBuffer(this.#single());
    const away = (): Buffer => toBuffer(`${this.#outside}/o${below(4)}`);
    return [
      [12, () => fs.writeFileSync(single(), this.#content())],
      [5, () => fs.appendFileSync(single(), this.#content())],
      [3, () => fs.truncateSync(single(), below(3))],
      [8, () => fs.mkdirSync(path())],
      [1, () => void this.#deepTree(3 + below(8))],
      [1, () => this.#burst()],
      [4, () => fs.rmSync(path())],
      [2, () => remove(path())],
      [1, () => this.#again()],
      [11, () => fs.renameSync(path(), path())],
      [2, () => fs.renameSync(path(), away())],
      [2, () => fs.renameSync(away(), path())],
      [1, () => this.#swap()],
      [3, () => this.#saveOver()],
      [3, () => fs.chmodSync(single(), 0o600 + 0o100 * below(2) + below(8))],
      [2, () => fs.utimesSync(single(), below(2e9), below(2e9))],
      [process.getuid?.() === 0 ? 1 : 0, () => fs.lchownSync(single(), below(3), below(3))],
      // Never to what is not in the tree: changes go through links.
      [3, () => fs.symlinkSync(toBuffer(oneOf([...NAMES, 'nowhere'])), path())],
      [1, () => fs.linkSync(path(), path())],
    ];
  }

  /** By a few names, there or not, or one of what there is however deep. */
  #path(): BytePath {
    const { below, oneOf } = this.#random;
    if (this.#random() < 0.3) return this.#existing();
    return [this.#folder, ...Array.from({ length: 1 + below(3) }, () => oneOf(NAMES))].join('/');
  }

  #existing(): BytePath {
    let path = this.#folder;
    for (;;) {
      const names = isDirectory(path) ? namesIn(path) : [];
      // Never the tree itself: a source that goes is another matter.
      if (names.length === 0) return path === this.#folder ? `${path}/${NAMES[0]}` : path;
      if (path !== this.#folder && this.#random() < 0.3) return path;
      path = `${path}/${this.#random.oneOf(names)}`;
    }
  }

  /** What is written through one name of a file is told for no other name of it, by the kernel and so by no one. */
  #single(path: BytePath = this.#path()): BytePath {
    for (const look of [fs.lstatSync, fs.statSync]) {
      const found = look(toBuffer(path), { throwIfNoEntry: false });
      if (found?.isDirectory() === false && found.nlink > 1) throw new Refused();
    }
    return path;
  }

  #content(): string {
    return 'x'.repeat(this.#random.below(5)) + String(this.#random.below(10));
  }

  /** As an archive is unpacked. */
  #deepTree(depth: number): BytePath {
    let path = this.#path();
    const top = path;
    for (let level = 0; level < depth; level++) {
      fs.mkdirSync(toBuffer(path));
      fs.writeFileSync(toBuffer(`${path}/${this.#random.oneOf(NAMES)}`), this.#content());
      path = `${path}/${this.#random.oneOf(['A', 'B'])}`;
    }
    return top;
  }

  #burst(): void {
    const directory = this.#path();
    for (let i = 0; i < BURST; i++) {
      fs.writeFileSync(toBuffer(this.#single(`${directory}/n${i}`)), this.#content());
    }
    if (this.#random() < 0.5) for (let i = 0; i < BURST; i += 2) fs.rmSync(toBuffer(`${directory}/n${i}`));
  }

  /** Removed, and there again at once. */
  #again(): void {
    const path = toBuffer(this.#path());
    remove(path);
    fs.mkdirSync(path);
    fs.writeFileSync(Buffer.concat([path, toBuffer('/a')]), this.#content());
  }

  #swap(): void {
    const [one, other] = [this.#path(), this.#path()];
    const between = toBuffer(`${one}.t`);
    fs.renameSync(toBuffer(one), between);
    fs.renameSync(toBuffer(other), toBuffer(one));
    fs.renameSync(between, toBuffer(other));
  }

  /** How editors save. */
  #saveOver(): void {
    const path = this.#path();
    fs.writeFileSync(toBuffer(this.#single(`${path}~`)), this.#content());
    fs.renameSync(toBuffer(`${path}~`), toBuffer(path));
  }

  #prune(): void {
    while (countBelow(this.#folder) > MAX_ENTRIES) {
      remove(toBuffer(`${this.#folder}/${this.#random.oneOf(namesIn(this.#folder))}`));
    }
  }
}

/** A change that the churn itself does not want. */
class Refused extends Error {}

function attempt(change: () => void): void {
  try {
    change();
  } catch (error) {
    const isRefused = error instanceof Refused || (error as NodeJS.ErrnoException).code !== undefined;
    if (!isRefused) throw error;
  }
}

function remove(path: Buffer): void {
  fs.rmSync(path, { recursive: true, force: true });
}

function isDirectory(path: BytePath): boolean {
  return fs.lstatSync(toBuffer(path), { throwIfNoEntry: false })?.isDirectory() === true;
}

function namesIn(path: BytePath): BytePath[] {
  return fs.readdirSync(toBuffer(path), { encoding: 'buffer' }).map(fromBuffer);
}

function countBelow(path: BytePath): number {
  if (!isDirectory(path)) return 0;
  return namesIn(path).reduce((count, name) => count + 1 + countBelow(`${path}/${name}`), 0);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
