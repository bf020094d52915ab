// The directories that are not watched though they should be: no watches are left, or no right to read them. Each is known by its inode,
// as a watched one is by the number of its watch, so that another one under its name is noticed when it is looked at again.

import { lstatSync } from 'node:fs';
import { toBuffer } from '../../byte-path.ts';
import type { Unwatched } from '../monitor.ts';
import type { Directory, Tree } from './directory.ts';
import { absolutePathOf, pathOf } from './directory.ts';
import { readClocks, type ClockReading } from './file-times.ts';

/** Which directory lies at a path. */
export interface Identity {
  readonly device: number;
  readonly inode: number;
}

interface Spot {
  /** Of the error: `ENOSPC`, `EACCES`. */
  readonly code: string;
  /** undefined: what is in it could not be listed either. */
  readonly identity: Identity | undefined;
}

export class BlindSpots {
  readonly #spots = new Map<Directory, Spot>();
  /** By when all changes in the spots of a tree were told, or part of what was told. */
  readonly #seenAt = new Map<Tree, ClockReading>();
  readonly #changed = new Set<Tree>();

  get size(): number {
    return this.#spots.size;
  }

  /** What is known of a directory; undefined when it is no blind spot, or could not be listed. */
  identityOf(directory: Directory): Identity | undefined {
    return this.#spots.get(directory)?.identity;
  }

  has(directory: Directory): boolean {
    return this.#spots.has(directory);
  }

  add(directory: Directory, spot: Spot): void {
    const { tree } = directory;
    if (!this.#seenAt.has(tree)) this.#seenAt.set(tree, readClocks());
    if (this.#spots.get(directory)?.code !== spot.code) this.#changed.add(tree);
    this.#spots.set(directory, spot);
  }

  /** It is watched, or no part of its tree any more. */
  remove(directory: Directory): void {
    if (this.#spots.delete(directory)) this.#changed.add(directory.tree);
  }

  /** Those that are not below another one. */
  topmost(): readonly Directory[] {
    return [...this.#spots.keys()].filter(({ parent }) => parent === undefined || !this.#spots.has(parent));
  }

  /** The trees that have some. */
  trees(): readonly Tree[] {
    return [...this.#seenAt.keys()];
  }

  /** All of a tree is about to be looked at. @returns by when everything was seen before */
  looking(tree: Tree, now: ClockReading): ClockReading {
    const before = this.#seenAt.get(tree) ?? now;
    this.#seenAt.set(tree, now);
    return before;
  }

  /** Has the listeners of the tree told again. */
  retell(tree: Tree): void {
    if (this.#seenAt.has(tree)) this.#changed.add(tree);
  }

  /** The trees in which something has changed since the last call, with what there is now; none = all of it is watched. */
  takeNews(): ReadonlyMap<Tree, readonly Unwatched[]> {
    const news = new Map([...this.#changed].map((tree) => [tree, new Map<string, Unwatched>()]));
    this.#changed.clear();
    if (news.size === 0) return new Map();
    for (const [directory, { code }] of this.#spots) {
      const byCode = news.get(directory.tree);
      if (byCode === undefined) continue;
      const { path, count } = byCode.get(code) ?? { path: pathOf(directory), count: 0 };
      byCode.set(code, { code, path, count: count + 1 });
    }
    const lists = [...news].map(([tree, byCode]) => [tree, [...byCode.values()]] as const);
    for (const [tree, unwatched] of lists) if (unwatched.length === 0) this.#seenAt.delete(tree);
    return new Map(lists);
  }
}

/** Symlinks are not followed, but for the source itself. undefined: there is no directory. */
export function identify(directory: Directory): Identity | undefined {
  const path = absolutePathOf(directory);
  try {
    const stats = lstatSync(toBuffer(directory.parent === undefined ? path : path.slice(0, -1)));
    return stats.isDirectory() ? { device: stats.dev, inode: stats.ino } : undefined;
  } catch {
    return undefined;
  }
}

export function isSameIdentity(one: Identity | undefined, other: Identity | undefined): boolean {
  return one !== undefined && one.device === other?.device && one.inode === other.inode;
}
