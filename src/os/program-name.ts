// What ps, pgrep and top call the process.

import { libc } from './libc.ts';

/** <linux/prctl.h> */
const PR_SET_NAME = 15;

/**
 * Calls the process `name`: `pgrep -x name` finds it, and ps shows `name` with its arguments in place of node, its script and its arguments.
 * Elsewhere than on Linux only what ps shows is set.
 */
export function setProgramName(name: string): void {
  // Sets what ps shows, and the first 15 bytes of the same as the short name; the short name must be `name` alone.
  process.title = [name, ...process.argv.slice(2)].join(' ');
  if (process.platform === 'linux') setShortName(name);
}

function setShortName(name: string): void {
  const prctl = libc.func('int prctl(int option, ...)');
  prctl(PR_SET_NAME, 'str', name);
}
