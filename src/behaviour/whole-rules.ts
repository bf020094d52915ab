// The rules for a batch in which a directory must be sent whole while the sync has excludes or filters. `DIR/***` would send
// what is excluded below it, and delete what is protected at the target; so below such a directory the user's rules decide,
// and everything else is closed off by hand.

import { isDirectoryPath, parentOf, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import { escapeWildcards, toPattern, type IsThere } from './filter-list.ts';

/**
 * Rules for rsync's stdin (NUL between them), each with its sign: first what is named and its parents, then nothing else in
 * those parents, then the user's rules (which only what is below a whole directory can reach). No `--exclude=*` follows.
 */
export function toWholeRules(
  changes: readonly Delay[],
  { isThere, userRules }: { readonly isThere: IsThere; readonly userRules: readonly BytePath[] },
): readonly BytePath[] {
  const includes = new Set<BytePath>();
  const closed = new Set<BytePath>();
  const wholes = topmostWholes(changes, isThere);
  for (const { path } of changes) {
    if (isBelow(path, wholes)) continue;
    const isOpen = wholes.has(path);
    if (isDirectoryPath(path) && !isThere(path)) includes.add(`+ ${escapeWildcards(path)}***`);
    else if (isDirectoryPath(path) && !isOpen) closed.add(path);
    includes.add(`+ ${toPattern(path)}`);
    for (let parent = parentOf(path); parent !== undefined; parent = parentOf(parent)) {
      includes.add(`+ ${toPattern(parent)}`);
      closed.add(parent);
    }
  }
  const excludes = [...closed].map((directory) => `- ${escapeWildcards(directory)}*`);
  return [...includes, ...excludes, ...userRules];
}

function topmostWholes(changes: readonly Delay[], isThere: IsThere): ReadonlySet<BytePath> {
  const wholes = changes.filter(({ whole, path }) => whole && isDirectoryPath(path) && isThere(path));
  const paths = new Set(wholes.map(({ path }) => path));
  return new Set([...paths].filter((path) => !isBelow(path, paths)));
}

function isBelow(path: BytePath, directories: ReadonlySet<BytePath>): boolean {
  for (let parent = parentOf(path); parent !== undefined; parent = parentOf(parent)) {
    if (directories.has(parent)) return true;
  }
  return false;
}

/** A sync's excludes and filters as one list of signed rules, in the order rsync gets them at startup. */
export function toUserRules(
  filters: readonly BytePath[],
  excludes: readonly BytePath[],
): readonly BytePath[] {
  return [...filters, ...excludes.map((pattern) => (/^[+-] /.test(pattern) ? pattern : `- ${pattern}`))];
}
