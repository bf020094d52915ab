// What waits at one path, in little memory: a million of them may.

import type { LaneEntry, Lane } from './lane.ts';
import type { Change } from './merge-changes.ts';
import type { PathNode } from '../path-tree.ts';

const KINDS = ['Attrib', 'Modify', 'Create', 'Delete'] as const satisfies readonly Change['kind'][];

const KIND_BITS = 0b11;
const DIRECTORY = 0b100;
const MIXED = 0b1000;
const WHOLE = 0b1_0000;
const LISTING = 0b10_0000;
const DOUBTFUL = 0b100_0000;

export class DirtyEntry implements Readonly<Change>, LaneEntry<DirtyEntry> {
  /** Set right after it is made. */
  node: PathNode<DirtyEntry> | undefined = undefined;
  lane: Lane<DirtyEntry> | undefined = undefined;
  previous: DirtyEntry | undefined = undefined;
  next: DirtyEntry | undefined = undefined;
  /** Monotonic ms; what holds in a held lane is that lane's `notBeforeMs`. */
  dueMs: number;
  /** All of the change. */
  #bits: number;

  constructor(change: Readonly<Change>, dueMs: number) {
    this.dueMs = dueMs;
    this.#bits = bitsOf(change);
  }

  get kind(): Change['kind'] {
    return KINDS[this.#bits & KIND_BITS] ?? 'Delete';
  }

  get isDirectory(): boolean {
    return (this.#bits & DIRECTORY) !== 0;
  }

  get isMixed(): boolean {
    return (this.#bits & MIXED) !== 0;
  }

  get whole(): boolean {
    return (this.#bits & WHOLE) !== 0;
  }

  get listing(): boolean {
    return (this.#bits & LISTING) !== 0;
  }

  get isDoubtful(): boolean {
    return (this.#bits & DOUBTFUL) !== 0;
  }

  assign(change: Readonly<Change>): void {
    this.#bits = bitsOf(change);
  }

  makeWhole(): void {
    this.#bits |= WHOLE;
  }
}

function bitsOf(change: Readonly<Change>): number {
  return (
    KINDS.indexOf(change.kind) |
    (change.isDirectory ? DIRECTORY : 0) |
    (change.isMixed ? MIXED : 0) |
    (change.whole ? WHOLE : 0) |
    (change.listing === true ? LISTING : 0) |
    (change.isDoubtful ? DOUBTFUL : 0)
  );
}
