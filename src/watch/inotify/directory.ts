// The directories we know: a tree for each source, a node for each directory. Small, for there are many. A node has no path of
// its own: it follows from the parents, so a move of a directory with all below it is one assignment.

import type { BytePath } from '../../byte-path.ts';
import type { Audience } from './audience.ts';

/** One source. */
export interface Tree {
  /** Absolute, with a trailing slash. */
  readonly source: BytePath;
  readonly audience: Audience;
  readonly root: Directory;
  /** What to ask of the kernel for each directory of it; grows when a listener joins that wants more. */
  mask: number;
}

/** A directory that is watched, or should be. */
export interface Directory {
  readonly tree: Tree;
  name: BytePath;
  parent: Directory | undefined;
  children: Map<BytePath, Directory> | undefined;
  /** Names of directories in it that nobody wants. */
  hidden: Set<BytePath> | undefined;
  /** Number of its watch; `notWatched` or `dropped` when it has none. */
  wd: number;
  /**
   * What is in it was not (all) seen: it could not be watched or listed, or was moved while that went on. Whatever says where it
   * is now leads to another look.
   */
  unlisted: boolean;
  /** Listed by the startup walk, which reports nothing. */
  quiet: boolean;
}

/** Known, but without a watch (yet, or because that failed). */
export const notWatched = 0;
/** Not part of its tree any more. */
export const dropped = -1;

/** A tree whose root is not watched yet. */
export function createTree(source: BytePath, audience: Audience): Tree {
  const tree = { source, audience, mask: 0 } as { -readonly [K in keyof Tree]: Tree[K] };
  tree.root = createDirectory(tree, { name: '', parent: undefined });
  return tree;
}

function createDirectory(tree: Tree, at: Pick<Directory, 'name' | 'parent'>): Directory {
  return {
    tree,
    name: at.name,
    parent: at.parent,
    children: undefined,
    hidden: undefined,
    wd: notWatched,
    unlisted: true,
    quiet: false,
  };
}

/** Path inside the source: `/` or `/a/d/`. */
export function pathOf(directory: Directory): BytePath {
  let path = '/';
  for (let at = directory; at.parent !== undefined; at = at.parent) path = `/${at.name}${path}`;
  return path;
}

/** Path on this machine, with a trailing slash. */
export function absolutePathOf(directory: Directory): BytePath {
  return directory.tree.source + pathOf(directory).slice(1);
}

/** Whether one directory is another one, or below it. */
export function isInside(directory: Directory, other: Directory): boolean {
  let at: Directory | undefined = directory;
  while (at !== undefined && at !== other) at = at.parent;
  return at === other;
}

/** The child of that name, made when it is not there. */
export function childOf(parent: Directory, name: BytePath): Directory {
  const known = parent.children?.get(name);
  if (known !== undefined) return known;
  const child = createDirectory(parent.tree, { name, parent });
  attach(child, parent);
  return child;
}

/** Puts a directory below another one, under its own name. */
export function attach(child: Directory, parent: Directory): void {
  child.parent = parent;
  parent.children ??= new Map();
  parent.children.set(child.name, child);
}

/** Takes a directory from its parent; both stay as they are otherwise. */
export function detach(child: Directory): void {
  const siblings = child.parent?.children;
  if (siblings?.get(child.name) !== child) return;
  siblings.delete(child.name);
  if (siblings.size === 0 && child.parent !== undefined) child.parent.children = undefined;
}

/** Notes that nobody wants the directory of that name. */
export function hide(parent: Directory, name: BytePath): void {
  parent.hidden ??= new Set();
  parent.hidden.add(name);
}

/** Forgets such a note; true if there was one. */
export function unhide(parent: Directory, name: BytePath): boolean {
  const was = parent.hidden?.delete(name) ?? false;
  if (parent.hidden?.size === 0) parent.hidden = undefined;
  return was;
}

/** A directory and all below it, parents first. What is dropped between two steps is not visited, what is added neither. */
export function* withAllBelow(top: Directory): Generator<Directory> {
  const waiting = [top];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (at.wd === dropped) continue;
    for (const child of at.children?.values() ?? []) waiting.push(child);
    yield at;
  }
}
