// Values by path, in a tree of path segments: what lies at, above or below a path is found in O(depth). `/a/d` and `/a/d/`
// are the same node. Holds no more nodes than it needs: a branch without values is gone. The index of the queue.

import type { BytePath } from './byte-path.ts';

export interface PathNode<T> {
  readonly name: string;
  readonly parent: PathNode<T> | undefined;
  readonly children: ReadonlyMap<string, PathNode<T>> | undefined;
  readonly value: T | undefined;
  /** How many values are at this node and below it. */
  readonly count: number;
}

interface Node<T> {
  name: string;
  parent: Node<T> | undefined;
  children: Map<string, Node<T>> | undefined;
  value: T | undefined;
  count: number;
}

/** Where a way down the tree ended. */
export interface Reached<T> {
  readonly node: PathNode<T>;
  /** The value strictly above the path that is nearest to it, of those that the way came by. */
  readonly nearest: T | undefined;
  /** The way ended at that one, above the path. */
  readonly isHidden: boolean;
}

export class PathTree<T> {
  readonly #root: Node<T> = { name: '', parent: undefined, children: undefined, value: undefined, count: 0 };

  /** How many values there are. */
  get size(): number {
    return this.#root.count;
  }

  /** The node of a path; undefined when nothing is at or below it. */
  find(path: BytePath): PathNode<T> | undefined {
    let node: Node<T> | undefined = this.#root;
    for (let start = 1; start < path.length && node !== undefined;) {
      const end = segmentEnd(path, start);
      node = node.children?.get(path.slice(start, end));
      start = end + 1;
    }
    return node;
  }

  get(path: BytePath): T | undefined {
    return this.find(path)?.value;
  }

  set(path: BytePath, value: T): PathNode<T> {
    const node = this.#ensure(path);
    this.put(node, value);
    return node;
  }

  /**
   * Goes down to `path`, as far as no value above it hides what is below itself. A node that is not there is made, and must be given a
   * value (`put`) at once.
   */
  reach(path: BytePath, hidesBelow: (value: T) => boolean): Reached<T> {
    let node = this.#root;
    let nearest: T | undefined;
    for (let start = 1; start < path.length;) {
      if (node.value !== undefined) {
        nearest = node.value;
        if (hidesBelow(nearest)) return { node, nearest, isHidden: true };
      }
      const end = segmentEnd(path, start);
      node = childOf(node, path.slice(start, end));
      start = end + 1;
    }
    return { node, nearest, isHidden: false };
  }

  /** Gives a node of this tree a value. */
  put(pathNode: PathNode<T>, value: T): void {
    const node = pathNode as Node<T>;
    if (node.value === undefined) addCount(node, 1);
    node.value = value;
  }

  /** Takes the value of a node away. The node must be of this tree; it is no longer when nothing is left below it. */
  remove(pathNode: PathNode<T>): void {
    const node = pathNode as Node<T>;
    if (node.value === undefined) return;
    node.value = undefined;
    addCount(node, -1);
    prune(node);
  }

  /** Takes a node with all that is below it out of the tree, to be dropped or given to `attach`. */
  detach(pathNode: PathNode<T>): void {
    const node = pathNode as Node<T>;
    const { parent } = node;
    if (parent === undefined) throw new Error('Cannot detach "/": it is the root');
    addCount(parent, -node.count);
    parent.children?.delete(node.name);
    node.parent = undefined;
    prune(parent);
  }

  /** Puts a detached node, renamed, at `path`, where nothing may be. */
  attach(pathNode: PathNode<T>, path: BytePath): void {
    const place = this.#ensure(path);
    const { parent } = place;
    if (parent === undefined || place.count > 0) throw new Error(`Cannot attach at "${path}": it is taken`);
    const node = pathNode as Node<T>;
    node.name = place.name;
    node.parent = parent;
    parent.children?.set(node.name, node);
    addCount(parent, node.count);
  }

  /** The value nearest to the root that is at, above or (any) below `path`; undefined when they all lie elsewhere. */
  overlapping(path: BytePath): T | undefined {
    let node: Node<T> | undefined = this.#root;
    if (node.count === 0) return undefined;
    for (let start = 1; node !== undefined && node.value === undefined && start < path.length;) {
      const end = segmentEnd(path, start);
      node = node.children?.get(path.slice(start, end));
      start = end + 1;
    }
    return node === undefined ? undefined : firstValue(node);
  }

  /** The values strictly above `path`, from the root down. */
  *above(path: BytePath): Generator<T> {
    let node: Node<T> | undefined = this.#root;
    for (let start = 1; node !== undefined && start < path.length;) {
      if (node.value !== undefined) yield node.value;
      const end = segmentEnd(path, start);
      node = node.children?.get(path.slice(start, end));
      start = end + 1;
    }
  }

  #ensure(path: BytePath): Node<T> {
    let node = this.#root;
    for (let start = 1; start < path.length;) {
      const end = segmentEnd(path, start);
      node = childOf(node, path.slice(start, end));
      start = end + 1;
    }
    return node;
  }
}

/** `/a/b`, `/`: never a slash at the end. */
export function pathOfNode(node: PathNode<unknown>): BytePath {
  let path = '';
  for (let at = node; at.parent !== undefined; at = at.parent) path = `/${at.name}${path}`;
  return path === '' ? '/' : path;
}

/** The nodes with a value at and below `node`, parents first. */
export function* nodesFrom<T>(node: PathNode<T>): Generator<PathNode<T>> {
  if (node.value !== undefined) yield node;
  if (node.children !== undefined) for (const child of node.children.values()) yield* nodesFrom(child);
}

function childOf<T>(node: Node<T>, name: string): Node<T> {
  node.children ??= new Map();
  const known = node.children.get(name);
  if (known !== undefined) return known;
  const child: Node<T> = { name, parent: node, children: undefined, value: undefined, count: 0 };
  node.children.set(name, child);
  return child;
}

function firstValue<T>(node: Node<T>): T | undefined {
  let at = node;
  while (at.value === undefined) {
    const child = at.children?.values().next().value;
    if (child === undefined) return undefined;
    at = child;
  }
  return at.value;
}

function addCount(node: Node<unknown>, change: number): void {
  for (let at: Node<unknown> | undefined = node; at !== undefined; at = at.parent) at.count += change;
}

function prune(node: Node<unknown>): void {
  for (let at = node; at.count === 0 && at.parent !== undefined; at = at.parent) {
    at.parent.children?.delete(at.name);
    if (at.parent.children?.size === 0) at.parent.children = undefined;
  }
}

function segmentEnd(path: BytePath, start: number): number {
  const slash = path.indexOf('/', start);
  return slash < 0 ? path.length : slash;
}
