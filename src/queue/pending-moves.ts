// The moves that wait, in their order. A move may start when nothing active overlaps it and no earlier move that has to wait
// does; both of its ends count.

import type { BytePath } from '../byte-path.ts';
import { PathTree } from '../path-tree.ts';

export interface PendingMove {
  readonly path: BytePath;
  readonly movedTo: BytePath;
  readonly dueMs: number;
  /** Monotonic ms, after a failure: not before this. undefined: not held. */
  readonly notBeforeMs?: number;
}

/** Whether something active overlaps a path. */
export type Overlaps = (path: BytePath) => boolean;

export class PendingMoves {
  #moves: PendingMove[] = [];
  #waiting = new PathTree<true>();
  #freeDueMs: number | undefined;
  #hasFreeFresh = false;

  get size(): number {
    return this.#moves.length;
  }

  get last(): PendingMove | undefined {
    return this.#moves.at(-1);
  }

  /** When the first that is not blocked may start; undefined when there is none. */
  get freeDueMs(): number | undefined {
    return this.#freeDueMs;
  }

  /** True if one that is not blocked is not held either. */
  get hasFreeFresh(): boolean {
    return this.#hasFreeFresh;
  }

  /** True if a move that cannot start now (blocked or held) overlaps the path. */
  blocks(path: BytePath): boolean {
    return this.#waiting.overlapping(path) !== undefined;
  }

  push(move: PendingMove, overlapsActive: Overlaps): void {
    this.#moves.push(move);
    this.#judge(move, overlapsActive);
  }

  pop(): void {
    this.#moves.pop();
  }

  /** Puts moves that came back before all others. */
  unshift(moves: readonly PendingMove[]): void {
    this.#moves = [...moves, ...this.#moves];
  }

  /** Those that can start at `nowMs` leave, in order; `waiting` has the ends of those that stay. */
  take(nowMs: number, overlapsActive: Overlaps): { taken: PendingMove[]; waiting: PathTree<true> } {
    const waiting = new PathTree<true>();
    const taken: PendingMove[] = [];
    const stay: PendingMove[] = [];
    for (const move of this.#moves) {
      const isHeld = (move.notBeforeMs ?? nowMs) > nowMs;
      const mustWait = isHeld || isBlocked(move, waiting, overlapsActive);
      if (mustWait) addEnds(waiting, move);
      (mustWait ? stay : taken).push(move);
    }
    this.#moves = stay;
    return { taken, waiting };
  }

  /** Finds anew who is blocked: something active ended or began, or the list changed. O(size × depth). */
  refresh(overlapsActive: Overlaps): void {
    this.#waiting = new PathTree<true>();
    this.#freeDueMs = undefined;
    this.#hasFreeFresh = false;
    for (const move of this.#moves) this.#judge(move, overlapsActive);
  }

  releaseHolds(): void {
    this.#moves = this.#moves.map(({ path, movedTo, dueMs }) => ({ path, movedTo, dueMs }));
  }

  *[Symbol.iterator](): Generator<PendingMove> {
    yield* this.#moves;
  }

  #judge(move: PendingMove, overlapsActive: Overlaps): void {
    const blocked = isBlocked(move, this.#waiting, overlapsActive);
    const isHeld = move.notBeforeMs !== undefined;
    if (blocked || isHeld) addEnds(this.#waiting, move);
    if (blocked) return;
    this.#freeDueMs = Math.min(this.#freeDueMs ?? Number.POSITIVE_INFINITY, move.notBeforeMs ?? move.dueMs);
    this.#hasFreeFresh ||= !isHeld;
  }
}

function isBlocked(
  { path, movedTo }: PendingMove,
  waiting: PathTree<true>,
  overlapsActive: Overlaps,
): boolean {
  return [path, movedTo].some((end) => overlapsActive(end) || waiting.overlapping(end) !== undefined);
}

function addEnds(tree: PathTree<true>, { path, movedTo }: PendingMove): void {
  tree.set(path, true);
  tree.set(movedTo, true);
}
