// One rule of rsync, compiled: does it speak of this path? Where the pattern is compared (last element, last elements, whole
// path) is decided once, from the pattern alone; rsync(1), PATTERN MATCHING RULES.

import type { FilterRule } from '../config/sync-spec.ts';
import { compileWildcard } from './wildcard.ts';

export interface CompiledRule {
  readonly rule: FilterRule;
  /** Whether the answer depends on where the path lies, not only on its last element. */
  readonly dependsOnPlace: boolean;
  /** @param name the path without its first and last slash: `a/f` */
  matches(name: string, isDirectory: boolean): boolean;
}

type Match = (name: string, isDirectory: boolean) => boolean;

export function compileRule(rule: FilterRule): CompiledRule {
  const onlyDirectories = rule.pattern.length > 1 && rule.pattern.endsWith('/');
  const pattern = onlyDirectories ? rule.pattern.slice(0, -1) : rule.pattern;
  const dependsOnPlace = pattern.includes('/') || (isWild(pattern) && pattern.includes('**'));
  const match = compilePattern(pattern, dependsOnPlace);
  return {
    rule,
    dependsOnPlace,
    matches: (name, isDirectory) => (isDirectory || !onlyDirectories) && match(name, isDirectory),
  };
}

function isWild(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

function compilePattern(pattern: string, dependsOnPlace: boolean): Match {
  const match = isWild(pattern) ? compileWild(pattern) : compileLiteral(pattern);
  return dependsOnPlace
    ? match
    : (name, isDirectory) => match(name.slice(name.lastIndexOf('/') + 1), isDirectory);
}

/** No wildcard: a plain comparison, in which `\` is a byte like any other. */
function compileLiteral(pattern: string): Match {
  if (pattern.startsWith('/')) return (name) => name === pattern.slice(1);
  return (name) => name === pattern || name.endsWith(`/${pattern}`);
}

function compileWild(pattern: string): Match {
  const isAnchored = pattern.startsWith('/');
  const matches = compileWildcard(isAnchored ? pattern.slice(1) : pattern);
  const isDeep = pattern.includes('**');
  // `dir/***` is to match `dir/` itself, and `**/x` an `x` at the top: rsync lends the name a slash there.
  const lendsLast = isDeep && pattern.endsWith('***');
  const lendsFirst = pattern.startsWith('**');
  const textOf = (name: string, isDirectory: boolean): string =>
    (lendsFirst ? '/' : '') + name + (lendsLast && isDirectory ? '/' : '');

  if (isAnchored || lendsFirst) return (name, isDirectory) => matches(textOf(name, isDirectory), 0);
  if (isDeep) return (name, isDirectory) => matchesFromAnyElement(matches, textOf(name, isDirectory));
  const elements = pattern.split('/').length;
  return (name) => {
    const start = startOfLastElements(name, elements);
    return start !== undefined && matches(name, start);
  };
}

function matchesFromAnyElement(matches: (text: string, start: number) => boolean, text: string): boolean {
  for (let start = 0; ;) {
    if (matches(text, start)) return true;
    const slash = text.indexOf('/', start);
    if (slash < 0) return false;
    start = slash + 1;
  }
}

/** Where the last `count` elements of `a/b/c` begin; undefined when it has fewer (then rsync does not look at it at all). */
function startOfLastElements(name: string, count: number): number | undefined {
  let start = name.length + 1;
  for (let left = count; left > 0; left--) {
    if (start === 0) return undefined;
    start = start < 2 ? 0 : name.lastIndexOf('/', start - 2) + 1;
  }
  return start;
}
