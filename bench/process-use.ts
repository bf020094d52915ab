// What a process uses, from the outside: /proc of Linux.

import { readdirSync, readFileSync } from 'node:fs';
import { becomesTrue, pause } from './waiting.ts';

/** CPU milliseconds of all threads that it has now, children not counted. */
export function cpuMsOf(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
  }
  return nanoseconds / 1e6;
}

/** Resident memory now, MB of 1,048,576 bytes as in ps(1) and top(1). */
export function memoryMbOf(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(found?.[1]) / 1024;
}

/** How many inotify watches it has. */
export function watchCountOf(pid: number): number {
  const folder = `/proc/${pid}/fdinfo`;
  return readdirSync(folder).reduce((sum, fd) => sum + watchesIn(`${folder}/${fd}`), 0);
}

function watchesIn(path: string): number {
  try {
    return readFileSync(path, 'latin1').match(/^inotify wd/gm)?.length ?? 0;
  } catch {
    // It was closed meanwhile: the pipe of a child.
    return 0;
  }
}

/** Resolves when it has used next to no CPU for so long; false when that does not come before the deadline. */
export async function isIdle(
  pid: number,
  options: { readonly quietMs: number; readonly deadlineMs: number },
): Promise<boolean> {
  let lastMs = cpuMsOf(pid);
  await pause(options.quietMs);
  return becomesTrue(
    () => {
      const nowMs = cpuMsOf(pid);
      const used = nowMs - lastMs;
      lastMs = nowMs;
      return used < options.quietMs / 20;
    },
    { deadlineMs: options.deadlineMs, everyMs: options.quietMs },
  );
}
