// What was given out: the active batches, and for a while those that ended. The while is for events that are late: a batch
// looks at the source, and what it saw may be the work of a change whose event has not been delivered yet.

import { isDirectoryPath, parentOf, type BytePath } from '../byte-path.ts';
import { landings, touchedByMoves } from '../after-moves.ts';
import type { Batch, Delay } from './delay.ts';
import { nodesFrom, pathOfNode, PathTree, type PathNode } from '../path-tree.ts';

/** What was (or is being) done at a path on the target. */
export interface Sent {
  readonly isDirectory: boolean;
  readonly whole: boolean;
}

interface SentRecord {
  isDirectory: boolean;
  whole: boolean;
  listing: boolean;
  /** Files that a move brought there were compared, and are compared again by the next move that takes them. */
  isLanded: boolean;
  /** Batches that speak of it. */
  uses: number;
}

/** A directory in which a move changed something, and so its time. */
interface Touched {
  /** Batches whose moves did. */
  uses: number;
}

interface Active {
  delay: Delay;
  uses: number;
}

interface Settling {
  readonly batch: Batch;
  /** undefined: not known yet, counts from the next time anybody says what time it is. */
  untilMs: number | undefined;
}

export class InFlight {
  readonly #settleMs: number;
  readonly #batches = new Set<Batch>();
  /** Those that are not in the trees yet: they are put there by the first question. Most batches end before there is one. */
  readonly #unread = new Set<Batch>();
  readonly #active = new PathTree<Active>();
  readonly #sent = new PathTree<SentRecord>();
  readonly #touched = new PathTree<Touched>();
  #settling: Settling[] = [];

  /** @param settleMs how late an event may be, in milliseconds */
  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  get batches(): ReadonlySet<Batch> {
    return this.#batches;
  }

  /** An active delay at, above or below the path. */
  overlapping(path: BytePath): Delay | undefined {
    if (this.#batches.size === 0) return undefined;
    this.#read();
    return this.#active.overlapping(path)?.delay;
  }

  start(batch: Batch): void {
    this.#batches.add(batch);
    this.#unread.add(batch);
  }

  /**
   * @param nowMs absent: the settling time counts from the next `expire`
   * @throws Error if the batch is not active
   */
  end(batch: Batch, nowMs?: number): void {
    if (!this.#batches.delete(batch)) throw new Error('Cannot end the batch: it is not active');
    if (!this.#unread.has(batch)) this.#endActive(batch);
    const untilMs = nowMs === undefined ? undefined : nowMs + this.#settleMs;
    this.#settling.push({ batch, untilMs });
  }

  /**
   * From now on its parts are the batches; together they are what it was.
   * @throws Error if the batch is not active
   */
  split(batch: Batch, parts: readonly Batch[]): void {
    if (!this.#batches.delete(batch)) throw new Error('Cannot split the batch: it is not active');
    const isUnread = this.#unread.delete(batch);
    for (const part of parts) {
      this.#batches.add(part);
      if (isUnread) this.#unread.add(part);
    }
  }

  /** Forgets what has settled by `nowMs`. To be called before the questions below are asked. */
  expire(nowMs: number): void {
    if (this.#settling.length === 0) return;
    for (const settling of this.#settling) {
      settling.untilMs ??= nowMs + this.#settleMs;
      if (settling.untilMs <= nowMs && !this.#unread.delete(settling.batch)) this.#forget(settling.batch);
    }
    this.#settling = this.#settling.filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs);
  }

  /** True if the target may hold at or below the path what a batch left there. */
  mayHaveTouched(path: BytePath): boolean {
    return this.sentCount(path) > 0 || this.wasSentWholeAbove(path);
  }

  /** True if a whole directory strictly above the path was sent, or the entries of the one it is in. */
  wasSentWholeAbove(path: BytePath): boolean {
    this.#read();
    for (const sent of this.#sent.above(path)) if (sent.whole) return true;
    const parent = parentOf(path);
    return parent !== undefined && this.#sent.get(parent)?.listing === true;
  }

  /** How many paths at and below this one were sent; the file that a move brought to the path itself is not counted. */
  sentCount(path: BytePath): number {
    this.#read();
    const top = this.#sent.find(path);
    return (top?.count ?? 0) - (top?.value?.isLanded === true ? 1 : 0);
  }

  /** Those at and below the path, each with what its path has behind it: `''`, `/f`, `/e/f`. */
  *sentFrom(path: BytePath): Generator<readonly [suffix: BytePath, sent: Sent]> {
    this.#read();
    const top = this.#sent.find(path);
    if (top === undefined) return;
    const length = pathOfNode(top).length;
    for (const node of nodesFrom(top as PathNode<Sent>)) {
      if (node.value !== undefined) yield [pathOfNode(node).slice(length), node.value];
    }
  }

  /** Directories at and below the path in which moves change something, as `sentFrom` has them. */
  *touchedFrom(path: BytePath): Generator<BytePath> {
    this.#read();
    const top = this.#touched.find(path);
    if (top === undefined) return;
    const { length } = pathOfNode(top);
    for (const node of nodesFrom(top)) if (node.value !== undefined) yield pathOfNode(node).slice(length);
  }

  #read(): void {
    if (this.#unread.size === 0) return;
    for (const batch of this.#unread) {
      for (const sent of sentBy(batch)) this.#remember(sent);
      for (const path of touchedByMoves(batch.moves)) this.#touch(path);
      if (this.#batches.has(batch)) this.#beginActive(batch);
    }
    this.#unread.clear();
  }

  #beginActive(batch: Batch): void {
    for (const [path, delay] of endsOf(batch)) {
      const { node } = this.#active.reach(path, hidesNothing);
      if (node.value === undefined) this.#active.put(node, { delay, uses: 1 });
      else node.value.uses++;
    }
  }

  #endActive(batch: Batch): void {
    for (const [path] of endsOf(batch)) {
      const node = this.#active.find(path);
      if (node?.value !== undefined && --node.value.uses === 0) this.#active.remove(node);
    }
  }

  #remember({ kind, path, whole, listing = false }: Delay): void {
    const isDirectory = path.endsWith('/');
    const isLanded = kind === 'Move';
    const { node } = this.#sent.reach(path, hidesNothing);
    const known = node.value;
    if (known === undefined) {
      this.#sent.put(node, { isDirectory, whole, listing, isLanded, uses: 1 });
      return;
    }
    known.isLanded &&= isLanded;
    known.isDirectory ||= isDirectory;
    known.whole ||= whole;
    known.listing ||= listing;
    known.uses++;
  }

  #touch(path: BytePath): void {
    const { node } = this.#touched.reach(path, hidesNothing);
    if (node.value === undefined) this.#touched.put(node, { uses: 1 });
    else node.value.uses++;
  }

  #forget(batch: Batch): void {
    for (const { path } of sentBy(batch)) {
      const node = this.#sent.find(path);
      if (node?.value !== undefined && --node.value.uses === 0) this.#sent.remove(node);
    }
    for (const path of touchedByMoves(batch.moves)) {
      const node = this.#touched.find(path);
      if (node?.value !== undefined && --node.value.uses === 0) this.#touched.remove(node);
    }
  }
}

function hidesNothing(): boolean {
  return false;
}

/** The changes, and what may be sent since a file was moved there, or was in a directory that was moved then. */
function sentBy({ moves, changes }: Batch): readonly Delay[] {
  if (moves.length === 0) return changes;
  const destinations = moves.flatMap(({ movedTo }) => movedTo ?? []).filter((path) => !isDirectoryPath(path));
  const landed = new Set([...destinations, ...landings(moves).keys()]);
  return [...[...landed].map(toLanded), ...changes];
}

function toLanded(path: BytePath): Delay {
  return { kind: 'Move', path, status: 'active', dueMs: 0, whole: false };
}

function* endsOf(batch: Batch): Generator<readonly [BytePath, Delay]> {
  for (const move of batch.moves) {
    yield [move.path, move];
    if (move.movedTo !== undefined) yield [move.movedTo, move];
  }
  for (const change of batch.changes) yield [change.path, change];
}
