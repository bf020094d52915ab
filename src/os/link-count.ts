// How many links a file has, and on which device it is: statx(2), at half the cost of Node's lstat, which makes dates of the times. Linux only.

import type { BytePath } from '../byte-path.ts';
import { libc } from './libc.ts';
import { pathArgument } from './path-argument.ts';

export interface LinkCount {
  readonly links: number;
  /** Tells devices apart. */
  readonly device: number;
}

/** <fcntl.h>, <linux/stat.h> */
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const STATX_NLINK = 4;

/** Bytes of `struct statx`, and where its fields are: the same on every machine. */
const STATX_BYTES = 256;
const AT_MASK = 0;
const AT_LINKS = 16;
const AT_DEVICE_MAJOR = 136;
const AT_DEVICE_MINOR = 140;

const out = new Uint32Array(STATX_BYTES / Uint32Array.BYTES_PER_ELEMENT);

type Statx = ReturnType<typeof declare>;
let declared: Statx | undefined;

function declare() {
  return libc.func('int statx(int directory, const void *path, int flags, unsigned int mask, void *out)');
}

/**
 * Of the file of that path, or of the symlink; undefined when it cannot be looked at, or the file system does not say.
 * @throws Error where the C library has no statx
 */
export function linkCountOf(path: BytePath): LinkCount | undefined {
  declared ??= declare();
  const result = declared(AT_FDCWD, pathArgument(path), AT_SYMLINK_NOFOLLOW, STATX_NLINK, out) as number;
  if (result !== 0 || ((out[AT_MASK / 4] ?? 0) & STATX_NLINK) === 0) return undefined;
  const major = out[AT_DEVICE_MAJOR / 4] ?? 0;
  return { links: out[AT_LINKS / 4] ?? 0, device: major * 2 ** 32 + (out[AT_DEVICE_MINOR / 4] ?? 0) };
}
