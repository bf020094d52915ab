// What a move means for the trees and the listeners: within a tree the directory keeps its watches under its new path; out of a
// tree they end, so that nothing is reported under a path that is not there any more; into a tree all of it is new.

import type { BytePath } from '../../byte-path.ts';
import { inotifyBits } from '../../os/inotify.ts';
import type { Directory } from './directory.ts';
import * as dir from './directory.ts';
import { isDirectory } from '../list-directory.ts';
import type { InotifyLog } from './inotify-log.ts';
import type { Step } from './move-pairing.ts';
import type { KernelEvent } from './parse-events.ts';
import type { Walker } from './walker.ts';
import type { WatchTable } from './watch-table.ts';

export interface MoveHandlerOptions {
  readonly table: WatchTable;
  readonly walker: Walker;
  readonly log: InotifyLog;
}

export interface EntryName {
  readonly name: BytePath;
  readonly isDir: boolean;
  /** Seen by looking, not said by the kernel. */
  readonly found?: boolean;
}

/** A name in a watched directory. */
interface Place {
  readonly directory: Directory;
  readonly name: BytePath;
}

export class MoveHandler {
  readonly #options: MoveHandlerOptions;

  constructor(options: MoveHandlerOptions) {
    this.#options = options;
  }

  /** Both ends are watched: in one tree, or in two. */
  move({ from, to }: Extract<Step, { kind: 'move' }>): void {
    const { table, log } = this.#options;
    const isDir = isDirectoryEvent(from);
    const targets = [...table.holders(to.wd)];
    if (targets.length > 0) log.move(from, to);
    for (const origin of table.holders(from.wd)) {
      const index = targets.findIndex((target) => target.tree === origin.tree);
      const [target] = index === -1 ? [] : targets.splice(index, 1);
      const place = { directory: origin, name: from.name };
      if (target === undefined) this.#left(place, isDir);
      else this.#within({ from: place, to: { directory: target, name: to.name }, isDir });
    }
    for (const target of targets) this.appeared(target, { name: to.name, isDir });
  }

  /** One end is not watched. */
  half(half: KernelEvent): void {
    const { table, log } = this.#options;
    const holders = table.holders(half.wd);
    if (holders.length > 0) log.unaryMove(half);
    for (const directory of holders) {
      if ((half.mask & inotifyBits.movedFrom) !== 0) {
        this.#left({ directory, name: half.name }, isDirectoryEvent(half));
      } else this.appeared(directory, { name: half.name, isDir: isDirectoryEvent(half) });
    }
  }

  /** An entry came into being; a directory is watched and listed. */
  appeared(directory: Directory, { name, isDir, found }: EntryName): void {
    const at = dir.pathOf(directory);
    const path = isDir ? `${at}${name}/` : at + name;
    directory.tree.audience.tell(at, {
      kind: 'create',
      path,
      ...(found === true ? { found } : undefined),
    });
    if (!isDir) return;
    const child = this.#options.walker.enter(directory, name);
    if (child !== undefined) this.#options.walker.look(child, 'new');
  }

  /** Finds out what has that name now; what we did not know of is new. */
  lookNow(directory: Directory, name: BytePath): void {
    const isDir = isDirectory(dir.absolutePathOf(directory) + name);
    const child = directory.children?.get(name);
    if (isDir === true && child !== undefined) this.#options.walker.look(child, 'check');
    else if (isDir !== undefined) this.appeared(directory, { name, isDir, found: true });
  }

  /**
   * What had that name is not there any more: the watches of a directory end. If it was a file, a directory that we know by that name was
   * found before we heard of its arrival, and is new when we do.
   */
  forget(directory: Directory, name: BytePath): void {
    dir.unhide(directory, name);
    const child = directory.children?.get(name);
    if (child !== undefined) this.#options.walker.drop(child);
  }

  #left({ directory, name }: Place, isDir: boolean): void {
    const at = dir.pathOf(directory);
    this.forget(directory, name);
    const path = isDir ? `${at}${name}/` : at + name;
    directory.tree.audience.tell(at, { kind: 'delete', path, movedOut: true });
  }

  #within(move: { readonly from: Place; readonly to: Place; readonly isDir: boolean }): void {
    const { from, to, isDir } = move;
    if (isDir) {
      this.#directoryWithin(from, to);
      return;
    }
    this.forget(from.directory, from.name);
    const fromAt = dir.pathOf(from.directory);
    const toAt = dir.pathOf(to.directory);
    from.directory.tree.audience.tellMove(
      { from: fromAt, to: toAt },
      { kind: 'move', path: fromAt + from.name, movedTo: toAt + to.name, overExistingDirectory: false },
    );
  }

  #directoryWithin(from: Place, to: Place): void {
    const child = from.directory.children?.get(from.name);
    if (child !== undefined && dir.isInside(to.directory, child)) {
      // A listing has told us of a later state, in which the target is below the origin. Begin anew with what is there now.
      this.#left(from, true);
      this.lookNow(from.directory, from.name);
      return;
    }
    const wasHidden = dir.unhide(from.directory, from.name);
    const overExistingDirectory = this.#vacate(to);
    const toPath = `${dir.pathOf(to.directory)}${to.name}/`;
    const isWanted = to.directory.tree.audience.wants(toPath);
    if (isWanted && (child === undefined || child.unlisted)) {
      // Nobody wanted it where it was, or it moved before we could look into it: at its new place all of it is new.
      this.#left(from, true);
      this.appeared(to.directory, { name: to.name, isDir: true });
      return;
    }
    this.#tellDirectoryMove(from, to, overExistingDirectory && !wasHidden);
    if (child === undefined || !isWanted) {
      this.forget(from.directory, from.name);
      this.#options.walker.enter(to.directory, to.name);
    } else this.#relocate(child, to);
  }

  #tellDirectoryMove(from: Place, to: Place, overExistingDirectory: boolean): void {
    const fromAt = dir.pathOf(from.directory);
    const toAt = dir.pathOf(to.directory);
    const [path, movedTo] = [`${fromAt}${from.name}/`, `${toAt}${to.name}/`];
    from.directory.tree.audience.tellMove(
      { from: fromAt, to: toAt },
      { kind: 'move', path, movedTo, overExistingDirectory },
    );
  }

  /** True if there was a directory at the target: an empty one, or the rename would have failed. */
  #vacate({ directory, name }: Place): boolean {
    const isThere = directory.children?.has(name) === true || directory.hidden?.has(name) === true;
    if (isThere) this.forget(directory, name);
    return isThere;
  }

  #relocate(child: Directory, to: Place): void {
    const before = dir.pathOf(child);
    dir.detach(child);
    child.name = to.name;
    dir.attach(child, to.directory);
    this.#refilter(child, before);
  }

  /** Other paths, other filters: what nobody wants any more is not watched, what is wanted now is new to the listeners. */
  #refilter(top: Directory, before: BytePath): void {
    const { walker, log } = this.#options;
    const { audience } = top.tree;
    const after = dir.pathOf(top);
    for (const directory of dir.withAllBelow(top)) {
      const path = dir.pathOf(directory);
      const pathBefore = before + path.slice(after.length);
      if (directory !== top && !audience.wants(path)) {
        this.#unwant(directory);
        continue;
      }
      if (directory.wd > dir.notWatched) log.addedWatch(directory);
      if (directory.unlisted) walker.look(directory, 'new');
      else if (audience.isNewToAny(pathBefore, path)) walker.look(directory, 'relist');
      this.#unhideWanted(directory);
    }
  }

  #unwant(directory: Directory): void {
    const { parent, name } = directory;
    this.#options.walker.drop(directory);
    if (parent !== undefined) this.#options.walker.enter(parent, name);
  }

  #unhideWanted(directory: Directory): void {
    const path = dir.pathOf(directory);
    for (const name of directory.hidden ?? []) {
      if (!directory.tree.audience.wants(`${path}${name}/`)) continue;
      dir.unhide(directory, name);
      this.appeared(directory, { name, isDir: true, found: true });
    }
  }
}

function isDirectoryEvent(event: KernelEvent): boolean {
  return (event.mask & inotifyBits.isDirectory) !== 0;
}
