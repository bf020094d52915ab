// Does what default.direct wants done, one operation after the other. Runs in the thread of file-thread.ts, and blocks it.

import { mkdirSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { toBuffer, toText, withoutTrailingSlash, type BytePath } from '../../byte-path.ts';
import { copyAttributes, otherTypeCode } from '../../os/attributes.ts';
import { copyEntry } from './copy-entry.ts';
import type { FileOperation, FileProblem, FileResult, FileWork } from './file-work.ts';
import { holdDirectories, type HeldDirectories } from './held-directories.ts';
import { moveEntry } from './move-entry.ts';
import { removeEntry } from './remove-entry.ts';

/** Until it has its own. */
const PRIVATE_MODE = 0o700;

/** In words, for `Cannot …`. */
const WORDS: Readonly<Record<FileOperation['kind'], string>> = {
  move: 'move',
  remove: 'delete',
  directory: 'make directory',
  copy: 'copy',
  attributes: 'give attributes to',
};

/** Thrown at a checkpoint. */
class Stopped extends Error {}

interface Trees {
  readonly work: FileWork;
  readonly source: HeldDirectories;
  readonly target: HeldDirectories;
  readonly checkpoint: () => void;
}

/**
 * `isStopping` is asked before each operation, and within those that may take long.
 * @throws Error of open(2) when the source or the target is not there
 */
export function doFileWork(work: FileWork, isStopping: () => boolean): FileResult {
  const source = holdDirectories(work.source, { followsLinks: false });
  try {
    const target = holdDirectories(work.target, { followsLinks: work.followsTargetLinks });
    try {
      const checkpoint = (): void => {
        if (isStopping()) throw new Stopped();
      };
      return doAll({ work, source, target, checkpoint });
    } finally {
      target.close();
    }
  } finally {
    source.close();
  }
}

function doAll(trees: Trees): FileResult {
  const problems: FileProblem[] = [];
  for (const [index, operation] of trees.work.operations.entries()) {
    try {
      trees.checkpoint();
      if (doOne(operation, trees) === 'unsteady') problems.push({ index, ...UNSTEADY });
    } catch (error) {
      if (error instanceof Stopped) return { tried: index, problems };
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      if (!isHarmless(operation, code)) problems.push({ index, ...describe(operation, error) });
    }
    trees.source.trim();
    trees.target.trim();
  }
  return { tried: trees.work.operations.length, problems };
}

const UNSTEADY = { code: '', reason: 'It changes while it is copied', isUnsteady: true } as const;

function doOne(operation: FileOperation, trees: Trees): 'done' | 'unsteady' {
  const { source, target, checkpoint } = trees;
  const { kind, path } = operation;
  if (kind === 'copy') return copy(path, trees);
  if (kind === 'move') move(operation, trees);
  else if (kind === 'attributes') copyAttributes(source.entry(path), target.entry(path));
  else if (kind === 'directory') mkdirSync(toBuffer(target.entry(withoutTrailingSlash(path))), PRIVATE_MODE);
  else {
    removeEntry(target.entry(withoutTrailingSlash(path)), checkpoint);
    target.drop(path);
  }
  return 'done';
}

function move({ path, to }: FileOperation & { kind: 'move' }, { work, target, checkpoint }: Trees): void {
  const { mayDelete } = work;
  try {
    moveEntry({
      from: target.entry(withoutTrailingSlash(path)),
      to: target.entry(withoutTrailingSlash(to)),
      mayDelete,
      checkpoint,
    });
  } finally {
    target.drop(path);
    target.drop(to);
  }
}

function copy(path: BytePath, { source, target, checkpoint }: Trees): 'done' | 'unsteady' {
  const at = path.lastIndexOf('/');
  const from = entryUnlessGone(source, path);
  if (from === undefined) return 'done';
  const toDirectory = (): BytePath => target.at(path.slice(0, at + 1));
  const copied = copyEntry({ from, toDirectory, toName: path.slice(at + 1), checkpoint });
  return copied === 'unsteady' ? 'unsteady' : 'done';
}

/** Its directory has gone, or another thing has come in its place: the event of that is still to come. */
function entryUnlessGone(source: HeldDirectories, path: BytePath): BytePath | undefined {
  try {
    return source.entry(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
}

/** What is not there needs no removing and no attributes; what is there needs no making. */
function isHarmless({ kind }: FileOperation, code: string): boolean {
  if (kind === 'remove' || kind === 'attributes') return code === 'ENOENT';
  return kind === 'directory' && code === 'EEXIST';
}

function describe({ kind, path }: FileOperation, error: unknown): Omit<FileProblem, 'index'> {
  const { code = '', errno = 0, message } = error as NodeJS.ErrnoException;
  const what = `Cannot ${WORDS[kind]} "${toText(path)}"`;
  if (code === otherTypeCode)
    return { code, reason: `${what}: the source has another type`, isUnsteady: false };
  // The message itself names descriptors.
  const text = getSystemErrorMap().get(errno)?.[1] ?? message;
  return { code, reason: `${what}: ${text} (${code})`, isUnsteady: false };
}
