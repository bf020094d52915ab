// The changed paths that wait, one entry a path, in the namespace after all pending moves. Knows how a change meets what is
// already there; knows nothing of moves but that a subtree can be re-rooted, nor of batches but that entries leave.

import { isDirectoryPath, parentOf, type BytePath } from '../byte-path.ts';
import type { CombineRule, DelayName } from './combination.ts';
import type { Delay, DelayKind, DelayStatus } from './delay.ts';
import { branchingDirectories, hotDirectories } from './hot-directories.ts';
import { Lane, type LaneEntry } from './lane.ts';
import { mergeChanges, type Change } from './merge-changes.ts';
import { nodesFrom, pathOfNode, PathTree, type PathNode } from './path-tree.ts';

export interface DirtyEntry extends Change, LaneEntry<DirtyEntry> {
  node: PathNode<DirtyEntry>;
  /** Monotonic ms; what holds in a held lane is that lane's `notBeforeMs`. */
  dueMs: number;
}

/** How a change was taken in. */
export interface Marked {
  readonly rule: Extract<CombineRule, 'new' | 'stack' | 'absorb' | 'replace'>;
  /** The entry it met. */
  readonly other?: DelayName;
  /** How many entries below it were dropped. */
  readonly dropped: number;
}

export class DirtySet {
  readonly #tree = new PathTree<DirtyEntry>();
  readonly #fresh = new Lane<DirtyEntry>();
  readonly #held: Lane<DirtyEntry>[] = [];
  /** How many entries are doubtful. */
  #doubtful = 0;

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
    let nearest: DirtyEntry | undefined;
    for (const above of this.#tree.above(path)) {
      if (coversBelow(above) || !above.isDirectory) {
        const isGone = above.kind === 'Delete' && change.kind === 'Delete';
        if (!above.whole && !isGone) this.#makeWhole(above);
        this.#hasten(above, dueMs);
        return { rule: 'absorb', other: nameOf(above), dropped: 0 };
      }
      nearest = above;
    }
    const known = this.#tree.get(path);
    if (known !== undefined) {
      this.#hasten(known, dueMs);
      return this.#replace(known, mergeChanges(known, change));
    }
    const entry = this.#insert(path, change, this.#fresh, dueMs);
    const dropped = coversBelow(entry) || !entry.isDirectory ? this.#dropBelow(entry.node) : 0;
    if (dropped > 0) return { rule: 'replace', dropped };
    return nearest === undefined
      ? { rule: 'new', dropped }
      : { rule: 'stack', other: nameOf(nearest), dropped };
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
      known.whole = true;
      this.#dropBelow(known.node);
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
      this.#insert(path, { ...change, kind: 'Create', isDirectory: true, whole: true }, lane, notBeforeMs);
    } else {
      this.#insert(path, change, lane, notBeforeMs);
    }
    const entry = this.#tree.get(path);
    if (entry !== undefined && coversBelow(entry)) this.#dropBelow(entry.node);
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
      if (!coversBelow(above) && above.isDirectory) continue;
      if (!above.whole) this.#makeWhole(above);
      this.drop(from);
      return 0;
    }
    this.#tree.detach(node);
    this.#tree.attach(node, to);
    if (this.#doubtful > 0) {
      for (const { value } of nodesFrom(node)) if (value?.isDoubtful === true) value.whole = true;
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
    return this.#fresh.firstFree((entry) => isBlocked(pathOfNode(entry.node)))?.dueMs;
  }

  /** The same for the held ones. */
  heldDueMs(isBlocked: (path: BytePath) => boolean): number | undefined {
    let dueMs: number | undefined;
    for (const lane of this.#held) {
      const { notBeforeMs = 0 } = lane;
      if (dueMs !== undefined && dueMs <= notBeforeMs) continue;
      if (lane.firstFree((entry) => isBlocked(pathOfNode(entry.node))) !== undefined) dueMs = notBeforeMs;
    }
    return dueMs;
  }

  /** Those that are neither blocked nor held at `nowMs` leave, `maxEntries` at most, in order of arrival, and are given as active delays. */
  take(
    nowMs: number,
    {
      isBlocked,
      maxEntries,
    }: { readonly isBlocked: (path: BytePath) => boolean; readonly maxEntries: number },
  ): Delay[] {
    const taken: Delay[] = [];
    for (const lane of this.#lanes()) {
      if (lane.notBeforeMs !== undefined && lane.notBeforeMs > nowMs) continue;
      for (const entry of lane) {
        if (taken.length >= maxEntries) return taken;
        if (isBlocked(pathOfNode(entry.node))) continue;
        taken.push(...toDelays(entry, 'active'));
        this.#leave(entry);
        this.#tree.remove(entry.node);
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
      for (const entry of lane) yield* toDelays(entry, statusOf(pathOfNode(entry.node)));
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

  #insert(path: BytePath, change: Change, lane: Lane<DirtyEntry>, dueMs: number): DirtyEntry {
    const { kind, isDirectory, isMixed, whole, listing = false, isDoubtful } = change;
    const links = { lane: undefined, previous: undefined, next: undefined };
    const state = { kind, isDirectory, isMixed, whole, listing, isDoubtful, dueMs };
    const entry = { ...state, ...links } as unknown as DirtyEntry;
    entry.node = this.#tree.set(path, entry);
    if (isDoubtful) this.#doubtful++;
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
    const other = nameOf(entry);
    const isSame = entry.kind === merged.kind && entry.isDirectory === merged.isDirectory;
    const isAsFar = entry.whole === merged.whole && entry.listing === (merged.listing ?? false);
    const rule = isSame && isAsFar ? 'absorb' : 'replace';
    this.#assign(entry, merged);
    const dropped = coversBelow(entry) || !entry.isDirectory ? this.#dropBelow(entry.node) : 0;
    return { rule, other, dropped };
  }

  #assign(entry: DirtyEntry, change: Change): void {
    const { kind, isDirectory, isMixed, whole, listing = false, isDoubtful } = change;
    this.#doubtful += Number(isDoubtful) - Number(entry.isDoubtful);
    Object.assign(entry, { kind, isDirectory, isMixed, whole, listing, isDoubtful });
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
    Object.assign(entry, { kind: 'Create', isDirectory: true, isMixed, whole: true });
    this.#dropBelow(entry.node);
  }

  #dropBelow(node: PathNode<DirtyEntry>): number {
    const before = this.#tree.size;
    for (const child of node.children?.values() ?? []) {
      this.#leaveLanes(child);
      this.#tree.detach(child);
    }
    return before - this.#tree.size;
  }
}

/** Whatever waits below such an entry is part of it. */
function coversBelow({ kind, whole }: Change): boolean {
  return whole || kind === 'Delete';
}

function nameOf(entry: DirtyEntry): DelayName {
  return { kind: entry.kind, path: pathOf(entry, entry.isDirectory) };
}

function pathOf(entry: DirtyEntry, asDirectory: boolean): BytePath {
  const path = pathOfNode(entry.node);
  return asDirectory && path !== '/' ? `${path}/` : path;
}

/** A path that is gone, and was a file and a directory since the target last heard of it, goes as both. */
function toDelays(entry: DirtyEntry, status: DelayStatus): Delay[] {
  const delay = (asDirectory: boolean): Delay => ({
    kind: entry.kind satisfies DelayKind,
    path: pathOf(entry, asDirectory),
    status,
    dueMs: entry.lane?.notBeforeMs ?? entry.dueMs,
    whole: entry.whole,
    ...(entry.listing === true && !entry.whole && asDirectory ? { listing: true } : undefined),
  });
  const isBoth = entry.kind === 'Delete' && entry.isMixed;
  return isBoth ? [delay(true), delay(false)] : [delay(entry.isDirectory)];
}
