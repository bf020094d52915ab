// From the monitor into the queue of one sync: the filter decides, a move that leaves or enters what the filter lets
// through becomes a delete or a create, and a directory that came whole is listed.

import { isDirectoryPath, toText, type BytePath } from '../byte-path.ts';
import type { PathFilter } from '../filter/path-filter.ts';
import type { Log } from '../log.ts';
import type { DelayQueue } from '../queue/delay-queue.ts';
import { describeCombination } from '../queue/describe-combination.ts';
import type { FsEvent } from '../watch/monitor.ts';

export interface IntakeOptions {
  readonly filter: PathFilter;
  readonly queue: Pick<DelayQueue, 'add' | 'addWhole'>;
  readonly log: Log;
  /** True when the filter judges by where a path lies, so that a moved directory may have to be filtered anew. */
  readonly filterDependsOnPlace: boolean;
  /**
   * True while a full sync runs: whether it sees the source before or after a move is not known, so that the move must not be done
   * at the target, with what has the name there by then.
   */
  readonly splitsMoves: () => boolean;
  /** Everything below a directory that the filter lets through, parents first; none when it is gone. */
  readonly listBelow: (directory: BytePath) => Iterable<BytePath>;
}

const WORDS = {
  create: 'Create',
  modify: 'Modify',
  attrib: 'Attrib',
  delete: 'Delete',
  move: 'Move',
  listing: 'Listing',
} as const;

/** Returns the function that takes one event at a monotonic time in ms. */
export function createIntake(options: IntakeOptions): (event: FsEvent, nowMs: number) => void {
  const { filter, queue, log } = options;

  function take(event: FsEvent, nowMs: number): void {
    if (event.kind === 'move') takeMove(event, nowMs);
    else if (filter.passes(event.path)) enqueue(event, nowMs);
    else logFiltered(event.kind, event.path);
  }

  function takeMove(event: FsEvent & { kind: 'move' }, nowMs: number): void {
    const leaves = filter.passes(event.path);
    const arrives = filter.passes(event.movedTo);
    const filterAnew = options.filterDependsOnPlace && isDirectoryPath(event.path);
    const isSplit = filterAnew || options.splitsMoves();
    if (leaves && arrives && !isSplit) return enqueue(event, nowMs);
    if (leaves) enqueue({ kind: 'delete', path: event.path, movedOut: true }, nowMs);
    else logFiltered('move', event.path);
    if (arrives) {
      enqueue({ kind: 'create', path: event.movedTo }, nowMs);
      if (event.overExistingDirectory) queue.addWhole(event.movedTo, nowMs);
      enqueueBelow(event.movedTo, nowMs);
    }
  }

  function enqueue(event: FsEvent, nowMs: number): void {
    for (const combination of queue.add(event, nowMs)) {
      if (log.isOn('Delay')) for (const line of describeCombination(combination)) log('Delay', line);
      if (combination.needsListing !== undefined) enqueueBelow(combination.needsListing, nowMs);
    }
  }

  function enqueueBelow(directory: BytePath, nowMs: number): void {
    if (!isDirectoryPath(directory)) return;
    for (const path of options.listBelow(directory)) enqueue({ kind: 'create', path, found: true }, nowMs);
  }

  function logFiltered(kind: FsEvent['kind'], path: BytePath): void {
    if (log.isOn('Filter')) log('Filter', `filtered ${WORDS[kind]} on "${toText(path)}"`);
  }

  return take;
}
