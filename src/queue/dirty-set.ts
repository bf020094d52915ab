// The changed paths that wait, one entry a path, in the namespace after all pending moves. Knows how a change meets what is
// already there; knows nothing of moves but that a subtree can be re-rooted, nor of batches but that entries leave.

import { isDirectoryPath, parentOf, type BytePath } from '../byte-path.ts';
import type { CombineRule, DelayName } from './combination.ts';
import type { Delay, DelayStatus } from './delay.ts';
import { branchingDirectories, hotDirectories } from './hot-directories.ts';
import { DirtyEntry } from './dirty-entry.ts';
import { Lane } from './lane.ts';
import { mergeChanges, type Change } from './merge-changes.ts';
import { nodesFrom, pathOfNode, PathTree, type PathNode } from '../path-tree.ts';

/** How a change was taken in. */
export interface Marked {
  readonly rule: Extract<CombineRule, 'new' | 'stack' | 'absorb' | 'replace'>;
  /** The entry it met; where nobody wants to know, undefined. */
  readonly other: DelayName | undefined;
  /** How many entries below it were dropped. */
  readonly dropped: number;
}

export class DirtySet {
  readonly #tree = new PathTree<DirtyEntry>();
  readonly #fresh = new Lane<DirtyEntry>();
  readonly #held: Lane<DirtyEntry>[] = [];
  /** How many entries are doubtful. */
  #doubtful = 0;
  /** Whether anybody wants to know what a change met: to name it costs time. */
  readonly #isTelling: () => boolean;

  constructor(isTelling: () => boolean) {
    this.#isTelling = isTelling;
  }

  get size(): number {
    return this.#tree.size;
  }

  /** How many are not held back by a retry. */
  get freshSize(): number {
    return this.#fresh.size;
  }

  get(path: BytePath): Readonly<Change> | undefined {
    return this.#tree.get(path);
  }

  /** True if some entry strictly above `path` leaves open what the target has below it. */
  isUncertainAbove(path: BytePath): boolean {
    for (const entry of this.#tree.above(path)) if (entry.whole || entry.isDoubtful) return true;
    if (isDirectoryPath(path)) return false;
    return this.#tree.get(parentOf(path) ?? '/')?.listing === true;
  }

  /** Takes in a change that was seen just now. */
  mark(path: BytePath, change: Change, dueMs: number): Marked {
    const { node, nearest, isHidden } = this.#tree.reach(path, hidesBelow);
    if (isHidden && nearest !== undefined) {
      const isGone = nearest.kind === 'Delete' && change.kind === 'Delete';
      if (!nearest.whole && !isGone) this.#makeWhole(nearest);
      this.#hasten(nearest, dueMs);
      return { rule: 'absorb', other: this.#nameOf(nearest), dropped: 0 };
    }
    const known = node.value;
    if (known !== undefined) {
      this.#hasten(known, dueMs);
      return this.#replace(known, mergeChanges(known, change));
    }
    const entry = this.#insert(node, change, this.#fresh, dueMs);
    const dropped = hidesBelow(entry) ? this.#dropBelow(node) : 0;
    if (dropped > 0) return { rule: 'replace', other: undefined, dropped };
    return { rule: nearest === undefined ? 'new' : 'stack', other: this.#nameOf(nearest), dropped };
  }

  /**
   * The target may not be right at and below `path`: it is due again, whole whatever it turns out to be. Says nothing of what is there
   * now, so that what already waits there keeps its kind and type.
   */
  doubt(path: BytePath, dueMs: number): void {
    const known = this.#tree.get(path);
    if (known === undefined) {
      const isDirectory = isDirectoryPath(path);
      this.mark(path, { kind: 'Modify', isDirectory, isMixed: false, whole: true, isDoubtful: false }, dueMs);
    } else if (known.kind !== 'Delete' && !known.whole) {
      known.makeWhole();
      this.#dropBelow(nodeOf(known));
    }
  }

  /** Takes a change back that is older than all that waits, and holds it until `notBeforeMs`. */
  markOlder(path: BytePath, change: Change, notBeforeMs: number): void {
    for (const above of this.#tree.above(path)) if (coversBelow(above)) return;
    const lane = this.#heldLane(notBeforeMs);
    const known = this.#tree.get(path);
    const below = (this.#tree.find(path)?.count ?? 0) - (known === undefined ? 0 : 1);
    if (known !== undefined) {
      this.#assign(known, mergeChanges(change, known));
      if (known.lane !== lane) {
        known.lane?.leave(known);
        lane.append(known);
      }
    } else if (below > 0 && (change.kind === 'Delete' || !change.isDirectory)) {
      // Something lives below it again: it is a directory, and not the one that was to go.
      const whole: Change = { ...change, kind: 'Create', isDirectory: true, whole: true };
      this.#insert(this.#nodeAt(path), whole, lane, notBeforeMs);
    } else {
      this.#insert(this.#nodeAt(path), change, lane, notBeforeMs);
    }
    const entry = this.#tree.get(path);
    if (entry !== undefined && coversBelow(entry)) this.#dropBelow(nodeOf(entry));
  }

  /**
   * Makes room below `maxSize`: directories become whole, first those in which the most waits by name, then whatever holds together what
   * lies nearest. More than is needed at once, so that it is seldom done.
   */
  collapse(maxSize: number, dueMs: number): void {
    this.#makeWholes(hotDirectories, { maxSize: maxSize / 2, dueMs });
    this.#makeWholes(branchingDirectories, { maxSize: maxSize * 0.75, dueMs });
    // Directories in one another, deeper than there is room: nothing branches.
    this.#makeWholes(() => ['/'], { maxSize, dueMs });
  }

  #makeWholes(
    choose: (top: PathNode<DirtyEntry>) => readonly BytePath[],
    { maxSize, dueMs }: { readonly maxSize: number; readonly dueMs: number },
  ): void {
    const top = this.#tree.find('/');
    if (top === undefined || this.size <= maxSize) return;
    const whole: Change = {
      kind: 'Modify',
      isDirectory: true,
      isMixed: false,
      whole: true,
      isDoubtful: false,
    };
    for (const path of choose(top)) {
      if (this.size <= maxSize) return;
      this.mark(path, whole, dueMs);
    }
  }

  /** What waits at and below `from` is now at and below `to`; what waited there is gone. Returns how many follow. */
  rebase(from: BytePath, to: BytePath): number {
    this.drop(to);
    const node = this.#tree.find(from);
    if (node === undefined) return 0;
    for (const above of this.#tree.above(to)) {
      if (!hidesBelow(above)) continue;
      if (!above.whole) this.#makeWhole(above);
      this.drop(from);
      return 0;
    }
    this.#tree.detach(node);
    this.#tree.attach(node, to);
    if (this.#doubtful > 0) {
      for (const { value } of nodesFrom(node)) if (value?.isDoubtful === true) value.makeWhole();
    }
    return node.count;
  }

  /** Forgets what waits at and below `path`. */
  drop(path: BytePath): void {
    const node = this.#tree.find(path);
    if (node === undefined) return;
    this.#leaveLanes(node);
    this.#tree.detach(node);
  }

  /** When the first that is not blocked and not held is due; undefined when there is none. */
  freshDueMs(isBlocked: (path: BytePath) => boolean): number | undefined {
    return this.#fresh.firstFree((entry) => isBlocked(pathOfNode(nodeOf(entry))))?.dueMs;
  }

  /** The same for the held ones. */
  heldDueMs(isBlocked: (path: BytePath) => boolean): number | undefined {
    let dueMs: number | undefined;
    for (const lane of this.#held) {
      const { notBeforeMs = 0 } = lane;
      if (dueMs !== undefined && dueMs <= notBeforeMs) continue;
      if (lane.firstFree((entry) => isBlocked(pathOfNode(nodeOf(entry)))) !== undefined) dueMs = notBeforeMs;
    }
    return dueMs;
  }

  /**
   * Those that are neither blocked (`isBlocked` undefined: none is) nor held at `nowMs` leave, `maxEntries` at most, in order of arrival,
   * and are given as active delays.
   */
  take(
    nowMs: number,
    {
      isBlocked,
      maxEntries,
    }: { readonly isBlocked: ((path: BytePath) => boolean) | undefined; readonly maxEntries: number },
  ): Delay[] {
    const taken: Delay[] = [];
    const pathOf = createPathReader();
    for (const lane of this.#lanes()) {
      if (lane.notBeforeMs !== undefined && lane.notBeforeMs > nowMs) continue;
      for (const entry of lane) {
        if (taken.length >= maxEntries) return taken;
        const path = pathOf(nodeOf(entry));
        if (isBlocked?.(path) === true) continue;
        pushDelays(taken, { entry, path, status: 'active' });
        this.#leave(entry);
        this.#tree.remove(nodeOf(entry));
      }
    }
    return taken;
  }

  /** Who is blocked must be found anew. */
  resetMarks(): void {
    for (const lane of this.#lanes()) lane.resetMark();
  }

  /** Nothing is held later than `nowMs`. */
  releaseHolds(nowMs: number): void {
    for (const lane of this.#held) lane.notBeforeMs = Math.min(lane.notBeforeMs ?? nowMs, nowMs);
  }

  /** In order of arrival. */
  *entries(statusOf: (path: BytePath) => DelayStatus): Generator<Delay> {
    for (const lane of this.#lanes()) {
      for (const entry of lane) {
        const path = pathOfNode(nodeOf(entry));
        const delays: Delay[] = [];
        pushDelays(delays, { entry, path, status: statusOf(path) });
        yield* delays;
      }
    }
  }

  #lanes(): Lane<DirtyEntry>[] {
    return [...this.#held, this.#fresh];
  }

  #heldLane(notBeforeMs: number): Lane<DirtyEntry> {
    const known = this.#held.find((lane) => lane.notBeforeMs === notBeforeMs);
    if (known !== undefined) return known;
    const used = this.#held.filter((lane) => lane.size > 0);
    const lane = new Lane<DirtyEntry>(notBeforeMs);
    this.#held.splice(0, this.#held.length, ...used, lane);
    return lane;
  }

  #nodeAt(path: BytePath): PathNode<DirtyEntry> {
    return this.#tree.reach(path, () => false).node;
  }

  #insert(node: PathNode<DirtyEntry>, change: Change, lane: Lane<DirtyEntry>, dueMs: number): DirtyEntry {
    const entry = new DirtyEntry(change, dueMs);
    entry.node = node;
    this.#tree.put(node, entry);
    if (change.isDoubtful) this.#doubtful++;
    lane.append(entry);
    return entry;
  }

  /** Something new was seen of what is held: it is tried when that is due. */
  #hasten(entry: DirtyEntry, dueMs: number): void {
    if ((entry.lane?.notBeforeMs ?? dueMs) <= dueMs) return;
    entry.lane?.leave(entry);
    entry.dueMs = dueMs;
    this.#fresh.append(entry);
  }

  #replace(entry: DirtyEntry, merged: Change): Marked {
    const other = this.#nameOf(entry);
    const isSame = entry.kind === merged.kind && entry.isDirectory === merged.isDirectory;
    const isAsFar = entry.whole === merged.whole && entry.listing === (merged.listing ?? false);
    const rule = isSame && isAsFar ? 'absorb' : 'replace';
    this.#assign(entry, merged);
    const dropped = hidesBelow(entry) ? this.#dropBelow(nodeOf(entry)) : 0;
    return { rule, other, dropped };
  }

  #assign(entry: DirtyEntry, change: Change): void {
    this.#doubtful += Number(change.isDoubtful) - Number(entry.isDoubtful);
    entry.assign(change);
  }

  /** The entry leaves its lane for good. */
  #leave(entry: DirtyEntry): void {
    entry.lane?.leave(entry);
    if (entry.isDoubtful) this.#doubtful--;
  }

  #leaveLanes(node: PathNode<DirtyEntry>): void {
    for (const { value } of nodesFrom(node)) if (value !== undefined) this.#leave(value);
  }

  #makeWhole(entry: DirtyEntry): void {
    const isMixed = entry.isMixed || !entry.isDirectory;
    const { listing, isDoubtful } = entry;
    entry.assign({ kind: 'Create', isDirectory: true, isMixed, whole: true, listing, isDoubtful });
    this.#dropBelow(nodeOf(entry));
  }

  #dropBelow(node: PathNode<DirtyEntry>): number {
    if (node.children === undefined) return 0;
    const before = this.#tree.size;
    for (const child of node.children.values()) {
      this.#leaveLanes(child);
      this.#tree.detach(child);
    }
    return before - this.#tree.size;
  }

  #nameOf(entry: DirtyEntry | undefined): DelayName | undefined {
    if (entry === undefined || !this.#isTelling()) return undefined;
    return { kind: entry.kind, path: asKind(pathOfNode(nodeOf(entry)), entry.isDirectory) };
  }
}

/** Whatever waits below such an entry is part of it. */
function coversBelow({ kind, whole }: Pick<Change, 'kind' | 'whole'>): boolean {
  return whole || kind === 'Delete';
}

/** Below what is gone, or is a file, there is nothing of its own. */
function hidesBelow(entry: Pick<Change, 'kind' | 'whole' | 'isDirectory'>): boolean {
  return coversBelow(entry) || !entry.isDirectory;
}

function nodeOf({ node }: DirtyEntry): PathNode<DirtyEntry> {
  if (node === undefined) throw new Error('Cannot find the place of an entry: it has none');
  return node;
}

/** As `pathOfNode`, quick for nodes of one directory after the other. Nothing may be moved meanwhile. */
function createPathReader(): (node: PathNode<DirtyEntry>) => BytePath {
  let directory: PathNode<DirtyEntry> | undefined;
  let prefix = '/';
  return (node) => {
    const { parent } = node;
    if (parent === undefined) return '/';
    if (parent !== directory) prefix = parent.parent === undefined ? '/' : `${pathOfNode(parent)}/`;
    directory = parent;
    return prefix + node.name;
  };
}

/** `/a/d` as what it is. */
function asKind(path: BytePath, isDirectory: boolean): BytePath {
  return isDirectory && path !== '/' ? `${path}/` : path;
}

interface DelaySource {
  readonly entry: DirtyEntry;
  readonly path: BytePath;
  readonly status: DelayStatus;
}

/** A path that is gone, and was a file and a directory since the target last heard of it, goes as both. */
function pushDelays(delays: Delay[], source: DelaySource): void {
  const { kind, isDirectory, isMixed } = source.entry;
  const isBoth = kind === 'Delete' && isMixed;
  delays.push(toDelay(source, isBoth || isDirectory));
  if (isBoth) delays.push(toDelay(source, false));
}

function toDelay({ entry, path, status }: DelaySource, isDirectory: boolean): Delay {
  const { kind, whole, lane } = entry;
  const dueMs = lane?.notBeforeMs ?? entry.dueMs;
  const delay = { kind, path: asKind(path, isDirectory), status, dueMs, whole };
  return entry.listing && !whole && isDirectory ? { ...delay, listing: true } : delay;
}
