// Directories that came with all that is in them (cp -r, tar, git clone). rsync reads a list of files byte by byte, with two system calls for each;
// of such directories it is given the names alone, and finds their files by itself. Nor need we look at each.

import { opendirSync, type Dir } from 'node:fs';
import { isDirectoryPath, parentOf, toBuffer, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import { nextTurn, type TreeView } from './source-state.ts';

/** Fewer files than this are not worth it. */
const LEAST_FILES = 1000;

export interface NewDirectories {
  readonly directories: readonly Delay[];
  /** Every file in them. */
  readonly files: readonly Delay[];
}

export const NO_NEW_DIRECTORIES: NewDirectories = { directories: [], files: [] };

/**
 * Those of `changes` that came new, have no subdirectories and no files but such as are in `changes` too.
 * @param source absolute, with a trailing slash
 */
export async function newDirectories(
  changes: readonly Delay[],
  { source, view }: { readonly source: BytePath; readonly view: TreeView },
): Promise<NewDirectories> {
  if (changes.length < LEAST_FILES) return NO_NEW_DIRECTORIES;
  const directories: Delay[] = [];
  const files: Delay[] = [];
  for (const [directory, byName] of candidates(changes)) {
    if (!view.has(directory.path)) continue;
    const found = filesIn(source + directory.path.slice(1), byName);
    if (found !== undefined) {
      directories.push(directory);
      files.push(...found);
    }
    await nextTurn();
  }
  return files.length < LEAST_FILES ? NO_NEW_DIRECTORIES : { directories, files };
}

/** What goes along with them, and the names that rsync needs for it. */
export interface Companions {
  readonly changes: readonly Delay[];
  readonly names: readonly BytePath[];
}

export interface CompanionOptions {
  readonly changes: readonly Delay[];
  readonly view: TreeView;
  /** rsync is given rules of the user. It takes what is gone for a file, and a rule may say something else of files than of directories. */
  readonly hasRules: boolean;
}

/**
 * Of `changes`, what rsync may be given beside such directories, though it would send each directory with all below it: whatever is none, and
 * parents of what is sent, which come along unnamed.
 */
export function companionsOf(
  { directories }: NewDirectories,
  { changes, view, hasRules }: CompanionOptions,
): Companions {
  const names = new Set<BytePath>();
  const parents = new Set<BytePath>();
  const addParents = (path: BytePath): void => {
    for (let at = parentOf(path); at !== undefined && !parents.has(at); at = parentOf(at)) parents.add(at);
  };
  for (const { path } of directories) addParents(path);
  const mayBeNamed = ({ path }: Delay): boolean => {
    const { state } = view.look(path);
    return state === 'missing' ? !hasRules : state === 'there' && !isThereAsDirectory(path, view);
  };
  for (const change of changes.filter(mayBeNamed)) {
    const seen = view.look(change.path);
    names.add(seen.path);
    if (seen.state === 'there') addParents(seen.path);
  }
  const comesAlong = ({ path }: Delay): boolean =>
    isThereAsDirectory(path, view) && parents.has(asDirectory(path));
  return {
    changes: changes.filter((change) => mayBeNamed(change) || comesAlong(change)),
    names: [...names],
  };
}

function isThereAsDirectory(path: BytePath, view: TreeView): boolean {
  return view.has(asDirectory(path));
}

function asDirectory(path: BytePath): BytePath {
  return isDirectoryPath(path) ? path : `${path}/`;
}

type FilesByName = ReadonlyMap<BytePath, Delay>;

/** New directories, and what changed in each but for directories. */
function candidates(changes: readonly Delay[]): readonly (readonly [Delay, FilesByName])[] {
  const simple = changes.filter(({ whole, listing }) => !whole && listing !== true);
  const made = simple.filter(({ kind, path }) => kind === 'Create' && isDirectoryPath(path) && path !== '/');
  const byPath = new Map(made.map((directory) => [directory.path, new Map<BytePath, Delay>()]));
  for (const change of simple) {
    const nameAt = change.path.lastIndexOf('/') + 1;
    byPath.get(change.path.slice(0, nameAt))?.set(change.path.slice(nameAt), change);
  }
  return made.map((directory) => {
    const byName = byPath.get(directory.path) ?? new Map<BytePath, Delay>();
    byName.delete('');
    return [directory, byName];
  });
}

/** Of what is in a directory; undefined when there is anything else. Reads no further than to that: there may be a million files. */
function filesIn(path: BytePath, byName: FilesByName): readonly Delay[] | undefined {
  let directory: Dir | undefined;
  const files: Delay[] = [];
  try {
    directory = opendirSync(toBuffer(withoutTrailingSlash(path)), { encoding: 'latin1', bufferSize: 512 });
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      const change = byName.get(entry.name);
      if (change === undefined || entry.isDirectory()) return undefined;
      files.push(change);
    }
    return files;
  } catch {
    return undefined;
  } finally {
    directory?.closeSync();
  }
}
