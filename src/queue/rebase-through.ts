// Where a change that came back belongs, after the moves that were queued while it was away.

import { isAtOrBelow, isBelow, isDirectoryPath, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Change } from './merge-changes.ts';

/** Both ends as they are written: directories with a slash at the end. */
export interface MoveEnds {
  readonly path: BytePath;
  readonly movedTo: BytePath;
}

export interface PlacedChange {
  readonly path: BytePath;
  readonly change: Change;
}

/**
 * Follows `path` through `moves`. At or below an origin it goes to the destination, whole: a batch that failed may have begun to remove
 * what it found there. At or below a destination it is gone: the move replaces it. Strictly above an origin
 * it stays, and what moved out of it is whole at its destination, for the same reason.
 */
export function rebaseThrough(moves: Iterable<MoveEnds>, path: BytePath, change: Change): PlacedChange[] {
  let places: PlacedChange[] = [{ path, change }];
  for (const move of moves) places = places.flatMap((place) => followMove(move, place));
  return places;
}

function followMove(move: MoveEnds, place: PlacedChange): PlacedChange[] {
  if (isAtOrBelow(place.path, move.path)) {
    const suffix = place.path.slice(withoutTrailingSlash(move.path).length);
    const isTop = suffix === '' || suffix === '/';
    if (!isTop && !isDirectoryPath(move.path)) {
      // It was a directory that had this name before: its remains may be where the file is thought to be.
      return [
        { path: move.movedTo, change: { ...place.change, kind: 'Modify', isDirectory: false, whole: true } },
      ];
    }
    const path = isTop ? move.movedTo : withoutTrailingSlash(move.movedTo) + suffix;
    return [{ path, change: { ...place.change, whole: true } }];
  }
  if (isAtOrBelow(place.path, move.movedTo)) return [];
  if (!isBelow(move.path, place.path)) return [place];
  const isDirectory = isDirectoryPath(move.movedTo);
  const moved: Change = { kind: 'Modify', isDirectory, isMixed: false, whole: true, isDoubtful: true };
  return [place, { path: move.movedTo, change: moved }];
}
