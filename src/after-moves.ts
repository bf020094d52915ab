// What is where after several moves: the files they brought, and the directories they changed. The queue remembers these places, the
// behaviours compare what came to them, and give the directories their times again. Costs O(path depth) a move.

import { isDirectoryPath, parentOf, type BytePath } from './byte-path.ts';
import type { Delay } from './queue/delay.ts';
import { nodesFrom, pathOfNode, PathTree, type PathNode } from './path-tree.ts';

/** Where the files are that these moves brought, after all of them, each with the last move that it took part in. */
export function landings(moves: readonly Delay[]): ReadonlyMap<BytePath, Delay> {
  const files = new PathTree<Delay>();
  for (const move of moves) {
    const { path, movedTo = path } = move;
    if (isDirectoryPath(path)) carry(files, { from: path, to: movedTo });
    else {
      take(files, path);
      files.set(movedTo, move);
    }
  }
  return new Map(places(files).map((node) => [pathOfNode(node), node.value as Delay]));
}

/** The directories in which the moves changed something, by the names they have after all of them. */
export function touchedByMoves(moves: readonly Delay[]): ReadonlySet<BytePath> {
  const directories = new PathTree<true>();
  for (const { path, movedTo = path } of moves) {
    if (isDirectoryPath(path)) carry(directories, { from: path, to: movedTo });
    for (const parent of [parentOf(path), parentOf(movedTo)])
      if (parent !== undefined) directories.set(parent, true);
  }
  return new Set(places(directories).map((node) => asDirectory(pathOfNode(node))));
}

/** What was at or below the destination is replaced. */
function carry<T>(tree: PathTree<T>, { from, to }: { readonly from: BytePath; readonly to: BytePath }): void {
  const moved = take(tree, from);
  take(tree, to);
  if (moved !== undefined) tree.attach(moved, to);
}

/** What is at the path and below it, out of the tree. */
function take<T>(tree: PathTree<T>, path: BytePath): PathNode<T> | undefined {
  const node = tree.find(path);
  if (node !== undefined) tree.detach(node);
  return node;
}

function places<T>(tree: PathTree<T>): readonly PathNode<T>[] {
  const root = tree.find('/');
  return root === undefined ? [] : [...nodesFrom(root)];
}

function asDirectory(path: BytePath): BytePath {
  return path === '/' ? path : `${path}/`;
}
