// How many links a file has, and on which device it is. Linux only.

import type { BytePath } from '../byte-path.ts';
import { deviceOf, statx, STATX_NLINK, statxField, u32At } from './statx.ts';

export interface LinkCount {
  readonly links: number;
  /** Tells devices apart. */
  readonly device: number;
}

/** Of the file of that path, or of the symlink; undefined when it cannot be looked at, or the file system (or the C library) does not say. */
export function linkCountOf(path: BytePath): LinkCount | undefined {
  try {
    if (statx(path, STATX_NLINK) !== 0 || (u32At(statxField.mask) & STATX_NLINK) === 0) return undefined;
    return { links: u32At(statxField.links), device: deviceOf() };
  } catch {
    return undefined;
  }
}
