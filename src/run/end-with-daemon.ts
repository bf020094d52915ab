// Children that must not outlive the daemon, even where it ends without waiting for them (QUIT, a bug). After a kill -9 the next
// daemon ends them (leftovers.ts).

import type { RunningChild } from './start-child.ts';

const children = new Set<RunningChild>();
let isListening = false;

/** Sends TERM to `child` when this process exits; who ends the process by a signal calls `endWhatEndsWithDaemon` before. */
export function endWithDaemon(child: RunningChild): void {
  children.add(child);
  void child.ended.then(() => children.delete(child));
  if (isListening) return;
  isListening = true;
  process.once('exit', endWhatEndsWithDaemon);
}

export function endWhatEndsWithDaemon(): void {
  for (const child of children) child.terminate('SIGTERM');
}
