// Directories that came with all that is in them (cp -r, tar, git clone). rsync reads a list of files byte by byte, with two system calls for each;
// of such directories it is given the names alone, and finds their files by itself.

import { opendirSync, type Dir } from 'node:fs';
import { isDirectoryPath, parentOf, toBuffer, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import { nextTurn, type TreeView } from './source-state.ts';

/** Fewer files than this are not worth an rsync of their own. */
const LEAST_FILES = 1000;

export interface NewDirectories {
  /** The directories. */
  readonly directories: readonly Delay[];
  /** Every file in them. */
  readonly files: readonly Delay[];
}

/**
 * Those of `changes` that came new, have no subdirectories and none but files that are in `changes` too. Both lists are empty where that does not pay.
 * @param source absolute, with a trailing slash
 */
export async function newDirectories(
  changes: readonly Delay[],
  { source, view }: { readonly source: BytePath; readonly view: TreeView },
): Promise<NewDirectories> {
  const files = filesByDirectory(changes, view);
  const found: { directories: Delay[]; files: Delay[] } = { directories: [], files: [] };
  for (const change of changes) {
    const inIt = files.get(change.path);
    if (inIt === undefined || change.kind !== 'Create' || !view.has(change.path)) continue;
    const names = new Set(inIt.map(({ path }) => path.slice(change.path.length)));
    if (names.size === inIt.length && hasNothingElse(source + change.path.slice(1), names)) {
      found.directories.push(change);
      found.files.push(...inIt);
    }
    await nextTurn();
  }
  return found.files.length >= LEAST_FILES ? found : { directories: [], files: [] };
}

/** What is there and no directory. */
function filesByDirectory(
  changes: readonly Delay[],
  view: TreeView,
): ReadonlyMap<BytePath, readonly Delay[]> {
  const files = new Map<BytePath, Delay[]>();
  for (const change of changes) {
    const parent = parentOf(change.path);
    if (parent === undefined || parent === '/' || isDirectoryPath(change.path)) continue;
    if (!view.has(change.path) || view.has(`${change.path}/`)) continue;
    const others = files.get(parent);
    if (others === undefined) files.set(parent, [change]);
    else others.push(change);
  }
  return files;
}

/** Read no further than the first other name: a directory may have a million of them. */
function hasNothingElse(path: BytePath, names: ReadonlySet<BytePath>): boolean {
  let directory: Dir | undefined;
  try {
    directory = opendirSync(toBuffer(withoutTrailingSlash(path)), { encoding: 'latin1', bufferSize: 512 });
    let count = 0;
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      if (!names.has(entry.name)) return false;
      count++;
    }
    return count === names.size;
  } catch {
    return false;
  } finally {
    directory?.closeSync();
  }
}
