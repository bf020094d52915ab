// The lines of `exclude`, `excludeFrom`, `filter`, `filterFrom` as rsync reads them from its stdin: what is a rule, what is a
// comment, what clears the list. Lines that cannot be mirrored are named, so that the config can refuse them.

import type { BytePath } from '../byte-path.ts';
import type { FilterRule } from '../config/sync-spec.ts';

/** What one line says. `refused`: rsync stops at it, or does with it what the watcher cannot follow. */
export type RuleLine =
  | { readonly kind: 'rule'; readonly rule: FilterRule }
  | { readonly kind: 'clear' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly reason: string };

export interface RuleSources {
  /** Lines for `--filter=. -`; with any of them the excludes go behind them, each as `- EXCLUDE`. */
  readonly filters: readonly BytePath[];
  /** Lines for `--exclude-from=-` when there are no filters. */
  readonly excludes: readonly BytePath[];
}

export interface ReadRules {
  readonly rules: readonly FilterRule[];
  readonly refused: readonly { readonly line: BytePath; readonly reason: string }[];
}

/** The longest pattern that rsync keeps (its MAXPATHLEN less one). */
const MAX_PATTERN_BYTES = 4095;

/** All rules of a sync in the order rsync has them. A line feed or carriage return inside a string ends a line, as for rsync. */
export function readRules({ filters, excludes }: RuleSources): ReadRules {
  const hasFilters = filters.length > 0;
  const lines = [
    ...toLines(filters).map((line) => [line, parseFilterLine(line)] as const),
    ...toLines(hasFilters ? excludes.map((line) => `- ${line}`) : excludes).map(
      (line) => [line, hasFilters ? parseFilterLine(line) : parseExcludeLine(line)] as const,
    ),
  ];
  let rules: FilterRule[] = [];
  const refused: { line: BytePath; reason: string }[] = [];
  for (const [line, parsed] of lines) {
    if (parsed.kind === 'rule') rules.push(parsed.rule);
    else if (parsed.kind === 'clear') rules = [];
    else if (parsed.kind === 'refused') refused.push({ line, reason: parsed.reason });
  }
  return { rules, refused };
}

function toLines(strings: readonly BytePath[]): BytePath[] {
  return strings.flatMap((text) => text.split(/[\r\n]/));
}

/** A line of an `--exclude-from` file: a pattern, or `+ PATTERN`, `- PATTERN`, `!`; `;` and `#` begin a comment. */
export function parseExcludeLine(line: BytePath): RuleLine {
  if (isBlank(line)) return { kind: 'nothing' };
  if (line === '!') return { kind: 'clear' };
  if (line.startsWith('- ')) return toRule('exclude', line.slice(2));
  if (line.startsWith('+ ')) return toRule('include', line.slice(2));
  return toRule('exclude', line);
}

/** A line of a merge file (`--filter=. -`): `- PATTERN`, `+ PATTERN`, `exclude PATTERN`, `include PATTERN`, `!`, `clear`. */
export function parseFilterLine(line: BytePath): RuleLine {
  if (isBlank(line)) return { kind: 'nothing' };
  if (line === '!' || line === 'clear') return { kind: 'clear' };
  const [, sign, pattern] = /^([-+]|exclude|include),?[ _](.*)$/s.exec(line) ?? [];
  if (sign === undefined || pattern === undefined) {
    return {
      kind: 'refused',
      reason: 'expected "- PATTERN", "+ PATTERN" or "!" (no modifiers, no merge files)',
    };
  }
  return toRule(sign === '-' || sign === 'exclude' ? 'exclude' : 'include', pattern);
}

function isBlank(line: BytePath): boolean {
  return line === '' || line.startsWith(';') || line.startsWith('#');
}

function toRule(action: FilterRule['action'], pattern: BytePath): RuleLine {
  if (pattern === '') return { kind: 'refused', reason: 'expected a pattern behind the sign' };
  if (pattern.length > MAX_PATTERN_BYTES)
    return { kind: 'refused', reason: 'the pattern is too long for rsync' };
  return { kind: 'rule', rule: { action, pattern } };
}
