// Runs experiments, the programs in turn, within a time.

import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment, ProgramName, Readings } from './experiment.ts';
import { isTmpfs } from './folder.ts';
import { Place } from './place.ts';
import type { RowReadings } from './result.ts';

export interface RunOptions {
  /** Where all of it happens. */
  readonly folder: string;
  /** At least so many rounds of each, by each program that is measured in it at all. */
  readonly minRounds: number;
  /** At most so many rounds of each. */
  readonly maxRounds: number;
  /** A tenth of everything, which says only that all works. */
  readonly isQuick: boolean;
  /** `performance.now()` after which no further round begins. */
  readonly deadlineMs: number;
  readonly programs: readonly ProgramName[];
  readonly say: (text: string) => void;
}

const QUICK_SHARE = 0.1;

/** All that was made so far. */
let made: string | undefined;
const inUse = new Set<Place>();

function makePlace(folder: string): Place {
  made ??= mkdtempSync(join(folder, 'tsyncd-bench-'));
  const place = new Place(made);
  inUse.add(place);
  return place;
}

/** Nothing is left running, nothing left lying about; also for who interrupts the bench. */
export async function endExperiments(): Promise<void> {
  await Promise.all([...inUse].map((place) => place.end()));
  if (made !== undefined) remove(made);
}

/**
 * On a tmpfs at once, since it is memory. Elsewhere not before the end: some file systems (ext4 without a journal) are slow for minutes at
 * making files where many were removed, and the next round would be a measurement of that.
 */
function removeEarly(place: Place): void {
  if (isTmpfs(place.path)) remove(place.path);
}

/** A million files: Node would need twice as long. */
function remove(path: string): void {
  spawnSync('rm', ['-rf', '--', path]);
}

/** The readings of each row of the experiments. */
export async function runExperiments(
  experiments: readonly Experiment[],
  options: RunOptions,
): Promise<readonly RowReadings[]> {
  const rows: RowReadings[] = [];
  for (const experiment of experiments) rows.push(...(await runExperiment(experiment, options)));
  return rows;
}

interface Turn {
  readonly program: ProgramName;
  readonly outcome: Readings | { readonly failure: string };
}

async function runExperiment(experiment: Experiment, options: RunOptions): Promise<readonly RowReadings[]> {
  const startedMs = performance.now();
  const order = turnsOf(experiment, options);
  const take = (program: ProgramName): Promise<Turn> => takeTurn(experiment, program, options);
  const turns: Turn[] = [];
  if (experiment.areRoundsTogether === true && !isOver(options))
    turns.push(...(await Promise.all(order.map(take))));
  else for (const program of order) if (!isOver(options)) turns.push(await take(program));
  options.say(`${experiment.name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  return toRows(experiment, turns);
}

function isOver({ deadlineMs }: RunOptions): boolean {
  return performance.now() > deadlineMs;
}

/** tsyncd, lsyncd, tsyncd, lsyncd, … as long as each has rounds left. Exported for its tests. */
export function turnsOf(
  { rounds }: Pick<Experiment, 'rounds'>,
  { minRounds, maxRounds, programs }: Pick<RunOptions, 'minRounds' | 'maxRounds' | 'programs'>,
): readonly ProgramName[] {
  const roundsOf = (program: ProgramName): number =>
    rounds[program] === 0 ? 0 : Math.min(maxRounds, Math.max(minRounds, rounds[program]));
  return Array.from({ length: Math.max(0, ...programs.map(roundsOf)) }, (_, round) =>
    programs.filter((program) => roundsOf(program) > round),
  ).flat();
}

async function takeTurn(
  experiment: Experiment,
  program: ProgramName,
  { folder, isQuick, say }: RunOptions,
): Promise<Turn> {
  const places: Place[] = [];
  const anotherPlace = (): Place => {
    const place = makePlace(folder);
    places.push(place);
    return place;
  };
  const size = (full: number): number => (isQuick ? Math.ceil(full * QUICK_SHARE) : full);
  try {
    return {
      program,
      outcome: await experiment.measure({ program, place: anotherPlace(), anotherPlace, size }),
    };
  } catch (error) {
    const failure = `${program}: ${error instanceof Error ? error.message : String(error)}`;
    say(`${experiment.name}: ${failure}`);
    return { program, outcome: { failure } };
  } finally {
    for (const place of places) {
      await place.end();
      inUse.delete(place);
      removeEarly(place);
    }
  }
}

function toRows({ rows }: Experiment, turns: readonly Turn[]): readonly RowReadings[] {
  const failures = turns.flatMap(({ outcome }) => ('failure' in outcome ? [outcome.failure] : []));
  const isCutOff = turns.some(({ outcome }) => 'values' in outcome && outcome.isCutOff === true);
  return rows.map((spec) => {
    const of = (wanted: ProgramName): readonly number[] =>
      turns.flatMap(({ program, outcome }) => {
        const value = 'values' in outcome ? outcome.values[spec.name] : undefined;
        return program === wanted && value !== undefined ? [value] : [];
      });
    return { spec, readings: { tsyncd: of('tsyncd'), lsyncd: of('lsyncd') }, isCutOff, failures };
  });
}
