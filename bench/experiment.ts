// What an experiment is: the same work given to a program, and the numbers read from it. An experiment gives one row of the table or
// several; the runner (run-experiment.ts) repeats it and takes turns between the programs.

import type { Place } from './place.ts';

export type ProgramName = 'tsyncd' | 'lsyncd';

export type Unit = 's' | 'ms' | 'µs' | 'MB' | 'bytes';

/** What a row must reach. */
export type Wanted =
  /** tsyncd / lsyncd. */
  | { readonly of: 'ratio'; readonly atMost: number }
  /** tsyncd's own value, in the unit of the row. */
  | { readonly of: 'value'; readonly atMost: number }
  /** tsyncd's value / tsyncd's value in another row. */
  | { readonly of: 'growth'; readonly since: string; readonly atMost: number };

export interface RowSpec {
  /** Unique; `--only` takes it. Also the key of the reading. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly unit: Unit;
  /** Empty: shown, not judged. */
  readonly wanted: readonly Wanted[];
}

/** One number for each row that the program was measured for. */
export interface Readings {
  readonly values: Readonly<Record<string, number>>;
  /** It was stopped before it was ready: the values are what it had used by then, the whole would be more. */
  readonly isCutOff?: boolean;
}

export interface Run {
  readonly program: ProgramName;
  /** Fresh, for this run alone. */
  readonly place: Place;
  /** As fresh, where one is not enough. */
  readonly anotherPlace: () => Place;
  /** A count of the experiment, smaller in a quick run. */
  size(full: number): number;
}

export interface Experiment {
  readonly name: string;
  readonly rows: readonly RowSpec[];
  /** How often each is measured; 0: not at all. */
  readonly rounds: Readonly<Record<ProgramName, number>>;
  /** All rounds of all programs run at the same time. */
  readonly areRoundsTogether?: boolean;
  /** @throws Error when the target is not as the source in the end, or what was to happen did not */
  measure(run: Run): Promise<Readings>;
}
