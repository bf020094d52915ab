// Reads one directory: names as bytes, and which of them are directories. Follows no symlink.

import { lstatSync, readdirSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { fromBuffer, toBuffer } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';

export interface Entry {
  readonly name: BytePath;
  readonly isDirectory: boolean;
}

/**
 * What is in a directory, in no order. (Where the file system does not say the types, Node asks lstat for each.)
 * @param path absolute, with a trailing slash
 * @throws Error of readdir: ENOENT, ENOTDIR, EACCES, EMFILE, …
 */
export function listDirectory(path: BytePath): Entry[] {
  const bytes = toBuffer(path);
  try {
    return readdirSync(bytes, { withFileTypes: true, encoding: 'latin1' }).map((entry) => toEntry(entry));
  } catch {
    // Without types Node cannot put such a name behind a path that is a buffer. What else was wrong is said anew.
    return listAsBuffers(bytes);
  }
}

/** At twice the cost: each name is a buffer. */
function listAsBuffers(path: Buffer): Entry[] {
  const entries = readdirSync(path, { withFileTypes: true, encoding: 'buffer' });
  return entries.map((entry) => ({ name: fromBuffer(entry.name), isDirectory: entry.isDirectory() }));
}

function toEntry(entry: Dirent): Entry {
  return { name: entry.name, isDirectory: entry.isDirectory() };
}

/** Whether there is a directory of that name itself, not a symlink to one; undefined when there is nothing, or nothing to be seen. */
export function isDirectory(path: BytePath): boolean | undefined {
  try {
    return lstatSync(toBuffer(path)).isDirectory();
  } catch {
    return undefined;
  }
}
