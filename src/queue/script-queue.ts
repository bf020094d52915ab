// The queue of a sync whose actions are the user's Lua: every event by itself, in the order of arrival, as lsyncd gives them to a
// script. What overlaps an earlier delay waits until that is done. Pure: time is an argument, nothing is read or logged.

import { isDirectoryPath, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { FsEvent } from '../watch/monitor.ts';
import type { Combination, DelayName } from './combination.ts';
import type { DelayKind, DelayStatus } from './delay.ts';
import { nodesFrom, PathTree } from '../path-tree.ts';

/** Init: the startup. Blanket, Full: asked for by a script. What comes after one of the three waits for it. */
export type ScriptDelayKind = DelayKind | 'Init' | 'Full' | 'Blanket';

export interface ScriptDelay {
  readonly kind: ScriptDelayKind;
  /** `/a/f`, directories `/a/d/`; `/` for those that overlap everything. */
  readonly path: BytePath;
  /** Destination of a Move. */
  readonly movedTo?: BytePath;
  readonly status: DelayStatus;
  /** Monotonic milliseconds: not before this. */
  readonly dueMs: number;
  /** As in Delay. Scripts see every event by itself and set no store by it. */
  readonly whole: false;
}

interface Entry extends ScriptDelay {
  status: DelayStatus;
  dueMs: number;
  isTriedAgain: boolean;
  /** Earlier ones that it waits for. */
  blockers: number;
  /** Later ones that wait for it. */
  readonly blocked: Set<Entry>;
}

export interface ScriptQueueOptions {
  readonly delayMs: number;
  /** So many waiting delays are due at once. */
  readonly maxDelays: number;
  /** false: a move becomes a delete and a create. */
  readonly takesMoves: boolean;
}

const KINDS = { create: 'Create', modify: 'Modify', attrib: 'Attrib', delete: 'Delete' } as const;

export class ScriptQueue {
  readonly #options: ScriptQueueOptions;
  /** In the order of arrival. */
  readonly #entries = new Set<Entry>();
  readonly #byPath = new PathTree<Set<Entry>>();

  constructor(options: ScriptQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  entries(): Iterable<ScriptDelay> {
    return this.#entries;
  }

  /** Takes in one event. @returns what came of it, for the log; one with `needsListing` must be obeyed, as with DelayQueue */
  add(event: FsEvent, nowMs: number): readonly Combination[] {
    // What is gone unseen is for the startup of the script to find.
    if (event.kind === 'listing') return [];
    const dueMs = nowMs + this.#options.delayMs;
    if (event.kind === 'move') return this.#addMove(event, dueMs);
    const kind = KINDS[event.kind];
    if (kind === 'Delete' && event.path === '/') return [{ rule: 'refuse', delay: { kind, path: '/' } }];
    const combination = this.#addChange({ kind, path: event.path }, dueMs);
    return [event.kind === 'create' && event.found === true ? { ...combination, found: true } : combination];
  }

  /** A delay that waits only for what is active, is due at once, and that all later ones wait for. */
  addBlanket(kind: 'Init' | 'Full' | 'Blanket', nowMs: number): ScriptDelay {
    return this.#insert({ kind, path: '/' }, nowMs).entry;
  }

  /** Takes a delay over from the queue of an earlier life of the config. */
  adopt({ kind, path, movedTo }: ScriptDelay, nowMs: number): void {
    const name = { kind, path, ...(movedTo === undefined ? {} : { movedTo }) };
    this.#insert(name, nowMs);
  }

  /** What may start, in order. */
  *ready(nowMs: number): Generator<ScriptDelay> {
    for (const entry of this.waiting()) if (this.#isDue(entry, nowMs)) yield entry;
  }

  /** What may start but for its time, in order. */
  *waiting(): Generator<Readonly<Entry>> {
    for (const entry of this.#entries) if (entry.status === 'wait') yield entry;
  }

  /**
   * Those that `test` takes of all that wait, in order; what is held back only by taken ones is asked for too.
   */
  choose(test: (delay: ScriptDelay) => 'take' | 'leave' | 'end'): readonly ScriptDelay[] {
    const chosen: Entry[] = [];
    const released = new Map<Entry, number>();
    for (const entry of this.#entries) {
      const isFree =
        entry.status === 'block' ? released.get(entry) === entry.blockers : entry.status === 'wait';
      if (!isFree) continue;
      const answer = test(entry);
      if (answer === 'end') break;
      if (answer === 'leave') continue;
      chosen.push(entry);
      for (const later of entry.blocked) released.set(later, (released.get(later) ?? 0) + 1);
    }
    return chosen;
  }

  /** When the next may start; -Infinity = at once, undefined = not before something ends or comes. */
  nextDueMs(): number | undefined {
    let dueMs: number | undefined;
    for (const entry of this.waiting()) {
      if (this.#isDue(entry, Number.NEGATIVE_INFINITY)) return Number.NEGATIVE_INFINITY;
      dueMs = Math.min(dueMs ?? entry.dueMs, entry.dueMs);
      // The later ones are due later, unless they are tried again.
      if (!entry.isTriedAgain) break;
    }
    return dueMs;
  }

  /** @throws Error if one of them is active, or held back by one that is not among those before it */
  start(delays: readonly ScriptDelay[]): void {
    const released = new Map<Entry, number>();
    for (const entry of delays.map((delay) => this.#known(delay))) {
      for (const later of entry.blocked) released.set(later, (released.get(later) ?? 0) + 1);
      const isFree =
        entry.status === 'block' ? released.get(entry) === entry.blockers : entry.status === 'wait';
      if (!isFree) throw new Error(`Cannot start ${entry.kind} ${entry.path}: it is ${entry.status}`);
      entry.status = 'active';
    }
  }

  /** They are done, active or not; unknown ones are left out. */
  done(delays: readonly ScriptDelay[]): void {
    for (const delay of delays) {
      const entry = delay as Entry;
      if (!this.#entries.delete(entry)) continue;
      for (const end of endsOf(entry)) this.#leave(end, entry);
      for (const other of entry.blocked) {
        other.blockers--;
        if (other.blockers === 0 && other.status === 'block') other.status = 'wait';
      }
    }
  }

  /** Active ones wait again, in their old place, and not before `notBeforeMs`. */
  again(delays: readonly ScriptDelay[], notBeforeMs: number): void {
    for (const entry of delays.map((delay) => this.#known(delay))) {
      const status = entry.blockers > 0 ? 'block' : 'wait';
      Object.assign(entry, { status, dueMs: notBeforeMs, isTriedAgain: true });
    }
  }

  has(delay: ScriptDelay): boolean {
    return this.#entries.has(delay as Entry);
  }

  #known(delay: ScriptDelay): Entry {
    if (!this.has(delay)) throw new Error(`Cannot find ${delay.kind} ${delay.path} in the queue`);
    return delay as Entry;
  }

  #isDue({ kind, dueMs }: ScriptDelay, nowMs: number): boolean {
    if (dueMs <= nowMs) return true;
    return this.#entries.size >= this.#options.maxDelays && kind !== 'Init';
  }

  #addMove(event: FsEvent & { kind: 'move' }, dueMs: number): readonly Combination[] {
    const { path, movedTo } = event;
    const delay: DelayName = { kind: 'Move', path, movedTo };
    const newest = this.#newestAt(path);
    // What is active is done before the move; what waits would come too late to find the file.
    const pending = newest?.status === 'active' ? undefined : newest;
    if (this.#options.takesMoves && pending === undefined) return [this.#addChange(delay, dueMs)];
    const other = this.#options.takesMoves && pending !== undefined ? { other: nameOf(pending) } : {};
    const created = this.#addChangePair(path, movedTo, dueMs);
    return [{ rule: 'split', delay, ...other }, ...created];
  }

  #addChangePair(path: BytePath, movedTo: BytePath, dueMs: number): readonly Combination[] {
    const origin = this.#addChange({ kind: 'Delete', path }, dueMs);
    const destination = this.#addChange({ kind: 'Create', path: movedTo }, dueMs);
    const listing = isDirectoryPath(movedTo) ? { needsListing: movedTo } : {};
    return [origin, { ...destination, ...listing }];
  }

  #newestAt(path: BytePath): Entry | undefined {
    const waiting = [...(this.#byPath.get(path) ?? [])].filter(({ kind }) => isChange(kind));
    return waiting.at(-1);
  }

  #addChange(delay: DelayName, dueMs: number): Combination {
    const known = this.#newestAt(delay.path);
    // A file that is written for hours while a script is busy must not fill the memory.
    if (known?.status !== 'active' && known?.kind === delay.kind && delay.kind !== 'Move') {
      return { rule: 'absorb', delay, other: nameOf(known) };
    }
    const { blocker } = this.#insert(delay, dueMs);
    return blocker === undefined ? { rule: 'new', delay } : { rule: 'block', delay, other: nameOf(blocker) };
  }

  #insert(
    { kind, path, movedTo }: Omit<DelayName, 'kind'> & { readonly kind: ScriptDelayKind },
    dueMs: number,
  ): { readonly entry: Entry; readonly blocker: Entry | undefined } {
    const place = movedTo === undefined ? {} : { movedTo };
    const entry: Entry = {
      kind,
      path,
      ...place,
      status: 'wait',
      dueMs,
      isTriedAgain: false,
      whole: false,
      blockers: 0,
      blocked: new Set(),
    };
    let newest: Entry | undefined;
    for (const earlier of this.#overlapping(entry)) {
      earlier.blocked.add(entry);
      entry.blockers++;
      newest = earlier;
    }
    if (newest !== undefined) entry.status = 'block';
    this.#entries.add(entry);
    for (const end of endsOf(entry)) this.#join(end, entry);
    return { entry, blocker: newest };
  }

  #overlapping(entry: Entry): ReadonlySet<Entry> {
    if (!isChange(entry.kind)) return new Set([...this.#entries].filter(({ status }) => status === 'active'));
    const found = new Set<Entry>();
    for (const end of endsOf(entry)) {
      for (const above of this.#byPath.above(end)) for (const one of above) found.add(one);
      const node = this.#byPath.find(end);
      if (node === undefined) continue;
      for (const { value } of nodesFrom(node)) for (const one of value ?? []) found.add(one);
    }
    return found;
  }

  #join(path: BytePath, entry: Entry): void {
    const known = this.#byPath.get(path);
    if (known === undefined) this.#byPath.set(path, new Set([entry]));
    else known.add(entry);
  }

  #leave(path: BytePath, entry: Entry): void {
    const node = this.#byPath.find(path);
    node?.value?.delete(entry);
    if (node?.value?.size === 0) this.#byPath.remove(node);
  }
}

function isChange(kind: ScriptDelayKind): kind is DelayKind {
  return kind !== 'Init' && kind !== 'Full' && kind !== 'Blanket';
}

function endsOf({ path, movedTo }: ScriptDelay): readonly BytePath[] {
  if (movedTo === undefined || withoutTrailingSlash(movedTo) === withoutTrailingSlash(path)) return [path];
  return [path, movedTo];
}

function nameOf({ kind, path, movedTo }: Entry): DelayName {
  const known = isChange(kind) ? kind : 'Modify';
  return movedTo === undefined ? { kind: known, path } : { kind: known, path, movedTo };
}
