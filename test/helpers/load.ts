// Changes of a tree that go on and on, from a seed, while something else happens.

import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from './random.ts';

const DIRECTORIES = 8;
const FILES = 40;
const CHANGES_AT_ONCE = 20;
const PAUSE_MS = 25;

/** Writes, appends, renames and removes below `folder` until `during` is over. */
export async function underLoad(folder: string, during: () => Promise<void>): Promise<void> {
  const random = createRandom(FILES);
  const over = new AbortController();
  const load = async (): Promise<void> => {
    while (!over.signal.aborted) {
      for (let i = 0; i < CHANGES_AT_ONCE; i++) change(folder, random);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const loading = load();
  await during().finally(() => over.abort());
  await loading;
}

function change(folder: string, random: () => number): void {
  const below = (limit: number): number => Math.floor(random() * limit);
  const directory = join(folder, `d${below(DIRECTORIES)}`);
  const file = join(directory, `f${below(FILES)}`);
  mkdirSync(directory, { recursive: true });
  const kind = below(10);
  try {
    if (kind < 5) writeFileSync(file, `${random()}\n`.repeat(1 + below(100)));
    else if (kind < 7) appendFileSync(file, `${random()}\n`);
    else if (kind === 7) renameSync(file, join(folder, `d${below(DIRECTORIES)}`, `f${below(FILES)}`));
    else if (kind === 8) rmSync(file);
    else if (below(10) === 0) rmSync(directory, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
