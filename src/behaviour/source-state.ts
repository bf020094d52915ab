// What a tree has now. A batch says which paths changed; what must be done with each is decided by looking.
// Symlinks are never followed: below a symlink or a file there is nothing.

import { statSync } from 'node:fs';
import { isDirectoryPath, toBuffer, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import { statusOf, type EntryStatus } from '../os/entry-status.ts';

/** A path (without trailing slash; `/` is the root) and what lies there. */
export type Seen =
  | { readonly path: BytePath; readonly state: 'there'; readonly stats: EntryStatus }
  /** Nothing lies there, and its parent is a directory. */
  | { readonly path: BytePath; readonly state: 'missing' }
  /** It could not be asked (EACCES, EIO): nothing may be concluded, least of all that it is gone. */
  | { readonly path: BytePath; readonly state: 'unknown'; readonly code: string };

export interface TreeView {
  /**
   * What stands for `path`: itself, or the topmost ancestor that is missing or not a directory, since that is what has
   * to be brought to the other side.
   */
  look(path: BytePath): Seen;
  /** Whether `path` itself lies there now: for `/a/d/` a directory, for `/a/f` anything. */
  has(path: BytePath): boolean;
}

export interface TreeViewOptions {
  /** A symlink to a directory counts as one (rsync's -K, for a target). Default false. */
  readonly followDirectoryLinks?: boolean;
}

/** A view of the tree below `root` (absolute, trailing slash), each path asked once. Made anew for each batch. */
export function createTreeView(root: BytePath, options: TreeViewOptions = {}): TreeView {
  const known = new Map<BytePath, Seen>();

  function look(path: BytePath): Seen {
    const bare = withoutTrailingSlash(path);
    const seen = known.get(bare) ?? find(bare);
    known.set(bare, seen);
    return seen;
  }

  function find(path: BytePath): Seen {
    if (path === '/') return see(root, path);
    const parent = look(path.slice(0, path.lastIndexOf('/')) || '/');
    return isDirectory(parent) ? see(root, path) : parent;
  }

  function isDirectory(seen: Seen): boolean {
    if (seen.state !== 'there') return false;
    if (seen.stats.isDirectory()) return true;
    if (options.followDirectoryLinks !== true || !seen.stats.isSymbolicLink()) return false;
    return statSync(toBuffer(root + seen.path.slice(1)), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  function has(path: BytePath): boolean {
    const seen = look(path);
    if (seen.state !== 'there' || seen.path !== withoutTrailingSlash(path)) return false;
    return !isDirectoryPath(path) || isDirectory(seen);
  }

  return { look, has };
}

function see(root: BytePath, path: BytePath): Seen {
  try {
    const stats = statusOf(root + path.slice(1));
    return stats === undefined ? { path, state: 'missing' } : { path, state: 'there', stats };
  } catch (error) {
    return { path, state: 'unknown', code: (error as NodeJS.ErrnoException).code ?? 'EIO' };
  }
}

/** So many looks are done before other work of the daemon gets its turn. */
const CHUNK = 500;

/** What stands for each of `paths` in `view`, in their order, each once. */
export async function lookAtAll(view: TreeView, paths: readonly BytePath[]): Promise<readonly Seen[]> {
  const found = new Map<BytePath, Seen>();
  for (const [index, path] of paths.entries()) {
    if (index % CHUNK === CHUNK - 1) await nextTurn();
    const seen = view.look(path);
    found.set(seen.path, seen);
  }
  return [...found.values()];
}

/** Whether another thing lies there by now (or nothing any more, or something at last); a mere write or chmod does not count. */
export function isOtherEntry(before: Seen, now: Seen): boolean {
  if (before.path !== now.path || before.state !== now.state) return true;
  if (before.state !== 'there' || now.state !== 'there') return false;
  return identityOf(before.stats) !== identityOf(now.stats);
}

/** The number of an inode is soon given to another file: its type and birth tell them apart. */
function identityOf({ device, inode, type, birth }: EntryStatus): string {
  return [device, inode, type, birth.seconds, birth.nanoseconds].join(' ');
}

/** Lets timers and events of the daemon have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
