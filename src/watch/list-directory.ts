// Reads one directory: names as bytes, and which of them are directories. Follows no symlink.

import { lstatSync, readdirSync } from 'node:fs';
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
  const entries = readdirSync(toBuffer(path), { withFileTypes: true, encoding: 'buffer' });
  return entries.map((entry) => ({ name: fromBuffer(entry.name), isDirectory: entry.isDirectory() }));
}

/** Whether there is a directory of that name itself, not a symlink to one; undefined when there is nothing, or nothing to be seen. */
export function isDirectory(path: BytePath): boolean | undefined {
  try {
    return lstatSync(toBuffer(path)).isDirectory();
  } catch {
    return undefined;
  }
}
