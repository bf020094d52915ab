// Runs a sequence of operations: users change the source, events are delivered late, batches start, end, fail. At the end
// everything is drained, and the target must be what the source is.

import { expect } from 'vitest';
import { withoutTrailingSlash, type BytePath } from '../../src/byte-path.ts';
import type { Batch, Delay } from '../../src/queue/delay.ts';
import { DelayQueue } from '../../src/queue/delay-queue.ts';
import type { FsEvent } from '../../src/watch/monitor.ts';
import { ModelRun } from './model-behaviour.ts';
import { ModelSource } from './model-source.ts';
import { copyOf, lookup, print, type DirectoryNode } from './model-tree.ts';

/** What is done, with three numbers that choose among what there is at that moment. */
export type Operation = readonly [name: OperationName, x: number, y: number, z: number];

export const OPERATIONS = [
  'write', 'makeDirectory', 'remove', 'changeAttributes', 'move', 'swap', 'moveOut', 'moveIn', 'moveInFile', 'moveInOver', 'replace', 'saveOver', 'lose',
  'deliver', 'deliverAll', 'rescan', 'start', 'startParts', 'step', 'finish', 'fail', 'wait',
] as const; // prettier-ignore

export type OperationName = (typeof OPERATIONS)[number];

export interface ModelOptions {
  readonly takesMoves: boolean;
  /** Paths that exist on both sides at the beginning; `/a/` is a directory. */
  readonly before: readonly BytePath[];
  /** true: all events are delivered before a batch is said to have ended, and nothing settles afterwards. */
  readonly hasBarrier: boolean;
  /** So few paths may wait by name, and go in one batch. */
  readonly isTight: boolean;
}

const NAMES = ['a', 'b', 'c'];
const MAX_DEPTH = 3;
const MAX_ACTIVE = 2;
const TIGHT = { maxPaths: 3, maxChanges: 2 };
/** A drain that takes more batches than this never ends. */
const MAX_BATCHES = 100;

export class Model {
  readonly queue: DelayQueue;
  readonly source = new ModelSource();
  readonly target: DirectoryNode;
  readonly #hasBarrier: boolean;
  readonly #isTight: boolean;
  #runs: ModelRun[] = [];
  /** The batch that each run is all or a part of. */
  readonly #taken = new Map<ModelRun, Batch>();
  #nowMs = 0;

  constructor({ takesMoves, before, hasBarrier, isTight }: ModelOptions) {
    for (const path of before) {
      if (path.endsWith('/')) this.source.makeDirectory(path.slice(0, -1));
      else this.source.write(path);
      while (this.source.undelivered > 0) this.source.deliver();
    }
    this.target = copyOf(this.source.root) as DirectoryNode;
    this.#hasBarrier = hasBarrier;
    this.#isTight = isTight;
    const settleMs = hasBarrier ? 0 : 1_000_000;
    const limit = isTight ? { maxPaths: TIGHT.maxPaths } : {};
    this.queue = new DelayQueue({
      delayMs: 3,
      maxDelays: 5,
      takesMoves,
      settleMs,
      isTelling: () => settleMs > 0,
      ...limit,
    });
  }

  run(operations: readonly Operation[]): void {
    for (const operation of operations) {
      this.#nowMs++;
      this.#apply(operation);
      this.#checkPromises();
    }
  }

  /** Delivers and sends all there is. */
  drain(): void {
    for (const run of this.#runs) this.#finish(run);
    this.#deliverAll();
    this.queue.releaseHolds(this.#nowMs);
    for (let left = MAX_BATCHES; this.queue.size > 0; left--) {
      this.#nowMs += 10;
      const dueMs = this.queue.nextDueMs();
      expect(dueMs, `blocked for ever: ${JSON.stringify([...this.queue.entries()])}`).toBeDefined();
      this.#nowMs = Math.max(this.#nowMs, dueMs ?? 0);
      this.#start();
      for (const run of this.#runs) this.#finish(run);
      expect(left, 'batches until the queue is empty').toBeGreaterThan(0);
    }
  }

  expectEqual(): void {
    expect(print(this.target)).toEqual(print(this.source.root));
  }

  #apply([name, x, y, z]: Operation): void {
    const { source } = this;
    const pick = (index: number): BytePath => pickFrom(source.paths(NAMES, MAX_DEPTH), index);
    const pickThere = (index: number): BytePath => {
      const there = source.paths(NAMES, MAX_DEPTH).filter((path) => lookup(source.root, path) !== undefined);
      return there.length === 0 ? '/nothing' : pickFrom(there, index);
    };
    switch (name) {
      case 'write':
        return source.write(pick(x));
      case 'makeDirectory':
        return source.makeDirectory(pick(x));
      case 'remove':
        return source.remove(pickThere(x));
      case 'changeAttributes':
        return source.changeAttributes(pickThere(x));
      case 'move':
        return source.move(pickThere(x), pick(y));
      case 'swap':
        return this.#swap(pickThere(x), pickThere(y));
      case 'moveOut':
        return source.moveOut(pickThere(x));
      case 'moveIn':
        return source.moveIn(pick(x));
      case 'moveInFile':
        return source.moveInFile(pick(x));
      case 'moveInOver':
        return this.#moveInOver(pickThere(x), pick(y));
      case 'replace':
        return this.#replace(pickThere(x), y);
      case 'saveOver':
        return this.#saveOver(pickThere(x));
      case 'lose':
        return source.lose(1 + (x % 6));
      case 'deliver':
        return this.#deliver();
      case 'deliverAll':
        return this.#deliverAll();
      case 'rescan':
        // A monitor that is blind somewhere says so in order with its events; after an overflow all is to be found again.
        if (x % 3 === 0) return this.queue.addWhole('/', this.#nowMs);
        this.#deliverAll();
        return this.queue.addWhole(`${pickThere(x)}/`, this.#nowMs);
      case 'start':
        return this.#start();
      case 'startParts':
        return this.#start({ inParts: true });
      case 'step':
        return this.#runAt(x)?.step(y % 8 === 0);
      case 'finish':
        return this.#finish(this.#runAt(x));
      case 'fail':
        return this.#fail(this.#runAt(x), { keepDone: y % 2 === 0, pauseMs: z % 4 });
      case 'wait':
        this.#nowMs += x % 5;
    }
  }

  /** The kernel does not mention the second. */
  #moveInOver(path: BytePath, movedTo: BytePath): void {
    this.source.move(path, movedTo);
    this.source.moveInFile(movedTo);
  }

  #swap(one: BytePath, other: BytePath): void {
    this.source.move(one, '/tmp');
    this.source.move(other, one);
    this.source.move('/tmp', other);
  }

  /** A file where a directory was, and the reverse, or a new one of the same kind. */
  #replace(path: BytePath, choice: number): void {
    this.source.remove(path);
    if (choice % 2 === 0) this.source.write(path);
    else this.source.makeDirectory(path);
  }

  /** How editors save. */
  #saveOver(path: BytePath): void {
    const beside = `${path}~`;
    this.source.write(beside);
    this.source.move(beside, path);
    this.source.remove(beside);
  }

  #deliver(): void {
    for (const event of this.source.deliver()) this.#add(event);
  }

  #deliverAll(): void {
    while (this.source.undelivered > 0) this.#deliver();
  }

  #add(event: FsEvent): void {
    for (const { needsListing } of this.queue.add(event, this.#nowMs)) {
      if (needsListing !== undefined) for (const found of this.source.list(needsListing)) this.#add(found);
    }
  }

  #start({ inParts } = { inParts: false }): void {
    if (this.#runs.length >= MAX_ACTIVE) return;
    const dueMs = this.queue.nextDueMs();
    const batch = this.queue.take(this.#nowMs, this.#isTight ? { maxChanges: TIGHT.maxChanges } : {});
    if (dueMs === undefined) expect(batch, 'nothing was said to be due ever').toBeUndefined();
    if (dueMs !== undefined && dueMs <= this.#nowMs)
      expect(batch, 'something was said to be due').toBeDefined();
    if (batch === undefined) return;
    const parts = inParts ? partsOf(batch) : [batch];
    if (inParts) this.queue.split(batch, parts);
    for (const part of parts) {
      const run = new ModelRun(part, { source: this.source.root, target: this.target });
      this.#runs.push(run);
      this.#taken.set(run, batch);
    }
  }

  #finish(run: ModelRun | undefined): void {
    if (run === undefined) return;
    while (!run.isFinished) run.step();
    this.#leave(run);
    const { remaining } = run;
    if (remaining.changes.length > 0) this.queue.again(run.batch, remaining, this.#nowMs);
    else if (this.#nowMs % 2 === 0) this.queue.done(run.batch, this.#nowMs);
    else this.queue.done(run.batch);
  }

  #fail(run: ModelRun | undefined, how: { readonly keepDone: boolean; readonly pauseMs: number }): void {
    if (run === undefined) return;
    run.breakOff();
    this.#leave(run);
    // Some behaviours know what is done, others give all back.
    const { moves, changes } = run.remaining;
    const all = [...run.batch.changes, ...changes.filter((change) => !run.batch.changes.includes(change))];
    const nowMs = this.#nowMs;
    const notBeforeMs = (path: BytePath): number => nowMs + ((how.pauseMs * path.length) % 4);
    this.queue.again(
      run.batch,
      { moves, changes: how.keepDone ? all : changes },
      { nowMs: nowMs + how.pauseMs, notBeforeMs },
    );
  }

  #leave(run: ModelRun): void {
    if (this.#hasBarrier) this.#deliverAll();
    this.#runs = this.#runs.filter((other) => other !== run);
  }

  #runAt(index: number): ModelRun | undefined {
    return this.#runs[index % Math.max(1, this.#runs.length)];
  }

  #checkLimit(delays: readonly Delay[]): void {
    const waiting = delays.filter(({ status, kind }) => status !== 'active' && kind !== 'Move');
    // What is gone, and was a file and a directory, goes as both.
    expect(new Set(waiting.map(({ path }) => withoutTrailingSlash(path))).size).toBeLessThanOrEqual(
      TIGHT.maxPaths,
    );
  }

  #checkPromises(): void {
    const delays = [...this.queue.entries()];
    const active = delays.filter(({ status }) => status === 'active');
    expect(active.length).toBe(this.queue.activeCount);
    if (this.#isTight) this.#checkLimit(delays);
    for (const [index, one] of this.#runs.entries()) {
      for (const other of this.#runs.slice(index + 1)) {
        if (this.#taken.get(one) !== this.#taken.get(other)) expectApart(one, other);
      }
    }
  }
}

/** Every second change alone, but for those that meet a move. */
function partsOf({ moves, changes }: Batch): readonly Batch[] {
  const ends = moves.flatMap(({ path, movedTo = path }) => [path, movedTo]);
  const alone = changes.filter(
    ({ path }, index) => index % 2 === 1 && !ends.some((end) => overlaps(path, end)),
  );
  const rest = { moves, changes: changes.filter((change) => !alone.includes(change)) };
  return [rest, ...alone.map((change) => ({ moves: [], changes: [change] }))];
}

function expectApart(one: ModelRun, other: ModelRun): void {
  const ends = endsOf(other);
  for (const end of endsOf(one))
    for (const end2 of ends) expect(overlaps(end, end2), `${end} and ${end2}`).toBe(false);
}

function endsOf({ batch }: ModelRun): BytePath[] {
  const moves = batch.moves.flatMap(({ path, movedTo = path }) => [path, movedTo]);
  return [...moves, ...batch.changes.map(({ path }) => path)];
}

function overlaps(one: BytePath, other: BytePath): boolean {
  const a = one.endsWith('/') ? one : `${one}/`;
  const b = other.endsWith('/') ? other : `${other}/`;
  return a.startsWith(b) || b.startsWith(a);
}

function pickFrom<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('Cannot pick: there is nothing');
  return item;
}
