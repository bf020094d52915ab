// Keeps a source that is not there from wiping its target: removed, moved away, unmounted, replaced. Only looks, with lstat and readdir; what
// follows is the sync's to decide. (A source that is empty when a full sync begins is behaviour/delete-preview.ts's to find.)

import { lstatSync, readFileSync } from 'node:fs';
import { toBuffer, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import { listDirectory } from '../watch/list-directory.ts';

export class SourceGuard {
  readonly #source: BytePath;
  /** The directory that is (about to be) watched; undefined = it was not there. */
  #remembered: Place | undefined;
  /** The source, and what was there in its place, at `noteHalt()`. */
  #beforeHalt: Inode | undefined;
  #atHalt: Inode | undefined;
  #wasEmptyAtHalt = false;

  /** Takes the directory that is there now for the source. */
  constructor({ source }: { readonly source: BytePath }) {
    this.#source = source;
    this.remember();
  }

  /** The directory that is there now is the source from now on. Call it before the watches are set. */
  remember(): void {
    this.#remembered = placeOf(this.#source);
  }

  /** The sync goes on once the source is back. */
  noteHalt(): void {
    this.#beforeHalt = this.#remembered;
    this.#atHalt = inodeOf(this.#source);
    this.#wasEmptyAtHalt = isEmpty(this.#source);
  }

  /**
   * Why nothing may be sent or deleted now (`was removed or moved away`); undefined: the source is the directory that it was.
   * One lstat, before every child: an unmounted source looks as if everything in it had been deleted, before its event comes.
   */
  whyGone(): string | undefined {
    const now = inodeOf(this.#source);
    if (now === undefined) return 'was removed or moved away';
    return isSame(now, this.#remembered) ? undefined : 'is another directory now (unmounted or replaced)';
  }

  /**
   * After the source was gone: whether it is there again, with something in it. What an unmounted disk uncovers is not the source: where
   * there was a mount there must be one again. Where there was none, one may come over a directory that was empty.
   */
  isBack(): boolean {
    const now = placeOf(this.#source);
    const before = this.#remembered;
    if (now === undefined || isEmpty(this.#source)) return false;
    if (before === undefined || isSame(now, before)) return true;
    if (before.isMount) return now.isMount;
    return now.isMount ? isSame(before, this.#atHalt) : now.device === before.device;
  }

  /**
   * Asked once it is back: whether it has been there all the time, or came at one blow, with all that is in it (mounted, or the directory of
   * before moved to its place again). Anything else may be somebody's copy that is still under way.
   */
  cameWhole(): boolean {
    const now = placeOf(this.#source);
    if (now === undefined) return false;
    if (isSame(now, this.#atHalt)) return !this.#wasEmptyAtHalt;
    return now.isMount || (isSame(now, this.#beforeHalt) && now.bornNs === this.#beforeHalt?.bornNs);
  }
}

/** Which directory lies at a path. */
interface Inode {
  readonly device: bigint;
  readonly inode: bigint;
  /** A directory made anew may get the number of one that was removed. 0, or the time of the last change, where the system does not know. */
  readonly bornNs: bigint;
}

interface Place extends Inode {
  /** Something is mounted there. */
  readonly isMount: boolean;
}

function isSame(one: Inode | undefined, other: Inode | undefined): boolean {
  return one !== undefined && one.device === other?.device && one.inode === other.inode;
}

/** undefined when there is no directory. The trailing slash of `path` has an automount mounted. */
function inodeOf(path: BytePath): Inode | undefined {
  try {
    const stats = lstatSync(toBuffer(path), { bigint: true });
    return stats.isDirectory()
      ? { device: stats.dev, inode: stats.ino, bornNs: stats.birthtimeNs }
      : undefined;
  } catch {
    return undefined;
  }
}

function placeOf(path: BytePath): Place | undefined {
  const inode = inodeOf(path);
  return inode && { ...inode, isMount: isMountPoint(path, inode.device) };
}

/** A bind mount may be on the device of the directory above it: Linux lists all mounts. */
function isMountPoint(path: BytePath, device: bigint): boolean {
  try {
    if (lstatSync(toBuffer(`${path}..`), { bigint: true }).dev !== device) return true;
    const mounts = readFileSync('/proc/self/mountinfo', 'latin1');
    return mounts.includes(` ${withoutTrailingSlash(path).replaceAll(/[\s\\]/g, toOctal)} `);
  } catch {
    return false;
  }
}

/** As proc(5) writes blanks and backslashes in names. */
function toOctal(char: string): string {
  return `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`;
}

/** What cannot be read is not known to be empty. */
function isEmpty(directory: BytePath): boolean {
  try {
    return listDirectory(directory).length === 0;
  } catch {
    return false;
  }
}
