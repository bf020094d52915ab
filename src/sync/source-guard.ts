// Keeps a source that is not there from wiping its target: removed, moved away, unmounted, replaced, or empty where it should not be
// (a disk that is not mounted yet). Only looks, with lstat and readdir; what follows is the sync's to decide.

import { lstatSync } from 'node:fs';
import { toBuffer, toText, type BytePath } from '../byte-path.ts';
import type { AnySyncSpec, SyncSpec } from '../config/sync-spec.ts';
import type { PathFilter } from '../filter/path-filter.ts';
import { listDirectory } from '../watch/list-directory.ts';

export class SourceGuard {
  readonly #spec: AnySyncSpec;
  readonly #filter: PathFilter;
  /** The directory that is (about to be) watched; undefined = it was not there. */
  #remembered: Place | undefined;

  /** Takes the directory that is there now for the source. */
  constructor(spec: AnySyncSpec, filter: PathFilter) {
    this.#spec = spec;
    this.#filter = filter;
    this.remember();
  }

  /** The directory that is there now is the source from now on. Call it before the watches are set. */
  remember(): void {
    this.#remembered = placeOf(this.#spec.source);
  }

  /**
   * Why nothing may be sent or deleted now (`was removed or moved away`); undefined: the source is the directory that it was.
   * One lstat, for every batch: an unmounted source looks as if everything in it had been deleted, before its event comes.
   */
  whyGone(): string | undefined {
    const now = placeOf(this.#spec.source);
    const before = this.#remembered;
    if (now === undefined) return 'was removed or moved away';
    const isSame = now.device === before?.device && now.inode === before.inode;
    return isSame ? undefined : 'is another directory now (unmounted or replaced)';
  }

  /**
   * Why a full sync must not run; undefined: it may. An empty source must not empty a local target that has something which the
   * full sync would delete, unless the config allows it. A remote target is not asked.
   */
  whyNoFullSync(): string | undefined {
    const gone = this.whyGone();
    if (gone !== undefined) return gone;
    const spec = this.#spec;
    if (spec.kind === 'script') return undefined;
    if (spec.allowEmptySource || !isEmpty(spec.source) || !deletesAtStartup(spec)) return undefined;
    const target = localTarget(spec);
    if (target === undefined || !this.#hasDeletable(target, spec)) return undefined;
    const what = `is empty, but its target "${toText(target)}" is not, and "delete" is on`;
    return `${what} (allowEmptySource = true lets the target be emptied)`;
  }

  /**
   * After the source was gone: whether it is there again, with something in it. What an unmounted disk uncovers is not the source: it must be
   * on the same device, or a mount again where there was one.
   */
  isBack(): boolean {
    const now = placeOf(this.#spec.source);
    const before = this.#remembered;
    if (now === undefined || isEmpty(this.#spec.source)) return false;
    if (before === undefined || now.device === before.device) return true;
    return before.isMount && now.isMount;
  }

  /** What the filter hides from rsync is not deleted either, unless it is told so. */
  #hasDeletable(target: BytePath, { rsync }: SyncSpec): boolean {
    return entriesOf(target).some((name) => rsync.deleteExcluded || this.#filter.passes(`/${name}`));
  }
}

/** Which directory lies at a path. */
interface Place {
  readonly device: bigint;
  readonly inode: bigint;
  /** On another device than the directory above it. */
  readonly isMount: boolean;
}

/** undefined when there is no directory. The trailing slash of `path` has an automount mounted. */
function placeOf(path: BytePath): Place | undefined {
  try {
    const stats = lstatSync(toBuffer(path), { bigint: true });
    if (!stats.isDirectory()) return undefined;
    const above = lstatSync(toBuffer(`${path}..`), { bigint: true });
    return { device: stats.dev, inode: stats.ino, isMount: stats.dev !== above.dev };
  } catch {
    return undefined;
  }
}

/** What cannot be read is not known to be empty. */
function isEmpty(directory: BytePath): boolean {
  try {
    return listDirectory(directory).length === 0;
  } catch {
    return false;
  }
}

/** With a trailing slash for directories; none when the target is not there. */
function entriesOf(directory: BytePath): readonly BytePath[] {
  try {
    return listDirectory(directory).map(({ name, isDirectory }) => (isDirectory ? `${name}/` : name));
  } catch {
    return [];
  }
}

function deletesAtStartup({ delete: mode }: SyncSpec): boolean {
  return mode === true || mode === 'startup';
}

/** A local target is absolute (config/target.ts). */
function localTarget(spec: SyncSpec): BytePath | undefined {
  if (spec.kind === 'rsyncssh') return undefined;
  return spec.target.startsWith('/') ? spec.target : undefined;
}
