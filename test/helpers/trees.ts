// Compares two trees as rsync sees them.

import { spawnSync } from 'node:child_process';

/**
 * What rsync would still have to do to make `target` equal to `source`, one line a path; `''` when they are equal.
 * Names, types, content (checksums) and whatever `flags` ask for (`-p`, `-t`, …).
 * @throws Error when rsync fails
 */
export function differences(source: string, target: string, flags: readonly string[] = ['-rlpt']): string {
  const args = [
    '-anic',
    '--delete',
    '--no-o',
    '--no-g',
    '--no-D',
    '--no-p',
    '--no-t',
    ...flags,
    `${source}/`,
    `${target}/`,
  ];
  const run = spawnSync('rsync', args, { encoding: 'latin1' });
  if (run.status !== 0 && run.status !== 24)
    throw new Error(`rsync ${args.join(' ')}: ${run.status} ${run.stderr}`);
  return run.stdout;
}
