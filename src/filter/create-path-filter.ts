// The filter of one sync: rsync's rules, in their order, applied to a path and to each of its parents. Pure. Asked for every
// event, so what was decided of a directory is remembered.

import { isDirectoryPath, parentOf, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { FilterRule } from '../config/sync-spec.ts';
import { compileRule, type CompiledRule } from './compile-rule.ts';
import type { PathFilter } from './path-filter.ts';

/** So many directories are remembered before the memory is emptied: about 2 MB. */
const MAX_REMEMBERED_DIRECTORIES = 16_384;

export interface RuleFilter extends PathFilter {
  /**
   * True if some rule is anchored, has an inner slash, or `**`: then a directory that moves may have below it what is let
   * through in one place and not in the other.
   */
  readonly dependsOnPlace: boolean;
  /** The rules now in force, in order. */
  readonly rules: readonly FilterRule[];
  /** Adds an exclude behind all rules (`addExclude` of lsyncd). The pattern is taken as it is; see read-rules.ts for lines. */
  addExclude(pattern: BytePath): void;
  /** Takes the last exclude with exactly this pattern away. False if there is none. */
  rmExclude(pattern: BytePath): boolean;
}

/** @param rules in rsync's order: the first that matches decides, what none matches passes, and the root always does */
export function createPathFilter(rules: readonly FilterRule[]): RuleFilter {
  const compiled: CompiledRule[] = rules.map(compileRule);
  const remembered = new Map<BytePath, boolean>();

  function isExcluded(path: BytePath): boolean {
    const name = withoutTrailingSlash(path).slice(1);
    const isDirectory = isDirectoryPath(path);
    const decisive = compiled.find((rule) => rule.matches(name, isDirectory));
    return decisive?.rule.action === 'exclude';
  }

  function passesDirectory(path: BytePath): boolean {
    const known = remembered.get(path);
    if (known !== undefined) return known;
    const passes = passesAfresh(path);
    if (remembered.size >= MAX_REMEMBERED_DIRECTORIES) remembered.clear();
    remembered.set(path, passes);
    return passes;
  }

  function passesAfresh(path: BytePath): boolean {
    const parent = parentOf(path);
    return parent === undefined || (passesDirectory(parent) && !isExcluded(path));
  }

  return {
    passes: (path) =>
      compiled.length === 0 || (isDirectoryPath(path) ? passesDirectory(path) : passesAfresh(path)),
    get dependsOnPlace() {
      return compiled.some((rule) => rule.dependsOnPlace);
    },
    get rules() {
      return compiled.map(({ rule }) => rule);
    },
    addExclude(pattern) {
      compiled.push(compileRule({ action: 'exclude', pattern }));
      remembered.clear();
    },
    rmExclude(pattern) {
      const at = compiled.findLastIndex(({ rule }) => rule.action === 'exclude' && rule.pattern === pattern);
      if (at >= 0) compiled.splice(at, 1);
      remembered.clear();
      return at >= 0;
    },
  };
}
