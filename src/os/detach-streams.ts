// What a daemon lets go of: its terminal and the directory it was started in.

import { closeSync, openSync } from 'node:fs';
import { checked, libc } from './libc.ts';

const dup2 = libc.func('int dup2(int from, int to)');

/**
 * Makes stdin, stdout and stderr /dev/null and `/` the working directory, so that no terminal, pipe or mount is held by the daemon.
 * @throws Error of open(2) or dup2(2)
 */
export function detachStreams(): void {
  const devNull = openSync('/dev/null', 'r+');
  for (const stream of [0, 1, 2]) checked('dup2', dup2(devNull, stream));
  if (devNull > 2) closeSync(devNull);
  process.chdir('/');
}
