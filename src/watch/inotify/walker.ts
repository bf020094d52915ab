// Watches directories and lists them, one a step, so that a big tree does not hold up everything else. A directory is watched
// first and listed then: what comes in between is seen twice, never missed. The disk may change between any two calls here;
// the rules for that are in look() and settle().

import type { BytePath } from '../../byte-path.ts';
import { inotifyBits } from '../../os/inotify.ts';
import { errnoCode } from '../../os/libc.ts';
import { identify, isSameIdentity, type BlindSpots, type Identity } from './blind-spots.ts';
import { tellChanged, type FilesOfDirectory } from './changed-files.ts';
import type { Directory } from './directory.ts';
import * as dir from './directory.ts';
import type { InotifyLog } from './inotify-log.ts';
import { listDirectory } from '../list-directory.ts';
import type { Entry } from '../list-directory.ts';
import { LeafLots, type Candidate } from './leaf-lots.ts';
import type { Reader } from './reader.ts';
import type { WatchTable } from './watch-table.ts';

/**
 * What a look at a directory says to the listeners.
 * - `quiet` nothing (startup).
 * - `new` what is in it, unless that was said before.
 * - `relist` what is in it, in any case, down to the bottom.
 * - `again` directories that we did not know, with what is in them; and of those we know what may have changed since a time, if one
 *   is given (after an overflow, or where no watch can be set).
 * - `check` nothing if it is the directory we take it for; else that this one is gone, the new one, and what is in it.
 */
export type Look = 'quiet' | 'new' | 'relist' | 'again' | 'check';

export interface WalkerOptions {
  readonly reader: Pick<Reader, 'add' | 'remove' | 'now' | 'isSilentSince' | 'countLinks'>;
  readonly table: WatchTable;
  readonly log: InotifyLog;
  readonly spots: BlindSpots;
  /** The root of a tree is not there any more. */
  readonly onRootGone: (root: Directory) => void;
  /** A watch was set for it. */
  readonly onWatched: (directory: Directory) => void;
}

type Task =
  | LookTask
  | (Candidate & { readonly kind: 'list' })
  | (FilesOfDirectory & { readonly kind: 'files' })
  | { readonly kind: 'then'; readonly action: () => void };

interface LookTask {
  readonly kind: 'look';
  readonly directory: Directory;
  readonly look: Look;
  readonly was: number;
  readonly since: number | undefined;
}

/** A file system without types in readdir(3) fails the whole listing when one entry vanishes meanwhile. */
const maxListings = 20;

/** No watch is left (or no memory for one). Such a directory can be listed all the same. */
const outOfWatches: ReadonlySet<string> = new Set(['ENOSPC', 'ENOMEM']);

const gone: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ESTALE']);

export class Walker {
  readonly #options: WalkerOptions;
  /** The last one is next: depth first. */
  readonly #tasks: Task[] = [];
  readonly #leaves: LeafLots;

  constructor(options: WalkerOptions) {
    this.#options = options;
    this.#leaves = new LeafLots({
      reader: options.reader,
      isStillThere: (directory) => this.#isStillThere(directory),
      onLeaf: (directory) => {
        directory.unlisted = false;
        options.spots.remove(directory);
      },
      onOther: (candidate) => this.#tasks.push({ kind: 'list', ...candidate }),
    });
  }

  get isIdle(): boolean {
    return this.#tasks.length === 0 && this.#leaves.isEmpty;
  }

  /**
   * Has the directory looked at, before everything that was asked for earlier.
   * @param since for `again`: the least ctime (wall clock, ms) of what may have changed
   */
  look(directory: Directory, look: Look, since?: number): void {
    this.#tasks.push({ kind: 'look', directory, look, was: directory.wd, since });
  }

  /** Runs `action` when all that is asked for after this call is done. */
  afterwards(action: () => void): void {
    this.#tasks.push({ kind: 'then', action });
  }

  /** One directory, or one `afterwards`. */
  step(): void {
    const next = this.#tasks.at(-1);
    if ((next === undefined || next.kind === 'then') && !this.#leaves.isEmpty) this.#leaves.settleSome();
    else this.#run(this.#tasks.pop());
    if (this.isIdle) this.#leaves.forget();
  }

  /**
   * The directory of that name in `parent`, which is to be watched; undefined when nobody wants it.
   * @param path of `parent`
   */
  enter(parent: Directory, name: BytePath, path = dir.pathOf(parent)): Directory | undefined {
    if (parent.tree.audience.wants(`${path}${name}/`)) {
      dir.unhide(parent, name);
      return dir.childOf(parent, name);
    }
    this.#options.log.notConcerning(parent, name);
    dir.hide(parent, name);
    return undefined;
  }

  /** Ends the watches of a directory and of all below it: it is not part of its tree any more. */
  drop(top: Directory): void {
    dir.detach(top);
    for (const directory of dir.withAllBelow(top)) {
      this.release(directory);
      this.#options.spots.remove(directory);
      directory.wd = dir.dropped;
    }
  }

  /** Ends the watch of a directory, if nobody else has the same one. */
  release(directory: Directory): void {
    const { wd } = directory;
    if (!this.#options.table.letGo(directory)) return;
    this.#options.log.removedWatch(wd);
    this.#options.reader.remove(wd);
  }

  #run(task: Task | undefined): void {
    if (task?.kind === 'then') task.action();
    else if (task === undefined || task.directory.wd === dir.dropped) return;
    else if (task.kind === 'files') this.#askFiles(task);
    else if (task.kind === 'list') this.#listCandidate(task);
    else this.#take(task);
  }

  #take({ directory, look, was, since }: LookTask): void {
    const path = dir.absolutePathOf(directory);
    this.#leaves.beforeWatch();
    const wd = this.#add(directory, path);
    const isSame =
      wd < 0 ? this.#settleBlind(directory, errnoCode(-wd)) : this.#settle(directory, { wd, was });
    if (isSame === undefined) return;
    if (wd > 0 && (!isSame || look !== 'check')) this.#options.log.addedWatch(directory);
    if (isSame && !isListedAgain(directory, look)) return;
    const isUnknown = !isSame || (look === 'again' && directory.unlisted);
    const isSurprise = isUnknown && (look === 'check' || look === 'again');
    if (isSurprise) this.#tellReplaced(directory);
    if (look === 'quiet' && this.#isCandidate(directory, path)) return;
    this.#list(directory, { path, look: isSurprise || look === 'check' ? 'new' : look, since });
  }

  /** @param path its absolute one */
  #add({ tree, parent }: Directory, path: BytePath): number {
    const place = parent === undefined ? rootMask : subdirectoryMask;
    return this.#options.reader.add(path, tree.mask | place);
  }

  /**
   * Notes the number that the kernel gave for a path, and returns whether it is the same directory as before. If another one of ours had
   * that number, one of the two is where we do not think it is: the path just looked up is right, so the other one must be
   * looked up too. (Unless both have the same path, in nested sources, or it is mounted in two places: then they share.)
   */
  #settle(directory: Directory, seen: { readonly wd: number; readonly was: number }): boolean {
    const { wd } = seen;
    if (directory.wd === wd) return true;
    const known = this.#options.spots.identityOf(directory);
    if (known !== undefined) return this.#settleSeen(directory, { wd, known });
    const before = directory.wd > 0 ? directory.wd : seen.was;
    if (before > 0 && before !== wd) this.#forgetBelow(directory);
    this.release(directory);
    if (before !== wd) this.#doubtOtherHolders(directory, wd);
    this.#options.table.hold(directory, wd);
    this.#options.onWatched(directory);
    return before === wd;
  }

  /** A blind spot can be watched at last. */
  #settleSeen(
    directory: Directory,
    { wd, known }: { readonly wd: number; readonly known: Identity },
  ): boolean {
    const isSame = isSameIdentity(known, identify(directory));
    if (!isSame) this.#forgetBelow(directory);
    this.#doubtOtherHolders(directory, wd);
    this.#options.table.hold(directory, wd);
    this.#options.onWatched(directory);
    return isSame;
  }

  /** As `#settle`, where no watch could be set; undefined: nothing can be seen of it. */
  #settleBlind(directory: Directory, code: string): boolean | undefined {
    const identity = outOfWatches.has(code) ? identify(directory) : undefined;
    if (identity === undefined) {
      this.#cannotWatch(directory, outOfWatches.has(code) ? 'ENOENT' : code);
      return undefined;
    }
    const isSame = isSameIdentity(this.#options.spots.identityOf(directory), identity);
    if (!isSame) this.#forgetBelow(directory);
    this.release(directory);
    this.#options.spots.add(directory, { code, identity });
    return isSame;
  }

  #doubtOtherHolders(directory: Directory, wd: number): void {
    const holders = this.#options.table.holders(wd);
    if (holders.length === 0) return;
    const path = dir.absolutePathOf(directory);
    for (const other of holders) {
      if (dir.absolutePathOf(other) === path) continue;
      this.#options.table.letGo(other);
      this.#tasks.push({ kind: 'look', directory: other, look: 'check', was: wd, since: undefined });
    }
  }

  #list(
    directory: Directory,
    { path: absolute, look, since }: Pick<LookTask, 'look' | 'since'> & { readonly path: BytePath },
  ): void {
    const entries = this.#entriesOf(directory, absolute);
    if (entries === undefined) return;
    directory.unlisted = false;
    if (directory.wd > 0) this.#options.spots.remove(directory);
    directory.quiet = look === 'quiet' || (look === 'again' && directory.quiet);
    directory.hidden = undefined;
    if (entries.length === 0 && look === 'quiet') {
      this.#dropMissing(directory, entries);
      return;
    }
    const path = dir.pathOf(directory);
    const { audience } = directory.tree;
    const before = directory.children;
    const subdirectories: [Directory, Look][] = [];
    const names: BytePath[] = [];
    for (const { name, isDirectory } of entries) {
      if (!isDirectory) {
        if (saysFiles(look)) audience.tell(path, { kind: 'create', path: path + name, found: true });
        else if (look === 'again') names.push(name);
        continue;
      }
      const isNew = before?.has(name) !== true;
      if (saysFiles(look) || (look === 'again' && isNew && audience.wants(`${path}${name}/`))) {
        audience.tell(path, { kind: 'create', path: `${path}${name}/`, found: true });
      }
      const child = this.enter(directory, name, path);
      if (child !== undefined) subdirectories.push([child, isNew && look === 'again' ? 'new' : look]);
    }
    const missing = before === undefined ? [] : this.#dropMissing(directory, entries);
    for (const [child, how] of subdirectories.toReversed()) this.look(child, how, since);
    if (look !== 'again' || since === undefined) return;
    for (const name of missing)
      audience.tell(path, { kind: 'delete', path: `${path}${name}/`, movedOut: true });
    this.#tasks.push({ kind: 'files', directory, names, asked: 0, since });
  }

  #askFiles(files: FilesOfDirectory): void {
    const left = tellChanged(files, (directory) => this.#isStillThere(directory));
    if (left !== undefined) this.#tasks.push({ kind: 'files', ...left });
  }

  /**
   * Lists the directory that is watched under this name. Between the watch and the listing another one may have taken the name: then the
   * listing is not of the watched one, is thrown away, and the event of the move leads to another look.
   */
  #entriesOf(directory: Directory, path: BytePath): readonly Entry[] | undefined {
    for (let attempt = 1; ; attempt++) {
      const result = tryListing(path);
      if (!this.#isStillThere(directory, path)) {
        directory.unlisted = true;
        return undefined;
      }
      if (typeof result !== 'string') return result;
      if (!gone.has(result) || attempt === maxListings) {
        this.#blind(directory, result);
        return undefined;
      }
    }
  }

  /** Nothing is to be said of its files: it need not be listed, if it has no subdirectories. That is looked at by the lot. */
  #isCandidate(directory: Directory, path: BytePath): boolean {
    const { wd, children } = directory;
    if (wd <= 0 || children !== undefined) return false;
    directory.unlisted = true;
    directory.quiet = true;
    directory.hidden = undefined;
    this.#leaves.add({ directory, path, wd });
    return true;
  }

  /** Unless somebody else has looked at it meanwhile. */
  #listCandidate({ directory, path, wd }: Candidate): void {
    if (directory.wd === wd) this.#list(directory, { path, look: 'quiet', since: undefined });
  }

  /** Whether the path is that of the directory that is watched, or was identified. */
  #isStillThere(directory: Directory, path = dir.absolutePathOf(directory)): boolean {
    if (directory.wd > 0) return this.#add(directory, path) === directory.wd;
    return isSameIdentity(this.#options.spots.identityOf(directory), identify(directory));
  }

  /** The names of those that we knew. */
  #dropMissing(directory: Directory, entries: readonly Entry[]): readonly BytePath[] {
    if (directory.children === undefined) return [];
    const present = new Set(entries.filter((entry) => entry.isDirectory).map((entry) => entry.name));
    const missing = [...directory.children.values()].filter((child) => !present.has(child.name));
    for (const child of missing) this.drop(child);
    return missing.map(({ name }) => name);
  }

  #forgetBelow(directory: Directory): void {
    for (const child of directory.children?.values() ?? []) this.drop(child);
    directory.hidden = undefined;
    directory.unlisted = true;
  }

  /** A directory that is gone was moved or deleted, and an event says so sooner or later; until then its place is kept. */
  #cannotWatch(directory: Directory, code: string): void {
    this.#forgetBelow(directory);
    this.release(directory);
    if (!gone.has(code)) this.#blind(directory, code);
    else if (directory.parent === undefined) this.#options.onRootGone(directory);
  }

  #blind(directory: Directory, code: string): void {
    directory.unlisted = true;
    this.#options.spots.add(directory, { code, identity: undefined });
  }

  /** Another directory has this path than the one we took it for: what is told of that one's content is not true any more. */
  #tellReplaced(directory: Directory): void {
    const path = dir.pathOf(directory);
    directory.tree.audience.tell(path, { kind: 'delete', path, movedOut: true });
    directory.tree.audience.tell(path, { kind: 'create', path, found: true });
  }
}

/** Events of the source itself, which no parent reports. */
const rootMask =
  inotifyBits.onlyDirectory | inotifyBits.maskAdd | inotifyBits.deleteSelf | inotifyBits.moveSelf;
const subdirectoryMask = inotifyBits.onlyDirectory | inotifyBits.maskAdd | inotifyBits.dontFollow;

function isListedAgain(directory: Directory, look: Look): boolean {
  if (look === 'check') return directory.unlisted;
  return look !== 'new' || directory.quiet || directory.unlisted;
}

function saysFiles(look: Look): boolean {
  return look === 'new' || look === 'relist';
}

/** The entries, or the code of the error. */
function tryListing(path: BytePath): Entry[] | string {
  try {
    return listDirectory(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EIO';
  }
}
