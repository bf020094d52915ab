// Kernel events → what the listeners hear, and what the walker must look at. An event tells of the past: the disk may have gone
// on. So nothing here takes a path for granted; what must be known is looked up by the walker, after the event and before the next.

import type { BytePath } from '../../byte-path.ts';
import { inotifyBits } from '../../os/inotify.ts';
import type { Barriers } from './barriers.ts';
import type { Directory } from './directory.ts';
import * as dir from './directory.ts';
import type { InotifyLog } from './inotify-log.ts';
import type { Step } from './move-pairing.ts';
import { MoveHandler } from './move-handler.ts';
import type { KernelEvent } from './parse-events.ts';
import type { Walker } from './walker.ts';
import type { WatchTable } from './watch-table.ts';

export interface EventHandlerOptions {
  readonly table: WatchTable;
  readonly walker: Walker;
  readonly log: InotifyLog;
  readonly barriers: Barriers;
  /** The source itself is gone; the tree is to be given up. */
  readonly onSourceGone: (root: Directory, reason: string) => void;
  /** The kernel told a move of a directory, or one half of it. */
  readonly onDirectoryMove: () => void;
  /** The kernel ended the watch of a directory below a source. */
  readonly onWatchEnded: (directory: Directory) => void;
  /** The kernel dropped events. */
  readonly onOverflow: () => void;
}

export class EventHandler {
  readonly #options: EventHandlerOptions;
  readonly #moves: MoveHandler;
  /** The step before this one, if it was a move. */
  #lastMove: Extract<Step, { kind: 'move' }> | undefined;

  constructor(options: EventHandlerOptions) {
    this.#options = options;
    this.#moves = new MoveHandler(options);
  }

  /** One step of the stream. */
  handle(step: Step): void {
    const last = this.#lastMove;
    if (isOfDirectory(step)) this.#options.onDirectoryMove();
    this.#lastMove = undefined;
    if (step.kind === 'event') this.#event(step.event);
    else if (step.kind === 'half') this.#moves.half(step.half);
    else {
      this.#moves.move(step);
      if (last !== undefined && isReverse(last, step)) this.#lookAtBothEnds(step);
      this.#lastMove = step;
    }
  }

  #event(event: KernelEvent): void {
    if ((event.mask & inotifyBits.overflow) !== 0) {
      this.#options.onOverflow();
      return;
    }
    if ((event.mask & inotifyBits.ignored) !== 0) {
      if (!this.#options.barriers.reached(event.wd)) this.#ignored(event.wd);
      return;
    }
    const holders = this.#options.table.holders(event.wd);
    if (holders.length > 0 && event.name !== '') this.#options.log.event(event);
    for (const directory of holders) {
      if (event.name === '') this.#itself(directory, event.mask);
      else this.#entry(directory, event);
    }
  }

  /** An event of a watched directory, not of something in it. Its parent says the same with a name; a source has no parent. */
  #itself(directory: Directory, mask: number): void {
    if ((mask & inotifyBits.unmount) !== 0 && directory.parent !== undefined) {
      // What was mounted here is not deleted: nothing is said of it, only of what now is to be seen.
      this.#options.walker.look(directory, 'new');
    } else if (directory.parent === undefined && directory.wd > dir.notWatched) {
      const reason = reasonOf(mask);
      if (reason !== undefined) this.#options.onSourceGone(directory, reason);
      else if ((mask & inotifyBits.attrib) !== 0) {
        directory.tree.audience.tell('/', { kind: 'attrib', path: '/' });
      }
    }
  }

  /** The kernel ended a watch: we did not ask for it, or the number would stand for nothing. */
  #ignored(wd: number): void {
    for (const directory of this.#options.table.takeAll(wd)) {
      directory.unlisted = true;
      if (directory.parent === undefined) this.#options.onSourceGone(directory, 'deleted');
      else this.#options.onWatchEnded(directory);
    }
  }

  #entry(directory: Directory, event: KernelEvent): void {
    const { mask, name } = event;
    const isDir = (mask & inotifyBits.isDirectory) !== 0;
    const at = dir.pathOf(directory);
    const path = isDir ? `${at}${name}/` : at + name;
    const { audience } = directory.tree;
    if ((mask & inotifyBits.create) !== 0) this.#moves.appeared(directory, { name, isDir });
    else if ((mask & inotifyBits.delete) !== 0) {
      this.#moves.forget(directory, name);
      audience.tell(at, { kind: 'delete', path, movedOut: false });
    } else if ((mask & inotifyBits.attrib) !== 0) {
      audience.tell(at, { kind: 'attrib', path });
      if (isDir) this.#tryAgain(directory, name);
    } else if ((mask & inotifyBits.modify) !== 0) audience.tellContent(at, path, 'modify');
    else if ((mask & inotifyBits.closeWrite) !== 0) audience.tellContent(at, path, 'closeWrite');
  }

  /** A directory that could not be watched or listed got other permissions, perhaps. */
  #tryAgain(parent: Directory, name: BytePath): void {
    const child = parent.children?.get(name);
    if (child?.unlisted === true) this.#options.walker.look(child, 'new');
  }

  /**
   * `mv a b; mv b a`, or an exchange of the two (RENAME_EXCHANGE): the events are the same, so look what is there.
   */
  #lookAtBothEnds({ from, to }: Extract<Step, { kind: 'move' }>): void {
    for (const end of [from, to]) {
      for (const directory of this.#options.table.holders(end.wd)) {
        this.#moves.lookNow(directory, end.name);
      }
    }
  }
}

function isOfDirectory(step: Step): boolean {
  if (step.kind === 'event') return false;
  const { mask } = step.kind === 'move' ? step.from : step.half;
  return (mask & inotifyBits.isDirectory) !== 0;
}

function isReverse(first: Extract<Step, { kind: 'move' }>, second: Extract<Step, { kind: 'move' }>): boolean {
  return isSamePlace(first.from, second.to) && isSamePlace(first.to, second.from);
}

function isSamePlace(one: KernelEvent, other: KernelEvent): boolean {
  return one.wd === other.wd && one.name === other.name;
}

function reasonOf(mask: number): string | undefined {
  if ((mask & inotifyBits.unmount) !== 0) return 'unmounted';
  if ((mask & inotifyBits.deleteSelf) !== 0) return 'deleted';
  if ((mask & inotifyBits.moveSelf) !== 0) return 'moved away';
  return undefined;
}
