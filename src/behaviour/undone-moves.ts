// Moves that the target could not do, while it did others of the same batch: what is to be done instead of them.

import { isAtOrBelow, isBelow, isDirectoryPath, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import { moveAsChanges } from './moves.ts';

/**
 * The changes that make up for `undone`, once the others of `moves` are done. What they were to remove and to bring may have been taken along by
 * moves after them: by any of these names the target gets what the source has.
 */
export function undoneAsChanges(moves: readonly Delay[], undone: ReadonlySet<Delay>): readonly Delay[] {
  const left = [...undone].flatMap(moveAsChanges);
  const known = new Set(left.map(({ path }) => path));
  const dueMs = left[0]?.dueMs ?? 0;
  const others = [...placesOf(undone, moves)].filter((path) => !known.has(path));
  return [
    ...left,
    ...others.map((path) => {
      return { kind: 'Create', path, status: 'active', dueMs, whole: isDirectoryPath(path) } as const;
    }),
  ];
}

/** Where the ends of the moves that were not done are after those that were. */
function placesOf(undone: ReadonlySet<Delay>, moves: readonly Delay[]): ReadonlySet<BytePath> {
  let places = new Set<BytePath>();
  for (const move of moves) {
    const { path: from, movedTo: to = from } = move;
    if (undone.has(move)) places.add(from).add(to);
    else places = new Set([...places].flatMap((place) => takenAlong(place, { from, to })));
  }
  return places;
}

/** As the queue follows moves (`rebaseThrough`): what is replaced is gone, what moved out of an unsure place is unsure too. */
function takenAlong(
  place: BytePath,
  { from, to }: { readonly from: BytePath; readonly to: BytePath },
): readonly BytePath[] {
  if (withoutTrailingSlash(place) === withoutTrailingSlash(from)) return [to];
  if (isBelow(place, from)) return [isDirectoryPath(from) ? to + place.slice(from.length) : to];
  if (isAtOrBelow(place, to)) return [];
  return isBelow(from, place) ? [place, to] : [place];
}
