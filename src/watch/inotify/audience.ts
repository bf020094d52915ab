// Who listens to a tree, and who hears what of it: each listener only the entries of directories it wants, and only the kind of
// content event it asked for.

import { isDirectoryPath } from '../../byte-path.ts';
import type { BytePath } from '../../byte-path.ts';
import type { FsEvent, WatchOptions, WatchTrouble } from '../monitor.ts';

/** One `watch()` call. */
export interface Hearer {
  readonly options: WatchOptions;
  /** Whether this one wants the directory watched; the source itself always is. */
  wants(path: BytePath): boolean;
  /** Set by `stop()`: hears nothing any more, though a walk over the audience may still meet it. */
  stopped: boolean;
  /** Was told something since its last `onBurstEnd`. */
  touched: boolean;
}

export type ContentEvent = 'modify' | 'closeWrite';
type Move = Extract<FsEvent, { kind: 'move' }>;

/** Both ends' directories (`/a/`), for a move. */
export interface MoveDirectories {
  readonly from: BytePath;
  readonly to: BytePath;
}

/** A hearer for the options of `watch()`. */
export function createHearer(options: WatchOptions): Hearer {
  return {
    options,
    wants: (path) => path === '/' || (options.subdirs && options.wantsDirectory(path)),
    stopped: false,
    touched: false,
  };
}

/** The listeners of one tree. */
export class Audience {
  #hearers: readonly Hearer[] = [];

  get isEmpty(): boolean {
    return this.#hearers.length === 0;
  }

  get hearers(): readonly Hearer[] {
    return this.#hearers;
  }

  add(hearer: Hearer): void {
    this.#hearers = [...this.#hearers, hearer];
  }

  remove(hearer: Hearer): void {
    hearer.stopped = true;
    this.#hearers = this.#hearers.filter((other) => other !== hearer);
  }

  /** Whether any of them wants the directory. */
  wants(path: BytePath): boolean {
    return this.#hearers.some((hearer) => hearer.wants(path));
  }

  /** Whether one of them wants `now` that did not want `before`. */
  isNewToAny(before: BytePath, now: BytePath): boolean {
    return this.#hearers.some((hearer) => hearer.wants(now) && !hearer.wants(before));
  }

  /** Something happened to an entry of `directory`. */
  tell(directory: BytePath, event: FsEvent): void {
    for (const hearer of this.#of(directory)) hear(hearer, event);
  }

  /** A file's content changed: those who asked for this kind of news hear of it. */
  tellContent(directory: BytePath, path: BytePath, content: ContentEvent): void {
    const silent = content === 'modify' ? 'CloseWrite' : 'Modify';
    for (const hearer of this.#of(directory)) {
      if (hearer.options.inotifyMode !== silent) hear(hearer, { kind: 'modify', path });
    }
  }

  /** An entry moved. Who wants one end only sees it vanish or appear; what a directory holds is then listed by the walker. */
  tellMove(directories: MoveDirectories, move: Move): void {
    for (const hearer of this.#hearers) {
      const seesOrigin = this.#sees(hearer, directories.from);
      const seesTarget = this.#sees(hearer, directories.to);
      if (seesOrigin && seesTarget && !isUnwantedOrigin(hearer, move)) hear(hearer, move);
      else {
        if (seesOrigin) hear(hearer, { kind: 'delete', path: move.path, movedOut: true });
        if (seesTarget) hear(hearer, { kind: 'create', path: move.movedTo });
      }
    }
  }

  tellTrouble(trouble: WatchTrouble, directory: BytePath = '/'): void {
    for (const hearer of this.#of(directory)) {
      if (hearer.stopped) continue;
      hearer.touched = true;
      hearer.options.listener.onTrouble(trouble);
    }
  }

  /** Those who heard something since the last time are told that this was all for now. */
  endBurst(): void {
    for (const hearer of this.#hearers) {
      if (!hearer.touched || hearer.stopped) continue;
      hearer.touched = false;
      hearer.options.listener.onBurstEnd();
    }
  }

  #of(directory: BytePath): readonly Hearer[] {
    return this.#hearers.length === 1
      ? this.#hearers
      : this.#hearers.filter((hearer) => hearer.wants(directory));
  }

  /** A watched directory is wanted by the only listener there is. */
  #sees(hearer: Hearer, directory: BytePath): boolean {
    return this.#hearers.length === 1 || hearer.wants(directory);
  }
}

/** A directory that was not wanted has nothing at the target that could move; where it is wanted now, all of it is new. */
function isUnwantedOrigin(hearer: Hearer, move: Move): boolean {
  return isDirectoryPath(move.path) && !hearer.wants(move.path) && hearer.wants(move.movedTo);
}

function hear(hearer: Hearer, event: FsEvent): void {
  if (hearer.stopped) return;
  hearer.touched = true;
  hearer.options.listener.onEvent(event);
}
