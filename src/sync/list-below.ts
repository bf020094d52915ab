// What lies below a directory of a source right now. For directories that came whole: a move, a rescan.

import { isDirectoryPath, type BytePath } from '../byte-path.ts';
import type { PathFilter } from '../filter/path-filter.ts';
import { listDirectory, type Entry } from '../watch/list-directory.ts';

/**
 * Paths below `directory` (`/a/d/`) relative to `source` (absolute, trailing slash) that the filter lets through, parents before what
 * is in them. What vanishes or cannot be read meanwhile is left out: an event or the next startup sync speaks of it.
 */
export function* listBelow(source: BytePath, directory: BytePath, filter: PathFilter): Generator<BytePath> {
  for (const entry of readDirectory(source + directory.slice(1))) {
    const path = directory + entry.name + (entry.isDirectory ? '/' : '');
    if (!filter.passes(path)) continue;
    yield path;
    if (isDirectoryPath(path)) yield* listBelow(source, path, filter);
  }
}

function readDirectory(absolute: BytePath): readonly Entry[] {
  try {
    return listDirectory(absolute);
  } catch {
    return [];
  }
}
