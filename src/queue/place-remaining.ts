// What a batch left undone, as changes of the present: merged where several speak of one path, and moved along with the moves that were
// queued while the batch ran.

import { isDirectoryPath, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Batch, Delay } from './delay.ts';
import { mergeChanges, type Change } from './merge-changes.ts';
import { PathTree } from './path-tree.ts';
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
      placed.set(bare, { path, change: known === undefined ? change : mergeChanges(known.change, change) });
    }
  }
  return placed.values();
}

/**
 * The changes of the batch itself are what they are after all of its moves. What was not in the batch is left of a move that could not
 * be done, and is what it was right after that move: the later moves of the batch take it along.
 */
function* inPresentOfBatch(batch: Batch, remaining: Batch): Generator<PlacedChange> {
  const known = new Set(batch.changes.map(keyOf));
  for (const delay of remaining.changes) {
    const change = toOldChange(delay);
    if (known.has(keyOf(delay))) yield { path: delay.path, change };
    else yield* leftOfMove(batch.moves, delay.path, change);
  }
}

function keyOf({ kind, path }: Delay): string {
  return `${kind} ${path}`;
}

/** What is there now may have come since: unknown, hence whole. */
function* leftOfMove(moves: readonly Delay[], path: BytePath, change: Change): Generator<PlacedChange> {
  const left: Change = { ...change, kind: 'Create', whole: change.isDirectory };
  yield { path, change: left };
  for (const [index, move] of moves.entries()) {
    if (move.path !== path && move.movedTo !== path) continue;
    const later = moves.slice(index + 1).map(({ path: from, movedTo = from }) => ({ path: from, movedTo }));
    yield* rebaseThrough(later, path, left);
  }
}

/** For a quick answer for the many paths that no move touches. */
function endsOf(moves: readonly PendingMove[]): PathTree<true> {
  const ends = new PathTree<true>();
  for (const { path, movedTo } of moves) {
    ends.set(path, true);
    ends.set(movedTo, true);
  }
  return ends;
}

function toOldChange({ kind, path, whole }: Delay): Change {
  const isDirectory = isDirectoryPath(path);
  const known = kind === 'Move' ? 'Create' : kind;
  return { kind: known, isDirectory, isMixed: false, whole: isDirectory && whole, isDoubtful: true };
}
