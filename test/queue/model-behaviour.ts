// A modelled behaviour: works through a batch on the modelled target, one small step at a time, so that the source may change
// between the look and the deed. Made to be as bad as a real one may be: what vanishes meanwhile keeps its old state on the target,
// a removal may stop half way, a move may fail.

import { toUnheard } from '../../src/behaviour/landed-files.ts';
import { landings } from '../../src/after-moves.ts';
import type { BytePath } from '../../src/byte-path.ts';
import type { Batch, Delay } from '../../src/queue/delay.ts';
import {
  below,
  copyOf,
  createDirectory,
  lastElement,
  lookup,
  parentDirectory,
  type DirectoryNode,
  type TreeNode,
} from './model-tree.ts';

interface Trees {
  readonly source: DirectoryNode;
  readonly target: DirectoryNode;
}

/** What a look at the source found: nothing, a file, a directory, and of a whole one the paths below it. */
interface Seen {
  readonly type: TreeNode['type'] | undefined;
  readonly below: readonly (readonly [BytePath, TreeNode['type']])[];
}

export class ModelRun {
  readonly batch: Batch;
  readonly #trees: Trees;
  readonly #fallback: Delay[] = [];
  readonly #moved: Delay[] = [];
  #isCompared = false;
  #moves: readonly Delay[];
  #changes: readonly Delay[];
  #seen: Seen | undefined;

  constructor(batch: Batch, trees: Trees) {
    this.batch = batch;
    this.#trees = trees;
    this.#moves = batch.moves;
    this.#changes = batch.changes;
  }

  get isFinished(): boolean {
    return this.#moves.length + this.#changes.length === 0 && this.#isCompared;
  }

  /** What is not done. After a step that was the last: only what a failed move left. */
  get remaining(): Batch {
    const unsure = this.#isCompared ? [] : [...landings(this.#moved)];
    const landed = unsure.map(([path, move]) => toUnheard(path, move));
    return { moves: this.#moves, changes: [...landed, ...this.#changes, ...this.#fallback] };
  }

  /** One move, the comparison of what was moved, one look, or one deed. `unlucky`: a move fails though it could be done. */
  step(unlucky = false): void {
    const [move] = this.#moves;
    const [change] = this.#changes;
    if (move !== undefined) {
      this.#moves = this.#moves.slice(1);
      if (unlucky || !this.#move(move)) this.#fallBack(move);
      else this.#moved.push(move);
    } else if (!this.#isCompared) {
      this.#compare();
    } else if (change !== undefined && this.#seen === undefined) {
      this.#seen = this.#look(change);
    } else if (change !== undefined && this.#seen !== undefined) {
      this.#bring(change, this.#seen);
      this.#changes = this.#changes.slice(1);
      this.#seen = undefined;
    }
  }

  /** Ends in the middle: a removal that was under way has done a part of its work. */
  breakOff(): void {
    const [change] = this.#changes;
    if (
      change === undefined ||
      this.#moves.length > 0 ||
      this.#seen?.type !== undefined ||
      this.#seen === undefined
    )
      return;
    const node = lookup(this.#trees.target, change.path);
    if (node?.type !== 'directory') return;
    const [name] = node.children.keys();
    if (name !== undefined) node.children.delete(name);
  }

  #move({ path, movedTo = '' }: Delay): boolean {
    const { target } = this.#trees;
    const node = lookup(target, path);
    const parent = parentDirectory(target, path);
    const newParent = parentDirectory(target, movedTo);
    if (node === undefined || parent === undefined || newParent === undefined) return false;
    newParent.children.delete(lastElement(movedTo));
    parent.children.delete(lastElement(path));
    newParent.children.set(lastElement(movedTo), node);
    return true;
  }

  /** A file is brought where another one was moved to its place. */
  #compare(): void {
    this.#isCompared = true;
    const { source, target } = this.#trees;
    const isUnlike = (path: BytePath): boolean => {
      const wanted = lookup(source, path);
      const found = lookup(target, path);
      return wanted?.type === 'file' && !(found?.type === 'file' && found.content === wanted.content);
    };
    const unheard = [...landings(this.#moved)].filter(([path]) => isUnlike(path));
    this.#changes = [...this.#changes, ...unheard.map(([path, move]) => toUnheard(path, move))];
  }

  #fallBack({ path, movedTo = '', dueMs }: Delay): void {
    this.#fallback.push(
      { kind: 'Delete', path, status: 'active', dueMs, whole: false },
      { kind: 'Create', path: movedTo, status: 'active', dueMs, whole: movedTo.endsWith('/') },
    );
  }

  #look({ path, whole, listing }: Delay): Seen {
    const node = lookup(this.#trees.source, path);
    if (node?.type === 'directory' && listing === true) {
      const entries = [...node.children].map(([name, child]) => [join(path, name), child.type] as const);
      return { type: node.type, below: entries };
    }
    if (!whole || node?.type !== 'directory') return { type: node?.type, below: [] };
    return {
      type: node.type,
      below: [...below(node, path)].map(([inner, { type }]) => [inner, type] as const),
    };
  }

  #bring({ path, whole, listing }: Delay, seen: Seen): void {
    if (seen.type === undefined) return this.#remove(path);
    this.#copy(path, seen.type);
    if (seen.type === 'directory' && listing === true) return this.#bringEntries(path, seen);
    if (!whole || seen.type !== 'directory') return;
    const kept = new Set(seen.below.map(([inner]) => bare(inner)));
    const there = lookup(this.#trees.target, path);
    if (there?.type === 'directory') {
      for (const [inner] of below(there, path)) if (!kept.has(bare(inner))) this.#remove(inner);
    }
    for (const [inner, type] of seen.below) this.#copy(inner, type);
  }

  /** The entries themselves, not what is below them. */
  #bringEntries(path: BytePath, seen: Seen): void {
    const kept = new Set(seen.below.map(([inner]) => inner));
    const there = lookup(this.#trees.target, path);
    const names = there?.type === 'directory' ? [...there.children.keys()] : [];
    for (const inner of names.map((name) => join(path, name))) if (!kept.has(inner)) this.#remove(inner);
    for (const [inner, type] of seen.below) this.#copy(inner, type);
  }

  #remove(path: BytePath): void {
    parentDirectory(this.#trees.target, path)?.children.delete(lastElement(path));
  }

  /** The source's node itself, not what is below it. Nothing if it has vanished or become another type since it was seen. */
  #copy(path: BytePath, type: TreeNode['type']): void {
    const node = lookup(this.#trees.source, path);
    if (node?.type !== type) return;
    if (bare(path) === '/') return void (this.#trees.target.attributes = node.attributes);
    const parent = this.#ensureParent(path);
    const name = lastElement(path);
    const there = parent.children.get(name);
    if (node.type === 'file') parent.children.set(name, copyOf(node));
    else if (there?.type === 'directory') there.attributes = node.attributes;
    else parent.children.set(name, { ...createDirectory(), attributes: node.attributes });
  }

  #ensureParent(path: BytePath): DirectoryNode {
    let directory = this.#trees.target;
    for (const name of path
      .split('/')
      .filter((element) => element !== '')
      .slice(0, -1)) {
      const known = directory.children.get(name);
      const next = known?.type === 'directory' ? known : createDirectory();
      directory.children.set(name, next);
      directory = next;
    }
    return directory;
  }
}

function join(directory: BytePath, name: string): BytePath {
  return `${bare(directory) === '/' ? '' : bare(directory)}/${name}`;
}

function bare(path: BytePath): BytePath {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
