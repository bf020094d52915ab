// `rm -rf` that never leaves the directory it began in: what is looked into is held, and symlinks are removed, not followed.

import { closeSync, readdirSync, rmSync, rmdirSync, unlinkSync } from 'node:fs';
import { fromBuffer, toBuffer, type BytePath } from '../../byte-path.ts';
import { canHold, openReadableDirectory, pathOf } from '../../os/held-entry.ts';

/** What unlink(2) says of a directory: Linux, and POSIX. */
const DIRECTORY_CODES: ReadonlySet<string> = new Set(['EISDIR', 'EPERM']);

/**
 * Nothing there is no error. What can be removed is removed even when something else cannot.
 * `checkpoint` is called before each entry; what it throws ends the removing at once.
 * @throws Error of the first entry that could not be removed
 */
export function removeEntry(path: BytePath, checkpoint: () => void): void {
  checkpoint();
  const error = errorOf(() => unlinkSync(toBuffer(path)));
  if (error === undefined || error.code === 'ENOENT') return;
  if (!DIRECTORY_CODES.has(error.code ?? '')) throw error;
  if (!canHold) return rmSync(toBuffer(path), { recursive: true, force: true });
  removeContent(path, { checkpoint, insteadOf: error });
  rmdirSync(toBuffer(path));
}

interface Removing {
  readonly checkpoint: () => void;
  /** What is said when it is no directory after all: an immutable file. */
  readonly insteadOf: Error;
}

function removeContent(path: BytePath, { checkpoint, insteadOf }: Removing): void {
  const fd = openContent(path, insteadOf);
  try {
    let first: NodeJS.ErrnoException | undefined;
    for (const name of readdirSync(pathOf(fd), { encoding: 'buffer' })) {
      const error = errorOf(() => removeEntry(`${pathOf(fd)}/${fromBuffer(name)}`, checkpoint));
      first ??= error;
    }
    if (first !== undefined) throw first;
  } finally {
    closeSync(fd);
  }
}

function openContent(path: BytePath, insteadOf: Error): number {
  try {
    return openReadableDirectory(path);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? insteadOf : error;
  }
}

/** What the system said; anything else is thrown on. */
function errorOf(action: () => void): NodeJS.ErrnoException | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return error as NodeJS.ErrnoException;
  }
}
