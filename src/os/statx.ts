// statx(2), at half the cost of Node's lstat, which makes dates or bigints of what it answers. Linux only.

import { endianness } from 'node:os';
import type { BytePath } from '../byte-path.ts';
import { lastErrno, libc } from './libc.ts';
import { pathArgument } from './path-argument.ts';

/** <fcntl.h> */
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;

/** <linux/stat.h>: which fields are asked for. */
export const STATX_NLINK = 0x4;
export const STATX_BASIC_STATS = 0x7ff;
export const STATX_BTIME = 0x800;

/** Bytes of `struct statx`, and where its fields are: the same on every machine. */
const STATX_BYTES = 256;
export const statxField = {
  mask: 0,
  links: 16,
  mode: 28,
  inode: 32,
  size: 40,
  btime: 80,
  ctime: 96,
  mtime: 112,
  deviceMajor: 136,
  deviceMinor: 140,
} as const;

const answer = new ArrayBuffer(STATX_BYTES);
const words16 = new Uint16Array(answer);
const words32 = new Uint32Array(answer);
const signed32 = new Int32Array(answer);

const WORD_BYTES = 4;
const HIGH_WORD = 2 ** 32;
/** Which half of a number of 64 bits comes first. */
const [LOW, HIGH] = endianness() === 'LE' ? [0, 1] : [1, 0];

type Statx = ReturnType<typeof declare>;
let declared: Statx | undefined;

function declare() {
  return libc.func('int statx(int directory, const void *path, int flags, unsigned int mask, void *answer)');
}

/**
 * Asks for the file of that path, or for the symlink itself. The functions below read the answer, until the next call.
 * @returns 0, or the errno
 * @throws Error where the C library has no statx
 */
export function statx(path: BytePath, mask: number): number {
  declared ??= declare();
  const result = declared(AT_FDCWD, pathArgument(path), AT_SYMLINK_NOFOLLOW, mask, words32) as number;
  return result === 0 ? 0 : lastErrno();
}

export function u16At(offset: number): number {
  return words16[offset / 2] ?? 0;
}

export function u32At(offset: number): number {
  return words32[offset / WORD_BYTES] ?? 0;
}

/** Exact up to 2^53. */
export function s64At(offset: number): number {
  const at = offset / WORD_BYTES;
  return (signed32[at + HIGH] ?? 0) * HIGH_WORD + (words32[at + LOW] ?? 0);
}

/** Tells devices apart. */
export function deviceOf(): number {
  return u32At(statxField.deviceMajor) * HIGH_WORD + u32At(statxField.deviceMinor);
}
