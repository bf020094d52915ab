// Since when something may have changed: a time of the wall clock, to be compared with the ctimes of files. Where that comparison
// could be wrong nothing is said to be known.

import { statfsSync } from 'node:fs';
import { toBuffer } from '../../byte-path.ts';
import type { BytePath } from '../../byte-path.ts';

/** Both clocks at one moment, in ms; the monotonic one is the same in all threads. */
export interface ClockReading {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export function readClocks(): ClockReading {
  return { wallMs: Date.now(), monotonicMs: Number(process.hrtime.bigint()) / 1e6 };
}

/** The kernel stamps files with a clock that is some ms late; the rest is for what is too small to be called a step. */
const slackMs = 2000;

/** The wall clock was set when the two clocks went apart by more. Less than the slack. */
const stepMs = 1000;

/** The least ctime (wall clock, ms) of what changed since `then`; undefined when the wall clock was set meanwhile. */
export function leastCtime(then: ClockReading, now: ClockReading): number | undefined {
  const driftMs = now.wallMs - then.wallMs - (now.monotonicMs - then.monotonicMs);
  return Math.abs(driftMs) > stepMs ? undefined : then.wallMs - slackMs;
}

/** <linux/magic.h> of file systems that stamp with the clock of this machine: a server would stamp with its own. */
const localTypes: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
]);

/** Whether files below an absolute path are stamped by the clock of this machine. */
export function hasLocalTimes(path: BytePath): boolean {
  try {
    return localTypes.has(statfsSync(toBuffer(path)).type);
  } catch {
    return false;
  }
}
