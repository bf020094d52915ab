// What becomes of moves that the target could not do, or that may or may not have been done.

import { isDirectoryPath, parentOf, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';

/** Why a batch comes back in which nothing failed: what has to be done instead may have been taken along by later moves, which only the queue can follow. */
export const MOVES_UNDONE = 'some moves have to be done another way';

/** A move done another way: the origin is removed, the destination sent with all that is below it. */
export function moveAsChanges({ path, movedTo = path, status, dueMs }: Delay): readonly Delay[] {
  return [
    { kind: 'Delete', path, status, dueMs, whole: false },
    { kind: 'Create', path: movedTo, status, dueMs, whole: isDirectoryPath(movedTo) },
  ];
}

/**
 * Whether doing these moves once more is harmless when they may have been done already. A move alone is: its origin is gone
 * then, and it fails. One that takes from where another one put (`mv a b; mv c a`) is not: it would move the wrong thing.
 */
export function mayRepeatMoves(moves: readonly Delay[]): boolean {
  const destinations = new Set(moves.map(({ path, movedTo = path }) => withoutTrailingSlash(movedTo)));
  const origins = new Set(moves.map(({ path }) => withoutTrailingSlash(path)));
  return moves.every(({ path, movedTo = path }) => !liesIn(path, destinations) && !liesIn(movedTo, origins));
}

/** Whether `path` or one of its parents is in `paths`. */
function liesIn(path: BytePath, paths: ReadonlySet<BytePath>): boolean {
  if (paths.has(withoutTrailingSlash(path))) return true;
  for (let parent = parentOf(path); parent !== undefined; parent = parentOf(parent)) {
    if (paths.has(withoutTrailingSlash(parent))) return true;
  }
  return false;
}
