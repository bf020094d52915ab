// Compares two trees as rsync sees them.

import { execFile, spawnSync, type SpawnSyncReturns } from 'node:child_process';

/**
 * What rsync would still have to do to make `target` equal to `source`, one line a path; `''` when they are equal.
 * Names, types, content (checksums) and whatever `flags` ask for (`-p`, `-t`, …).
 * @throws Error when rsync fails
 */
export function differences(source: string, target: string, flags: readonly string[] = ['-rlpt']): string {
  const args = argumentsOf(source, target, flags);
  const compare = (): SpawnSyncReturns<string> =>
    spawnSync('rsync', args, { encoding: 'latin1', timeout: STANDS_STILL_AFTER_MS });
  let run = compare();
  if (run.status === null) {
    process.stderr.write(`a comparison stood still, it is made again: rsync ${args.join(' ')}\n`);
    run = compare();
  }
  if (run.status !== 0 && run.status !== 24)
    throw new Error(`rsync ${args.join(' ')}: ${run.status} ${run.stderr}`);
  return run.stdout;
}

/** Once, one comparison of two small trees took a minute, and had seen what was before. It is asked again. */
const STANDS_STILL_AFTER_MS = 20_000;

export interface BecomeEqualOptions {
  readonly flags: readonly string[];
  readonly deadlineMs: number;
}

/** Compares until they are equal, or the deadline has passed; the test goes on meanwhile. @returns the last differences */
export async function becomeEqual(
  source: string,
  target: string,
  { flags, deadlineMs }: BecomeEqualOptions,
): Promise<string> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const isLast = performance.now() > end;
    const left = await differencesLater(source, target, flags);
    if (left === '' || isLast) return left;
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_COMPARISONS_MS));
  }
}

/** Comparing reads all files. */
const BETWEEN_COMPARISONS_MS = 100;

async function differencesLater(source: string, target: string, flags: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const args = argumentsOf(source, target, flags);
    const options = { encoding: 'latin1', maxBuffer: Infinity } as const;
    // While files come and go its exit code says little.
    execFile('rsync', args, options, (error, stdout) =>
      resolve(error === null ? stdout : `${error.message}\n${stdout}`),
    );
  });
}

function argumentsOf(source: string, target: string, flags: readonly string[]): string[] {
  const compare = ['-anic', '--delete', '--no-o', '--no-g', '--no-D', '--no-p', '--no-t'];
  return [...compare, ...flags, `${source}/`, `${target}/`];
}
