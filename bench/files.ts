// Makes files and sees them arrive.

import { appendFileSync, lstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pause } from './waiting.ts';

/** `f0`, `f1`, … in one directory. */
export function flatNames(count: number, directory = 'flat'): readonly string[] {
  return Array.from({ length: count }, (_, index) => join(directory, `f${index}`));
}

/** The same in directories of so many files each. */
export function treeNames(count: number, filesEach: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => join(`t${Math.floor(index / filesEach)}`, `f${index}`));
}

/** Makes small files, and the directories they lie in. */
export function makeFiles(root: string, names: readonly string[]): void {
  let made = '';
  for (const name of names) {
    const path = join(root, name);
    const directory = dirname(path);
    if (directory !== made) mkdirSync(directory, { recursive: true });
    made = directory;
    writeFileSync(path, '1\n');
  }
}

/** Two bytes more for each. */
export function changeFiles(root: string, names: readonly string[]): void {
  for (const name of names) appendFileSync(join(root, name), '2\n');
}

/** Directories in directories of fifty: `a0`, `a0/b0`, …; exactly so many. */
export function makeDirectories(root: string, count: number): void {
  for (let made = 0, top = 0; made < count; top++) {
    mkdirSync(join(root, `a${top}`));
    made++;
    for (let below = 0; below < 49 && made < count; below++, made++)
      mkdirSync(join(root, `a${top}`, `b${below}`));
  }
}

export function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** As `makeFiles` left it. */
export function isMade(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.size === 2;
}

/** As `changeFiles` left it. */
export function isChanged(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.size === 4;
}

export function isGone(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) === undefined;
}

export interface Arrival {
  readonly names: readonly string[];
  readonly has: (path: string) => boolean;
  /** Seconds after which it is given up. */
  readonly limitSeconds: number;
}

/**
 * Seconds from `startedMs` until every name is as wanted below `root`; undefined when it is given up. What was seen once is not looked at
 * again, so that looking costs next to nothing.
 */
export async function secondsUntilAll(
  root: string,
  startedMs: number,
  { names, has, limitSeconds }: Arrival,
): Promise<number | undefined> {
  for (let next = 0; ;) {
    while (next < names.length && has(join(root, names[next] ?? ''))) next++;
    const seconds = (performance.now() - startedMs) / 1000;
    if (next === names.length) return seconds;
    if (seconds > limitSeconds) return undefined;
    await pause(1);
  }
}
