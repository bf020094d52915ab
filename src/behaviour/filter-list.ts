// lsyncd's way to name the paths of a batch: `--include-from=- --exclude=*`. Each path is followed by those of its parents that
// were not needed before, deepest first; a deleted directory stands as `PATH/***`, which takes what is below it along.

import { isDirectoryPath, parentOf, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';

/** Whether the source has the path now: for `/a/d/` a directory, for `/a/f` anything. */
export type IsThere = (path: BytePath) => boolean;

/**
 * The patterns for rsync's stdin (NUL between them), in lsyncd's order.
 * A directory that is gone, or must be sent whole, gets `***`.
 */
export function toFilterList(changes: readonly Delay[], isThere: IsThere): readonly BytePath[] {
  const patterns = new Set<BytePath>();
  for (const { path, whole } of changes) {
    if (isDirectoryPath(path) && (whole || !isThere(path))) patterns.add(subtreePattern(path));
    patterns.add(toPattern(path));
    addParents(patterns, path);
  }
  return [...patterns];
}

/** The parents of `path`, deepest first, as far as they are not there yet. */
function addParents(patterns: Set<BytePath>, path: BytePath): void {
  for (let parent = parentOf(path); parent !== undefined; parent = parentOf(parent)) {
    const pattern = toPattern(parent);
    if (patterns.has(pattern)) return;
    patterns.add(pattern);
  }
}

/** A pattern that matches `path` (a directory) and all below it. */
function subtreePattern(path: BytePath): BytePath {
  return `${escapeWildcards(path)}***`;
}

/**
 * A pattern that matches exactly `path`. rsync takes a backslash for an escape only in a pattern that has one of `* ? [`;
 * in any other one a backslash, and an escaped `]`, would be taken literally (rsync(1), PATTERN MATCHING RULES).
 */
export function toPattern(path: BytePath): BytePath {
  return /[*?[]/.test(path) ? escapeWildcards(path) : path;
}

/** `path` as part of a pattern that has wildcards elsewhere. */
export function escapeWildcards(path: BytePath): BytePath {
  return path.replaceAll(/[\\*?[\]]/g, '\\$&');
}
