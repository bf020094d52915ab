// What a batch left undone, as changes of the present: merged where several speak of one path, and moved along with the moves that were
// queued while the batch ran.

import { isDirectoryPath, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Batch, Delay } from './delay.ts';
import { mergeChanges, type Change } from './merge-changes.ts';
import { PathTree } from '../path-tree.ts';
import type { PendingMove } from './pending-moves.ts';
import { rebaseThrough, type PlacedChange } from './rebase-through.ts';

/** @param since the moves that were queued since the batch began, in order; others do no harm */
export function placeRemaining(
  batch: Batch,
  remaining: Batch,
  since: readonly PendingMove[],
): Iterable<PlacedChange> {
  const ends = endsOf(since);
  const placed = new Map<BytePath, PlacedChange>();
  for (const part of inPresentOfBatch(batch, remaining)) {
    const isMoved = ends.overlapping(part.path) !== undefined;
    for (const { path, change } of isMoved ? rebaseThrough(since, part.path, part.change) : [part]) {
      const bare = withoutTrailingSlash(path);
      const known = placed.get(bare);
      placed.set(bare, { path, change: known === undefined ? change : mergeLeft(known.change, change) });
    }
  }
  return placed.values();
}

/** What two failed moves left may be of either: a directory that one of them left there has remains, also where the other one was of a file. */
function mergeLeft(one: Change, other: Change): Change {
  const merged = mergeChanges(one, other);
  return { ...merged, whole: merged.whole || (merged.kind !== 'Delete' && one.whole) };
}

/**
 * The changes of the batch itself are what they are after all of its moves. What is left of a move that could not be done is what it was
 * right after that move, older than those, and later moves of the batch took it along. The two cannot always be told apart.
 */
function* inPresentOfBatch(batch: Batch, remaining: Batch): Generator<PlacedChange> {
  const ends = endsOf(batch.moves);
  const own = new Set(batch.changes.map(keyOf));
  for (const { path } of remaining.changes) {
    if (ends.get(path) === true) yield* leftOfMove(batch.moves, path);
  }
  for (const delay of remaining.changes) {
    if (own.has(keyOf(delay)) || ends.get(delay.path) !== true)
      yield { path: delay.path, change: toOldChange(delay) };
  }
}

function keyOf({ kind, path }: Delay): string {
  return `${kind} ${path}`;
}

/** What is there now may have come since: unknown, hence whole. */
function* leftOfMove(moves: readonly Delay[], path: BytePath): Generator<PlacedChange> {
  const isDirectory = isDirectoryPath(path);
  const left: Change = { kind: 'Create', isDirectory, isMixed: false, whole: isDirectory, isDoubtful: true };
  yield { path, change: left };
  const bare = withoutTrailingSlash(path);
  const ends = moves.map(({ path: from, movedTo = from }) => ({ path: from, movedTo }));
  for (const [index, move] of ends.entries()) {
    if (withoutTrailingSlash(move.path) !== bare && withoutTrailingSlash(move.movedTo) !== bare) continue;
    yield* rebaseThrough(ends.slice(index + 1), path, left);
  }
}

/** For a quick answer for the many paths that no move touches. */
function endsOf(moves: readonly (Delay | PendingMove)[]): PathTree<true> {
  const ends = new PathTree<true>();
  for (const { path, movedTo = path } of moves) {
    ends.set(path, true);
    ends.set(movedTo, true);
  }
  return ends;
}

/** What was tried in vain. */
export function toOldChange({ kind, path, whole, listing = false }: Delay): Change {
  const isDirectory = isDirectoryPath(path);
  const known = kind === 'Move' ? 'Create' : kind;
  const isWhole = isDirectory && whole;
  return { kind: known, isDirectory, isMixed: false, whole: isWhole, listing, isDoubtful: true };
}
