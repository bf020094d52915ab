// Readings → what a row says: medians, the ratio, whether it is what is wanted.

import type { ProgramName, RowSpec, Wanted } from './experiment.ts';
import { median, spread } from './statistics.ts';

/** All that was read for one row. */
export interface RowReadings {
  readonly spec: RowSpec;
  readonly readings: Readonly<Record<ProgramName, readonly number[]>>;
  /** lsyncd was stopped before it was ready: its value is at least this, the ratio at most that. */
  readonly isCutOff: boolean;
  /** What went wrong; the row is not to be trusted then. */
  readonly failures: readonly string[];
}

export interface Value {
  readonly median: number;
  readonly spread: readonly [low: number, high: number];
  readonly rounds: number;
}

export interface RowResult {
  readonly name: string;
  readonly title: string;
  readonly unit: RowSpec['unit'];
  /** undefined: not measured. */
  readonly tsyncd: Value | undefined;
  readonly lsyncd: Value | undefined;
  readonly isCutOff: boolean;
  /** tsyncd / lsyncd; with `isCutOff` at most this. */
  readonly ratio: number | undefined;
  readonly wanted: readonly Wanted[];
  /** undefined: nothing is wanted, or not all that it needs was measured. */
  readonly isReached: boolean | undefined;
  readonly failures: readonly string[];
}

/** One result for each row, in the same order. A row may be judged by another one. */
export function toResults(rows: readonly RowReadings[]): readonly RowResult[] {
  const medians = new Map(rows.map(({ spec, readings }) => [spec.name, toValue(readings.tsyncd)?.median]));
  return rows.map(({ spec, readings, isCutOff, failures }) => {
    const tsyncd = toValue(readings.tsyncd);
    const lsyncd = toValue(readings.lsyncd);
    const ratio = tsyncd && lsyncd && ratioOf(tsyncd.median, lsyncd.median);
    const measured = { value: tsyncd?.median, ratio, medians };
    const verdicts = spec.wanted.map((wanted) => isReached(wanted, measured));
    return {
      name: spec.name,
      title: spec.title,
      unit: spec.unit,
      tsyncd,
      lsyncd,
      isCutOff,
      ratio,
      wanted: spec.wanted,
      isReached: failures.length > 0 ? false : together(verdicts),
      failures,
    };
  });
}

function toValue(readings: readonly number[]): Value | undefined {
  if (readings.length === 0) return undefined;
  return { median: median(readings), spread: spread(readings), rounds: readings.length };
}

/** undefined: nothing can be said beside nothing. */
function ratioOf(tsyncd: number, lsyncd: number): number | undefined {
  return lsyncd === 0 ? undefined : tsyncd / lsyncd;
}

interface Measured {
  readonly value: number | undefined;
  readonly ratio: number | undefined;
  /** tsyncd's, by row. */
  readonly medians: ReadonlyMap<string, number | undefined>;
}

function isReached(wanted: Wanted, { value, ratio, medians }: Measured): boolean | undefined {
  const measured = wanted.of === 'ratio' ? ratio : value;
  const unit = wanted.of === 'growth' ? medians.get(wanted.since) : 1;
  return measured === undefined || unit === undefined ? undefined : measured / unit <= wanted.atMost;
}

function together(verdicts: readonly (boolean | undefined)[]): boolean | undefined {
  if (verdicts.includes(false)) return false;
  return verdicts.length === 0 || verdicts.includes(undefined) ? undefined : true;
}
