// Runs a case through a daemon, in a folder of its own.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  countMatches,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../../helpers/daemon.ts';
import { waitUntil } from '../../helpers/wait-until.ts';
import type { Outcome, ScriptCase } from './script-case.ts';

export const RECORDER = fileURLToPath(new URL('../../fixtures/script-recorder.sh', import.meta.url));

/** How many bytes of output and of records there were at the end of the start and of each step. */
export type Milestones = readonly (readonly [output: number, records: number])[];

export interface CaseRun {
  readonly outcome: Outcome;
  readonly milestones: Milestones;
}

export interface RunOptions {
  readonly place: Workplace;
  /** Of the folder, and of the run. */
  readonly name: string;
  readonly program: string;
  /** Where another daemon was at each step; without it, quietness alone tells that a step is over. */
  readonly milestones?: Milestones;
}

/** lsyncd's start and its delays of 0.4 s are well within it. */
const QUIET_MS = 900;
/** For one that has come as far as the other. */
const SHORT_QUIET_MS = 250;
/** For one that has not. */
const PATIENCE_MS = 6000;

/** Many wait at the same time. */
const LOOK_MS = 40;

export async function runCase(scriptCase: ScriptCase, options: RunOptions): Promise<CaseRun> {
  const { place, name, program } = options;
  const work = join(place.path, name);
  for (const folder of ['src', 'trg']) mkdirSync(join(work, folder), { recursive: true });
  const source = join(work, 'src');
  shell(inserted(scriptCase.before ?? ':', work), source);
  const config = place.write(`${name}/conf.lua`, configOf(scriptCase, work));
  const record = join(work, 'record');
  const daemon = startDaemon({
    program,
    args: [config, ...(scriptCase.args ?? [])],
    cwd: work,
    env: { RECORD: record, LC_ALL: 'C.UTF-8' },
  });
  const milestones: [number, number][] = [];
  const settle = async (): Promise<void> => {
    const goal = options.milestones?.[milestones.length];
    const measure = (): [number, number] => sizes(daemon, work);
    await settled({ daemon, measure, first: milestones.length === 0 ? [0, 0] : measure(), goal });
    milestones.push(sizes(daemon, work));
  };
  await watched(daemon, source);
  const steps = [':', ...(scriptCase.steps ?? [])];
  for (const [index, step] of steps.entries()) {
    shell(inserted(step, work), source);
    if (index === steps.length - 1 && scriptCase.until !== undefined)
      await sawLine(scriptCase.until, daemon, record);
    await settle();
  }
  const exitCode = await daemon.stop();
  return { outcome: outcomeOf(daemon, { work, record, exitCode, ...scriptCase }), milestones };
}

function configOf({ config }: ScriptCase, work: string): string {
  const globals = `W, SRC, TRG, R = '${work}', '${work}/src', '${work}/trg', '${RECORDER}'`;
  return `settings { nodaemon = true }; ${globals}; ${inserted(config, work)}\n`;
}

function inserted(text: string, work: string): string {
  return text
    .replaceAll('{W}', work)
    .replaceAll('{SRC}', `${work}/src`)
    .replaceAll('{TRG}', `${work}/trg`)
    .replaceAll('{R}', RECORDER);
}

function shell(text: string, cwd: string): void {
  const { status, stderr } = spawnSync('bash', ['-ec', text], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot do ${text}: ${status} ${stderr}`);
}

/** Lines, for names of folders differ in length. */
function sizes(daemon: RunningDaemon, work: string): [number, number] {
  return [daemon.output().split('\n').length, readText(join(work, 'record')).split('\n').length];
}

interface Settling {
  readonly daemon: RunningDaemon;
  readonly measure: () => readonly [number, number];
  /** What there was before. */
  readonly first: readonly [number, number];
  readonly goal: readonly [number, number] | undefined;
}

/** Waits until nothing comes any more and no child runs; one that has not come as far as the other gets more time. */
async function settled({ daemon, measure, first, goal }: Settling): Promise<void> {
  let last = first;
  let since = performance.now();
  let looked = Number.NEGATIVE_INFINITY;
  const isOver = (): boolean => {
    if (performance.now() - looked < LOOK_MS) return false;
    looked = performance.now();
    const seen = measure();
    if (seen.join() !== last.join()) [last, since] = [seen, performance.now()];
    const quietMs = performance.now() - since;
    if (daemon.child.exitCode !== null) return true;
    const isThere = goal !== undefined && last[0] >= goal[0] && last[1] >= goal[1];
    const hasCome = isThere && last.join() !== first.join();
    const enoughMs = hasCome ? SHORT_QUIET_MS : isThere || goal === undefined ? QUIET_MS : PATIENCE_MS;
    return quietMs > enoughMs && !hasChildren(daemon);
  };
  await waitUntil(isOver, { deadlineMs: 60_000, what: `quietness:\n${daemon.output()}` });
}

/** Waits until as many directories are watched as there are in the source; not for ever, for some configs watch none. */
async function watched(daemon: RunningDaemon, source: string): Promise<void> {
  const wanted =
    1 + readdirSync(source, { withFileTypes: true, recursive: true }).filter((e) => e.isDirectory()).length;
  const end = performance.now() + PATIENCE_MS;
  const isWatched = (): boolean => watchesOf(daemon) >= wanted || performance.now() > end;
  await waitUntil(() => daemon.child.exitCode !== null || isWatched(), { deadlineMs: 60_000 });
}

/** What the kernel says about the descriptors of a process (proc(5)). */
function watchesOf(daemon: RunningDaemon): number {
  const folder = `/proc/${daemon.child.pid}/fdinfo`;
  return namesIn(folder)
    .map((name) => countMatches(readText(join(folder, name)), 'inotify wd:'))
    .reduce((sum, count) => sum + count, 0);
}

function hasChildren(daemon: RunningDaemon): boolean {
  const folder = `/proc/${daemon.child.pid}/task`;
  return namesIn(folder).some((name) => readText(join(folder, name, 'children')) !== '');
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

async function sawLine(line: RegExp, daemon: RunningDaemon, record: string): Promise<void> {
  await waitUntil(
    () => line.test(daemon.output()) || line.test(readText(record)) || daemon.child.exitCode !== null,
    { deadlineMs: 20_000, what: `${String(line)} in:\n${daemon.output()}` },
  );
}

interface Ended {
  readonly work: string;
  readonly record: string;
  readonly exitCode: number;
  readonly unordered?: true;
}

function outcomeOf(daemon: RunningDaemon, { work, record, exitCode, unordered }: Ended): Outcome {
  const linesOf = (text: string): string[] => {
    const placed = text
      .replaceAll(work, 'W')
      .replaceAll(RECORDER, 'R')
      .replaceAll(/0x[0-9a-f]+/g, '0x…');
    const lines = placed.split('\n').map(withoutDate).map(asDefaultRsync).filter(isNoTraceback);
    if (lines.at(-1) === '') lines.pop();
    return unordered ? lines.toSorted() : lines;
  };
  return {
    stdout: linesOf(daemon.stdout()),
    stderr: linesOf(daemon.stderr()),
    children: linesOf(readText(record)),
    exitCode,
  };
}

function withoutDate(line: string): string {
  return line.replace(/^(?:\w{3} \w{3} [ \d]\d )?\d\d:\d\d:\d\d (?:\d{4} )?(?=[A-Z]\w*: )/, '');
}

/** lsyncd's stack, and Lua's, which tsyncd shows. */
function isNoTraceback(line: string): boolean {
  return !/^(?:Error: (?:Backtrace \d+ :|stack traceback:|  )|stack traceback:$|\t)/.test(line);
}

/** What default.rsync of tsyncd says and does in its own way, which has tests of its own; and short flags in one order. */
function asDefaultRsync(line: string): string {
  return line
    .replace('Normal: recursive startup rsync:', 'Normal: recursive full rsync:')
    .replace(' --ignore-times -r ', ' -r ')
    .replace(/(^| )-([a-zA-Z]+) -r /, (_, before: string, flags: string) => {
      return `${before}-${flags.split('').toSorted().join('')} -r `;
    });
}
