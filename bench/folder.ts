// Where the bench works.

import { statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';

/** A tmpfs, on Linux. */
const MEMORY = '/dev/shm';

/** The largest row: twice a million small files. */
const ROOM_BYTES = 12 * 2 ** 30;

/** Of statfs(2). */
const TMPFS_MAGIC = 0x01_02_19_94;

/**
 * TMPDIR, if it is set. Else memory, if there is room: a disk takes the same from both programs, more in one minute than in the next, and hides what they
 * differ in. Else the directory for temporary files.
 * @param freeBytes how much may be written to a tmpfs
 */
export function benchFolder(env: NodeJS.ProcessEnv = process.env, freeBytes = freeInMemory): string {
  if (env['TMPDIR'] !== undefined && env['TMPDIR'] !== '') return env['TMPDIR'];
  return freeBytes(MEMORY) >= ROOM_BYTES ? MEMORY : tmpdir();
}

/** Whether the files of a folder are in memory. */
export function isTmpfs(folder: string): boolean {
  return statfsSync(folder).type === TMPFS_MAGIC;
}

/** 0 where there is no such tmpfs. */
function freeInMemory(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return isTmpfs(folder) ? Math.min(bavail * bsize, freemem()) : 0;
  } catch {
    return 0;
  }
}
