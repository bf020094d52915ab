// The queue of one sync: events in, batches out. Pure: time is an argument, nothing is read or logged. It never forgets a path
// that must be looked at, keeps moves in their order, and finds what an event meets in O(path depth).
//
// It holds the moves that wait, in order, and a set of changed paths in the namespace after those moves. A batch runs its moves
// first, then brings each of its paths to the state that the source has at that moment. That is right as long as three things hold:
// what a batch did to a path that is then moved is done again at the new place; a directory that was replaced is sent whole; and
// nothing overlaps what is active.

import { isAtOrBelow, isBelow, isDirectoryPath, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { FsEvent } from '../watch/monitor.ts';
import type { Combination, DelayName } from './combination.ts';
import type { Batch, Delay, DelayKind, DelayStatus } from './delay.ts';
import { DirtySet, type Marked } from './dirty-set.ts';
import { InFlight } from './in-flight.ts';
import type { Change } from './merge-changes.ts';
import { PendingMoves, type PendingMove } from './pending-moves.ts';
import { placeRemaining, toOldChange } from './place-remaining.ts';

/** How late an event may be: seen by a batch's look at the source, delivered only after the batch ended. */
const DEFAULT_SETTLE_MS = 10_000;

/** More moves than this are not kept as moves: a directory renamed in a loop while the target is away must not fill the memory. */
const MAX_PENDING_MOVES = 10_000;

/** A move of a directory below which more paths than this are active sends the directory whole instead of each of them. */
const MAX_RESENT_PATHS = 1_000;

/** Bytes of heap a waiting delay takes, about: measured with 1,000,000 paths; 260 in directories of 1,000 files, 800 where each has its own. */
const BYTES_PER_DELAY = 300;

export interface DelayQueueOptions {
  /** Quiet time before an event may start a batch, milliseconds. */
  readonly delayMs: number;
  /** So many waiting delays are due at once. */
  readonly maxDelays: number;
  /** false: a move becomes a delete and a create. */
  readonly takesMoves: boolean;
  /** When more paths wait than this, directories take the place of what waits in them, and are sent whole; default: no limit. */
  readonly maxPaths?: number;
  /** Whether anybody wants to know what came of an event; default: yes. To say it costs time. */
  readonly isTelling?: () => boolean;
  /** How long after the end of a batch an event from before that end may still arrive; default 10,000 ms. */
  readonly settleMs?: number;
}

export interface TakeOptions {
  /** So many changes at most; default: no limit. Moves are not counted. */
  readonly maxChanges?: number;
}

/** When what comes back from a batch may start again, and the time now; both monotonic. */
export interface RetryTimes {
  readonly nowMs: number;
  readonly notBeforeMs: (path: BytePath) => number;
}

type ChangeEvent = Exclude<FsEvent, { kind: 'move' }>;
type MoveEvent = Extract<FsEvent, { kind: 'move' }>;

const NOTHING: readonly Combination[] = [];

const KINDS = {
  create: 'Create',
  modify: 'Modify',
  attrib: 'Attrib',
  delete: 'Delete',
  listing: 'Modify',
} as const;

/** How much of what lies below a path is due with it, and when. */
interface Extent {
  readonly whole: boolean;
  readonly listing?: boolean;
  readonly dueMs: number;
}

export class DelayQueue {
  readonly #options: DelayQueueOptions;
  readonly #isTelling: () => boolean;
  readonly #dirty: DirtySet;
  readonly #moves = new PendingMoves();
  readonly #inFlight: InFlight;

  constructor(options: DelayQueueOptions) {
    this.#options = options;
    this.#isTelling = options.isTelling ?? isAlways;
    this.#dirty = new DirtySet(this.#isTelling);
    this.#inFlight = new InFlight(options.settleMs ?? DEFAULT_SETTLE_MS);
  }

  /** All delays: active, waiting and blocked. */
  get size(): number {
    return this.waitingCount + this.activeCount;
  }

  /** Those that are not active. */
  get waitingCount(): number {
    return this.#moves.size + this.#dirty.size;
  }

  get activeCount(): number {
    let count = 0;
    for (const { moves, changes } of this.#inFlight.batches) count += moves.length + changes.length;
    return count;
  }

  /** Bytes of memory that the waiting delays take, estimated. */
  get estimatedBytes(): number {
    return this.waitingCount * BYTES_PER_DELAY;
  }

  /**
   * Takes in one event; events must come in the order of the kernel.
   * @param nowMs monotonic
   * @returns what came of it, for the log, or (see `isTelling`) a part of that. One with `needsListing` is always there and must be obeyed:
   * list that directory now and add what is there
   */
  add(event: FsEvent, nowMs: number): readonly Combination[] {
    this.#inFlight.expire(nowMs);
    const dueMs = this.#dueMs(nowMs);
    const combinations = event.kind === 'move' ? this.#addMove(event, dueMs) : this.#addChange(event, dueMs);
    this.#collapse(dueMs);
    return combinations;
  }

  /**
   * The target below `path` is not known to be right (a rescan): send the path and all below it. Nothing happens to what already
   * waits but that it may become part of it.
   */
  addWhole(path: BytePath, nowMs: number): void {
    this.#inFlight.expire(nowMs);
    const dueMs = this.#dueMs(nowMs);
    this.#mark('Modify', path, { whole: true, dueMs });
    this.#collapse(dueMs);
  }

  /**
   * When the next batch may start, monotonic ms: -Infinity = at once (maxDelays is reached), undefined = not before an active batch
   * ends or an event comes. Not `take` is what looks at the time: call it when this is not later than now.
   */
  nextDueMs(): number | undefined {
    const isBlocked = (path: BytePath): boolean => this.#isBlocked(path);
    const freshMs = this.#dirty.freshDueMs(isBlocked);
    const isFull = this.#moves.size + this.#dirty.freshSize >= this.#options.maxDelays;
    if (isFull && (freshMs !== undefined || this.#moves.hasFreeFresh)) return Number.NEGATIVE_INFINITY;
    const times = [freshMs, this.#moves.freeDueMs, this.#dirty.heldDueMs(isBlocked)];
    const known = times.filter((ms) => ms !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /**
   * Everything that waits (due or not, as lsyncd does), is not held by a retry beyond `nowMs`, and overlaps neither what is active
   * nor a move that must wait. It is active until `done` or `again`. undefined: there is nothing.
   */
  take(nowMs: number, { maxChanges = Number.POSITIVE_INFINITY }: TakeOptions = {}): Batch | undefined {
    this.#inFlight.expire(nowMs);
    const overlapsActive = (path: BytePath): boolean => this.#overlapsActive(path);
    const { taken, waiting } = this.#moves.take(nowMs, overlapsActive);
    const isFree = this.#inFlight.batches.size === 0 && waiting.size === 0;
    const isBlocked = (path: BytePath): boolean =>
      overlapsActive(path) || waiting.overlapping(path) !== undefined;
    const batch = {
      moves: taken.map((move) => toDelay(move, 'active')),
      changes: this.#dirty.take(nowMs, {
        isBlocked: isFree ? undefined : isBlocked,
        maxEntries: maxChanges,
      }),
    };
    if (batch.moves.length + batch.changes.length === 0) return undefined;
    this.#inFlight.start(batch);
    this.#refresh();
    return batch;
  }

  /**
   * Makes batches of the parts of an active one, which may run beside each other and end one by one. Together they must have its
   * moves and its changes, each once, the moves all in one of them.
   * @throws Error if the batch is not active
   */
  split(batch: Batch, parts: readonly Batch[]): void {
    this.#inFlight.split(batch, parts);
  }

  /**
   * The batch is done, all of it.
   * @param nowMs monotonic; without it, it is taken to have ended when the queue next hears the time
   * @throws Error if the batch is not active
   */
  done(batch: Batch, nowMs?: number): void {
    this.#inFlight.end(batch, nowMs);
    this.#refresh();
  }

  /**
   * The batch ended; what is in `remaining` waits again, before all that was queued meanwhile, and does not start before
   * `retry`, unless something new is seen of it. Of a move that could not be done `remaining` has the origin as Delete and the destination as a whole Create.
   * @throws Error if the batch is not active
   */
  again(batch: Batch, remaining: Batch, retry: number | RetryTimes): void {
    const { nowMs, notBeforeMs } =
      typeof retry === 'number' ? { nowMs: retry, notBeforeMs: () => retry } : retry;
    this.#inFlight.end(batch, nowMs);
    const since = [...this.#moves];
    this.#moves.unshift(remaining.moves.map((move) => toHeldMove(move, notBeforeMs(move.path))));
    for (const { path, change } of placeRemaining(batch, remaining, since)) {
      this.#dirty.markOlder(path, change, notBeforeMs(path));
    }
    this.#collapse(this.#dueMs(nowMs));
    this.#refresh();
  }

  /** Takes in what could not be sent in another way than by a batch; none of it starts before its time, unless something new is seen of it. */
  addFailed(changes: readonly Delay[], notBeforeMs: (path: BytePath) => number): void {
    for (const change of changes) {
      this.#dirty.markOlder(change.path, toOldChange(change), notBeforeMs(change.path));
    }
    this.#refresh();
  }

  /** Whatever is held for a retry may start at `nowMs`. */
  releaseHolds(nowMs: number): void {
    this.#moves.releaseHolds();
    this.#dirty.releaseHolds(nowMs);
    this.#refresh();
  }

  /** All delays: the active ones, the moves that wait, the changed paths in order of arrival. */
  *entries(): Generator<Delay> {
    for (const { moves, changes } of this.#inFlight.batches) {
      yield* moves;
      yield* changes;
    }
    const statusOf = (path: BytePath): DelayStatus => (this.#isBlocked(path) ? 'block' : 'wait');
    for (const move of this.#moves) yield toDelay(move, this.#statusOfMove(move));
    yield* this.#dirty.entries(statusOf);
  }

  #statusOfMove({ path, movedTo }: PendingMove): DelayStatus {
    return this.#overlapsActive(path) || this.#overlapsActive(movedTo) ? 'block' : 'wait';
  }

  /** In whole milliseconds: a fraction would take memory of its own, for each path. */
  #dueMs(nowMs: number): number {
    return Math.floor(nowMs + this.#options.delayMs);
  }

  #overlapsActive(path: BytePath): boolean {
    return this.#inFlight.overlapping(path) !== undefined;
  }

  #isBlocked(path: BytePath): boolean {
    return this.#overlapsActive(path) || this.#moves.blocks(path);
  }

  #refresh(): void {
    this.#moves.refresh((path) => this.#overlapsActive(path));
    this.#dirty.resetMarks();
  }

  #addChange(event: ChangeEvent, dueMs: number): readonly Combination[] {
    const kind = KINDS[event.kind];
    if (kind === 'Delete' && event.path === '/') return [{ rule: 'refuse', delay: { kind, path: '/' } }];
    if (!this.#isTelling()) {
      this.#change(kind, event.path, { whole: false, dueMs, listing: event.kind === 'listing' });
      return NOTHING;
    }
    const combination = this.#mark(kind, event.path, {
      whole: false,
      dueMs,
      listing: event.kind === 'listing',
    });
    return [event.kind === 'create' && event.found === true ? { ...combination, found: true } : combination];
  }

  #mark(kind: Change['kind'], path: BytePath, extent: Extent): Combination {
    return this.#name({ kind, path }, this.#change(kind, path, extent));
  }

  #change(kind: Change['kind'], path: BytePath, { whole, dueMs, listing = false }: Extent): Marked {
    const isDirectory = isDirectoryPath(path);
    const isWhole = isDirectory && (whole || (kind === 'Create' && this.#inFlight.mayHaveTouched(path)));
    const change = { kind, isDirectory, isMixed: false, whole: isWhole, listing, isDoubtful: false };
    return this.#dirty.mark(path, change, dueMs);
  }

  #collapse(dueMs: number): void {
    const { maxPaths } = this.#options;
    if (maxPaths !== undefined && this.#dirty.size > maxPaths) this.#dirty.collapse(maxPaths, dueMs);
  }

  #name(delay: DelayName, { rule, other, dropped }: Marked): Combination {
    const active = rule === 'new' || rule === 'stack' ? this.#inFlight.overlapping(delay.path) : undefined;
    if (active !== undefined) return { rule: 'block', delay, other: active };
    const count = dropped > 0 ? { count: dropped } : {};
    return other === undefined ? { rule, delay, ...count } : { rule, delay, other, ...count };
  }

  #addMove(event: MoveEvent, dueMs: number): readonly Combination[] {
    const { path, movedTo } = event;
    const delay: DelayName = { kind: 'Move', path, movedTo };
    if (path === '/' || movedTo === '/') return [{ rule: 'refuse', delay }];
    if (withoutTrailingSlash(path) === withoutTrailingSlash(movedTo)) return [];
    const isNested = isBelow(path, movedTo) || isBelow(movedTo, path);
    if (!this.#options.takesMoves || isNested || this.#moves.size >= MAX_PENDING_MOVES) {
      return this.#split(event, { dueMs });
    }
    const pending = this.#dirty.get(path);
    if (pending?.kind === 'Create' || pending?.kind === 'Delete') {
      return this.#split(event, { dueMs, on: pending.kind });
    }
    return this.#queueMove(event, dueMs);
  }

  #queueMove({ path, movedTo }: MoveEvent, dueMs: number): readonly Combination[] {
    const delay: DelayName = { kind: 'Move', path, movedTo };
    const isUncertain = this.#dirty.isUncertainAbove(path) || this.#inFlight.wasSentWholeAbove(path);
    const count = this.#dirty.rebase(path, movedTo);
    if (isUncertain) this.#dirty.doubt(movedTo, dueMs);
    this.#sendAgain({ path, movedTo }, dueMs);
    this.#touchAgain({ path, movedTo }, dueMs);
    const active = this.#inFlight.overlapping(path) ?? this.#inFlight.overlapping(movedTo);
    if (!this.#fold({ path, movedTo }, dueMs)) {
      this.#moves.push({ path, movedTo, dueMs }, (end) => this.#overlapsActive(end));
    }
    const combination: Combination =
      active === undefined ? { rule: 'new', delay } : { rule: 'block', delay, other: active };
    return count === 0 ? [combination] : [combination, { rule: 'rebase', delay, count }];
  }

  /**
   * What is active (or was, lately) at and below the origin may have been looked for after it had moved, found missing or to be
   * something else, and removed: it is due again at the destination, whole.
   */
  #sendAgain(
    { path, movedTo }: { readonly path: BytePath; readonly movedTo: BytePath },
    dueMs: number,
  ): void {
    const count = this.#inFlight.sentCount(path);
    if (count === 0) return;
    if (!isDirectoryPath(movedTo) || count > MAX_RESENT_PATHS) {
      this.#dirty.doubt(movedTo, dueMs);
      return;
    }
    const place = withoutTrailingSlash(movedTo);
    for (const [suffix, { isDirectory }] of this.#inFlight.sentFrom(path)) {
      this.#dirty.doubt(suffix === '' ? movedTo : place + suffix + (isDirectory ? '/' : ''), dueMs);
      this.#markParents(place + suffix, { top: place, dueMs });
    }
  }

  /** Moves that are active at the target change the times of directories there, and may find these gone from the source when they want to set them right. */
  #touchAgain(
    { path, movedTo }: { readonly path: BytePath; readonly movedTo: BytePath },
    dueMs: number,
  ): void {
    if (!isDirectoryPath(movedTo)) return;
    const place = withoutTrailingSlash(movedTo);
    for (const suffix of this.#inFlight.touchedFrom(path))
      this.#mark('Attrib', `${place}${suffix}/`, { whole: false, dueMs });
  }

  /** What is sent takes the attributes of its parents along, and those may have been of others that had their names by then. */
  #markParents(path: BytePath, { top, dueMs }: { readonly top: BytePath; readonly dueMs: number }): void {
    for (let at = path; at.length > top.length;) {
      at = at.slice(0, at.lastIndexOf('/'));
      this.#mark('Attrib', `${at}/`, { whole: false, dueMs });
    }
  }

  /** a → b that waits, then b → c: a → c, and what b was on the target goes; b → a: only that, but a file is looked at, since it may be another one unheard. */
  #fold({ path, movedTo }: { readonly path: BytePath; readonly movedTo: BytePath }, dueMs: number): boolean {
    const { last } = this.#moves;
    if (last === undefined || last.notBeforeMs !== undefined) return false;
    if (withoutTrailingSlash(last.movedTo) !== withoutTrailingSlash(path)) return false;
    const isBack = withoutTrailingSlash(last.path) === withoutTrailingSlash(movedTo);
    if (!isBack && (isAtOrBelow(last.path, movedTo) || isAtOrBelow(movedTo, last.path))) return false;
    this.#moves.pop();
    if (!isBack) this.#moves.push({ path: last.path, movedTo, dueMs: last.dueMs }, () => false);
    else if (!isDirectoryPath(movedTo)) this.#mark('Attrib', movedTo, { whole: false, dueMs });
    this.#mark('Delete', path, { whole: false, dueMs });
    this.#refresh();
    return true;
  }

  #split(
    event: MoveEvent,
    { dueMs, on }: { readonly dueMs: number; readonly on?: DelayKind },
  ): readonly Combination[] {
    const { path, movedTo, overExistingDirectory } = event;
    const origin = this.#mark('Delete', path, { whole: false, dueMs });
    // A listing made now may be of a source that is moves ahead. Where those will be moves in the queue, only `whole` goes along.
    const whole = overExistingDirectory || this.#options.takesMoves;
    const destination = this.#mark('Create', movedTo, { whole, dueMs });
    const isBare = isDirectoryPath(movedTo) && this.#dirty.get(movedTo)?.whole === false;
    const delay: DelayName = { kind: 'Move', path, movedTo };
    const other = on === undefined ? {} : { other: { kind: on, path } };
    const listing = isBare ? { needsListing: movedTo } : {};
    return [{ rule: 'split', delay, ...other }, origin, { ...destination, ...listing }];
  }
}

function isAlways(): boolean {
  return true;
}

function toDelay({ path, movedTo, dueMs, notBeforeMs }: PendingMove, status: DelayStatus): Delay {
  return { kind: 'Move', path, movedTo, status, dueMs: notBeforeMs ?? dueMs, whole: false };
}

function toHeldMove({ path, movedTo = path, dueMs }: Delay, notBeforeMs: number): PendingMove {
  return { path, movedTo, dueMs, notBeforeMs };
}
