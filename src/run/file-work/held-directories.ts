// The directories of one tree, opened step by step from its root: no symlink is ever followed on the way, also none that comes while we work.
// Descriptors are few: what was not used for long is closed, but never while an operation is under way.

import { closeSync, lstatSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { parentOf, toBuffer, withoutTrailingSlash, type BytePath } from '../../byte-path.ts';
import { canHold, openDirectory, pathOf, type DirectoryOptions } from '../../os/held-entry.ts';
import { systemError } from '../../os/libc.ts';

/** So many stay open between two operations. */
const MAX_OPEN = 64;

export interface HeldDirectories {
  /**
   * The absolute path of a directory (`/a/b/` below the root), to put `/NAME` behind; good until the next `trim`.
   * @throws Error ENOTDIR, ELOOP when a symlink or a file is on the way; ENOENT, EACCES
   */
  at(directory: BytePath): BytePath;
  /** The absolute path of an entry, in the same way; that of `/` and of a directory when `path` ends with a slash. */
  entry(path: BytePath): BytePath;
  /** This path, or what was below it, may be another directory now. */
  drop(path: BytePath): void;
  /** Between two operations. */
  trim(): void;
  /** Idempotent. */
  close(): void;
}

/**
 * `root`: absolute, with a trailing slash; itself it may be a symlink.
 * @throws Error of open(2) when there is no such directory
 */
export function holdDirectories(root: BytePath, { followsLinks }: DirectoryOptions): HeldDirectories {
  return canHold ? byDescriptor(root, { followsLinks }) : byName(root, { followsLinks });
}

function byDescriptor(root: BytePath, { followsLinks }: DirectoryOptions): HeldDirectories {
  const rootFd = openDirectory(root, { followsLinks: true });
  /** The last used at the end. */
  const open = new Map<BytePath, number>();

  function descriptorOf(directory: BytePath): number {
    const parent = parentOf(directory);
    if (parent === undefined) return rootFd;
    const known = open.get(directory);
    const fd =
      known ?? openDirectory(`${pathOf(descriptorOf(parent))}/${nameOf(directory)}`, { followsLinks });
    open.delete(directory);
    open.set(directory, fd);
    return fd;
  }

  function forget(directory: BytePath): void {
    const fd = open.get(directory);
    open.delete(directory);
    if (fd !== undefined) closeSync(fd);
  }

  const at = (directory: BytePath): BytePath => pathOf(descriptorOf(directory));
  let isClosed = false;
  return {
    at,
    entry: (path) => entryIn(at, path),
    drop(path) {
      const top = `${withoutTrailingSlash(path)}/`;
      for (const directory of open.keys()) if (directory.startsWith(top)) forget(directory);
    },
    trim() {
      for (const directory of open.keys()) {
        if (open.size <= MAX_OPEN) break;
        forget(directory);
      }
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      for (const directory of open.keys()) forget(directory);
      closeSync(rootFd);
    },
  };
}

/** Where nothing can be held: each step is looked at, and what comes between the look and the act is not seen. */
function byName(root: BytePath, { followsLinks }: DirectoryOptions): HeldDirectories {
  const look = followsLinks ? statSync : lstatSync;

  function at(directory: BytePath): BytePath {
    const path = root + withoutTrailingSlash(directory).slice(1);
    const parent = parentOf(directory);
    if (parent !== undefined) at(parent);
    const isDirectory = (parent === undefined ? statSync : look)(toBuffer(path)).isDirectory();
    if (!isDirectory) throw systemError('open', constants.errno.ENOTDIR);
    return withoutTrailingSlash(path);
  }

  at('/');
  const nothing = (): void => undefined;
  return { at, entry: (path) => entryIn(at, path), drop: nothing, trim: nothing, close: nothing };
}

function entryIn(at: HeldDirectories['at'], path: BytePath): BytePath {
  if (path.endsWith('/')) return `${at(path)}/.`;
  return `${at(parentOf(path) ?? '/')}/${nameOf(path)}`;
}

function nameOf(path: BytePath): BytePath {
  const bare = withoutTrailingSlash(path);
  return bare.slice(bare.lastIndexOf('/') + 1);
}
