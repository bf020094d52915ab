// exclude, excludeFrom, filter, filterFrom: the lines that rsync gets, and the rules that they are.

import { readFileSync } from 'node:fs';
import { fromBuffer, toBuffer, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { ConfigError } from '../errors.ts';
import type { FilterRule } from './sync-spec.ts';

export interface FilterLines {
  /** `+ PATTERN` or `- PATTERN`. */
  readonly filters: readonly BytePath[];
  /** Plain patterns. */
  readonly excludes: readonly BytePath[];
}

/** What would not be a plain pattern in rsync's --exclude-from: a signed rule, a comment, the mark that clears the list. */
const isNoPlainPattern = /^(?:[-+] |[#;]|!$)/;

/** The longest pattern that rsync keeps (its MAXPATHLEN less one). */
const maxPatternBytes = 4095;

/** Why rsync would end with 1, or do without it, at one of these lines; the first of them, undefined where it takes all. */
export function findFault(
  lines: readonly BytePath[],
): { readonly line: BytePath; readonly reason: string } | undefined {
  for (const line of lines.flatMap((text) => text.split(/[\r\n]+/))) {
    const pattern = line.replace(/^[-+] /, '');
    if (line !== '' && pattern === '') return { line, reason: 'expected a pattern behind the sign' };
    if (pattern.length > maxPatternBytes)
      return { line, reason: `rsync takes patterns of up to ${maxPatternBytes} bytes` };
  }
  return undefined;
}

/**
 * Rules for rsync's stdin. Excludes that rsync would read as something else than a pattern (`+ x`, `#x#`) make all of them
 * filters, where they can be written without doubt.
 */
export function toFilterLines(filters: readonly BytePath[], excludes: readonly BytePath[]): FilterLines {
  const patterns = excludes.flatMap((text) => text.split(/[\r\n]+/)).filter((pattern) => pattern !== '');
  const kept = patterns.slice(patterns.lastIndexOf('!') + 1);
  const plain = kept.map((pattern) => pattern.replace(/^- /, ''));
  if (!plain.some((pattern) => isNoPlainPattern.test(pattern))) return { filters, excludes: plain };
  const signed = kept.map((pattern) => (/^[-+] /.test(pattern) ? pattern : `- ${pattern}`));
  return { filters: [...filters, ...signed], excludes: [] };
}

/** Filters first, then the excludes: the order in which rsync has them. The first rule that matches decides. */
export function toFilterRules({ filters, excludes }: FilterLines): readonly FilterRule[] {
  return [...filters.map(toRule), ...excludes.map((pattern): FilterRule => ({ action: 'exclude', pattern }))];
}

function toRule(line: BytePath): FilterRule {
  return { action: line.startsWith('+') ? 'include' : 'exclude', pattern: line.slice(2) };
}

/** A filter as `+ PATTERN` or `- PATTERN`. The space may be missing, as for lsyncd.
 * @throws ConfigError `Unknown filter rule: "P /x"` */
export function toFilterLine(rule: BytePath): BytePath {
  const [, sign, pattern] = /^\s*([-+])(?: |(?! ))([^\r\n]+)$/.exec(rule) ?? [];
  if (sign === undefined || pattern === undefined) {
    throw new ConfigError(`Unknown filter rule: "${toText(rule)}"`);
  }
  return `${sign} ${pattern}`;
}

/** The patterns of an excludeFrom file: lines without leading white space; empty ones and comments (`#`, `;`) left out.
 * @throws ConfigError `Cannot open exclude file "X": X: No such file or directory`, `Cannot use "+ " of exclude file "X": …` */
export function readExcludeFile(path: BytePath): readonly BytePath[] {
  return checked(
    path,
    'exclude',
    readLines(path, 'exclude').map((line) => line.replace(/^([-+]) +/, '$1 ')),
  );
}

/** The rules of a filterFrom file; comments as above.
 * @throws ConfigError `Cannot open filter file "X": …`, `Cannot use "…" of …`, `Unknown filter rule: "…"` */
export function readFilterFile(path: BytePath): readonly BytePath[] {
  return checked(path, 'filter', readLines(path, 'filter').map(toFilterLine));
}

function checked(
  path: BytePath,
  kind: 'exclude' | 'filter',
  lines: readonly BytePath[],
): readonly BytePath[] {
  const fault = findFault(lines);
  if (fault === undefined) return lines;
  throw new ConfigError(
    `Cannot use "${toText(fault.line)}" of ${kind} file "${toText(path)}": ${fault.reason}`,
  );
}

function readLines(path: BytePath, kind: 'exclude' | 'filter'): readonly BytePath[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(toBuffer(path));
  } catch (error) {
    const name = toText(path);
    throw new ConfigError(`Cannot open ${kind} file "${name}": ${name}: ${reason(error)}`, { cause: error });
  }
  return fromBuffer(bytes)
    .split(/[\r\n]+/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !/^[#;]/.test(line));
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'No such file or directory';
  if (code === 'EACCES') return 'Permission denied';
  if (code === 'EISDIR') return 'Is a directory';
  return String(code ?? error);
}
