// Where files are after several moves, and the directories that the moves changed: the queue remembers these places, the behaviours compare
// what came to them, and give the directories their times again.

import { isDirectoryPath, parentOf, withoutTrailingSlash, type BytePath } from './byte-path.ts';
import type { Delay } from './queue/delay.ts';

/** Where the files are that these moves brought, after all of them, each with the last move that it took part in. */
export function landings(moves: readonly Delay[]): ReadonlyMap<BytePath, Delay> {
  const found = new Map<BytePath, Delay>();
  for (const move of moves) {
    const { path, movedTo = path } = move;
    found.delete(path);
    if (isDirectoryPath(path)) carry(found, { from: path, to: movedTo });
    else found.set(movedTo, move);
  }
  return found;
}

/** What was at or below the destination is replaced. */
function carry(
  found: Map<BytePath, Delay>,
  { from, to }: { readonly from: BytePath; readonly to: BytePath },
): void {
  found.delete(withoutTrailingSlash(to));
  for (const path of [...found.keys()].filter((one) => one.startsWith(to))) found.delete(path);
  for (const [path, move] of [...found].filter(([one]) => one.startsWith(from))) {
    found.delete(path);
    found.set(to + path.slice(from.length), move);
  }
}

/** The directories in which the moves changed something, by the names they have after all of them. */
export function touchedByMoves(moves: readonly Delay[]): ReadonlySet<BytePath> {
  const touched = new Set<BytePath>();
  for (const { path, movedTo = path } of moves) {
    if (isDirectoryPath(path)) carryDirectories(touched, { from: path, to: movedTo });
    for (const parent of [parentOf(path), parentOf(movedTo)]) if (parent !== undefined) touched.add(parent);
  }
  return touched;
}

function carryDirectories(
  directories: Set<BytePath>,
  { from, to }: { readonly from: BytePath; readonly to: BytePath },
): void {
  for (const directory of [...directories].filter((one) => one.startsWith(from))) {
    directories.delete(directory);
    directories.add(to + directory.slice(from.length));
  }
}
