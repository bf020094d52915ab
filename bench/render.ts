// The table of the results, for a terminal or as Markdown.

import type { Unit, Wanted } from './experiment.ts';
import type { RowResult, Value } from './result.ts';

const HEAD = ['row', 'tsyncd', 'spread', 'lsyncd', 'spread', 'ratio', 'wanted', 'reached'] as const;

/** Columns lined up with blanks, the row by its name. */
export function toTextTable(results: readonly RowResult[]): string {
  const lines = [HEAD, ...results.map((result) => [result.name, ...cellsOf(result)])];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return [...text.map((line) => line.trimEnd()), ...failuresOf(results), ''].join('\n');
}

/** A Markdown table, the row by its title and its name. */
export function toMarkdown(results: readonly RowResult[]): string {
  const lines = results.map((result) => [`${result.title} (\`${result.name}\`)`, ...cellsOf(result)]);
  const text = [[...HEAD], HEAD.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
  return [...text, '', ...failuresOf(results), ''].join('\n').trimEnd() + '\n';
}

function cellsOf(result: RowResult): readonly string[] {
  const { tsyncd, lsyncd, unit, isCutOff, ratio } = result;
  return [
    tsyncd === undefined ? '–' : toText(tsyncd.median, unit),
    toSpread(tsyncd),
    lsyncd === undefined ? '–' : `${isCutOff ? '> ' : ''}${toText(lsyncd.median, unit)}`,
    toSpread(lsyncd),
    ratio === undefined ? '–' : `${isCutOff ? '< ' : ''}${toNumber(ratio)}`,
    result.wanted.map((wanted) => toWanted(wanted, unit)).join(', ') || '–',
    toVerdict(result),
  ];
}

function toVerdict({ isReached, failures, tsyncd }: RowResult): string {
  if (failures.length > 0) return 'FAILED';
  if (isReached === undefined) return tsyncd === undefined ? 'not run' : '–';
  return isReached ? 'yes' : 'NO';
}

function toWanted(wanted: Wanted, unit: Unit): string {
  if (wanted.of === 'ratio') return `ratio ≤ ${wanted.atMost}`;
  return wanted.of === 'value' ? `≤ ${wanted.atMost} ${unit}` : `≤ ${wanted.atMost} × ${wanted.since}`;
}

function toText(value: number, unit: Unit): string {
  return `${toNumber(value)} ${unit}`;
}

/** Lowest and highest, and of how many. */
function toSpread(value: Value | undefined): string {
  if (value === undefined) return '–';
  return `${value.spread.map(toNumber).join('–')} (${value.rounds})`;
}

/** Three digits that count. */
export function toNumber(value: number): string {
  if (value === 0) return '0';
  const digits = 2 - Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(4, Math.max(0, digits)));
}

function failuresOf(results: readonly RowResult[]): readonly string[] {
  return results.flatMap(({ name, failures }) => failures.map((failure) => `${name}: ${failure}`));
}
