// What lies below a directory of a source right now. For directories that came whole: a move, a rescan.

import { readdirSync, type Dirent } from 'node:fs';
import { fromBuffer, isDirectoryPath, toBuffer, type BytePath } from '../byte-path.ts';
import type { PathFilter } from '../filter/path-filter.ts';

/**
 * Paths below `directory` (`/a/d/`) relative to `source` (absolute, trailing slash) that the filter lets through, parents before what
 * is in them. What vanishes or cannot be read meanwhile is left out: an event or the next startup sync speaks of it.
 */
export function* listBelow(source: BytePath, directory: BytePath, filter: PathFilter): Generator<BytePath> {
  for (const entry of readDirectory(source + directory.slice(1))) {
    const path = directory + fromBuffer(entry.name) + (entry.isDirectory() ? '/' : '');
    if (!filter.passes(path)) continue;
    yield path;
    if (isDirectoryPath(path)) yield* listBelow(source, path, filter);
  }
}

function readDirectory(absolute: BytePath): Dirent<Buffer>[] {
  try {
    return readdirSync(toBuffer(absolute), { withFileTypes: true, encoding: 'buffer' });
  } catch {
    return [];
  }
}
