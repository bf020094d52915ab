// Which directories to send whole when too many paths wait by name. Pure: looks at the tree of what waits, changes nothing.

import type { BytePath } from '../byte-path.ts';
import { pathOfNode, type PathNode } from '../path-tree.ts';

/** Fewer changes in one directory than this make nothing smaller. */
const FEWEST = 2;

/** Directories below `top` in which something waits by name, those with the most of it first. O(paths that wait). */
export function hotDirectories(top: PathNode<{ readonly whole: boolean }>): readonly BytePath[] {
  const hot: { readonly node: PathNode<unknown>; readonly count: number }[] = [];
  for (const node of parentsFirst(top)) {
    let count = 0;
    for (const { value } of node.children?.values() ?? []) if (value?.whole === false) count++;
    if (count >= FEWEST && node !== top) hot.push({ node, count });
  }
  return hot.toSorted((one, other) => other.count - one.count).map(({ node }) => toDirectory(node));
}

/** Directories at and below `top` that hold more than one thing that waits, whatever it is; the deepest first, `top` last. */
export function branchingDirectories(top: PathNode<unknown>): readonly BytePath[] {
  const branching = [...parentsFirst(top)].filter(({ children }) => (children?.size ?? 0) >= FEWEST);
  return branching.toReversed().map(toDirectory);
}

function* parentsFirst<T>(node: PathNode<T>): Generator<PathNode<T>> {
  if (node.children === undefined) return;
  yield node;
  for (const child of node.children.values()) yield* parentsFirst(child);
}

function toDirectory(node: PathNode<unknown>): BytePath {
  const path = pathOfNode(node);
  return path === '/' ? path : `${path}/`;
}
