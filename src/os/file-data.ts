// Copies the content of one open file into another, holes as holes, by the kernel where it can (which shares blocks where the file system can).

import { constants, ftruncateSync, readSync, writeSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { lastErrno, libc, systemError } from './libc.ts';

/** <unistd.h> of Linux. */
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/** At most so much is copied before it is looked whether to stop. */
const SLICE_BYTES = 8 * 1024 * 1024;

/** Below this, reading and writing is cheaper than asking the kernel for more. */
const SMALL_BYTES = 128 * 1024;

const BLOCK_BYTES = 512n;

type Calls = ReturnType<typeof declare>;
let declared: Calls | undefined;
let buffer: Buffer | undefined;

function declare() {
  return {
    seek: libc.func('int64 lseek(int fd, int64 offset, int whence)'),
    copyRange: findCopyRange(),
  };
}

/** In glibc since 2.27, and not in every C library. */
function findCopyRange() {
  try {
    return libc.func(
      'long copy_file_range(int from, _Inout_ int64 *fromAt, int to, _Inout_ int64 *toAt, size_t bytes, unsigned int flags)',
    );
  } catch {
    return undefined;
  }
}

export interface CopyDataOptions {
  readonly from: number;
  /** Empty. */
  readonly to: number;
  /** Size, and the blocks of 512 bytes that it has on the disk, of `from`. */
  readonly stats: { readonly size: bigint; readonly blocks: bigint };
  /** Called before each piece; what it throws ends the copying. */
  readonly checkpoint: () => void;
}

/** @throws Error of read(2), write(2), e.g. ENOSPC */
export function copyData(options: CopyDataOptions): void {
  const { to, stats } = options;
  const size = Number(stats.size);
  const isSparse = process.platform === 'linux' && stats.blocks * BLOCK_BYTES < stats.size;
  if (!isSparse) {
    // A file of /proc says that it is empty, and is not.
    copyPiece(options, { start: 0, end: size === 0 ? Number.POSITIVE_INFINITY : size });
    return;
  }
  for (let at = 0; at < size;) {
    const start = seek(options.from, { at, whence: SEEK_DATA }) ?? size;
    const end = start < size ? (seek(options.from, { at: start, whence: SEEK_HOLE }) ?? size) : size;
    copyPiece(options, { start, end: Math.min(end, size) });
    at = end;
  }
  ftruncateSync(to, size);
}

/** undefined: there is nothing of that kind behind `at`. */
function seek(
  fd: number,
  { at, whence }: { readonly at: number; readonly whence: number },
): number | undefined {
  declared ??= declare();
  const found = Number(declared.seek(fd, at, whence));
  if (found !== -1) return found;
  const errno = lastErrno();
  if (errno === osConstants.errno.ENXIO) return undefined;
  // A file system that knows no holes: all is data.
  if (errno === osConstants.errno.EINVAL) return whence === SEEK_DATA ? at : undefined;
  throw systemError('lseek', errno);
}

interface Piece {
  readonly start: number;
  readonly end: number;
}

function copyPiece(options: CopyDataOptions, { start, end }: Piece): void {
  let at = start;
  if (end - start > SMALL_BYTES && end !== Number.POSITIVE_INFINITY)
    at = copyInKernel(options, { start, end });
  buffer ??= Buffer.alloc(SMALL_BYTES);
  while (at < end) {
    options.checkpoint();
    const bytes = readSync(options.from, buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytes === 0) return;
    for (let written = 0; written < bytes;) {
      written += writeSync(options.to, buffer, written, bytes - written, at + written);
    }
    at += bytes;
  }
}

/** How far it came: what file systems cannot do between each other is left for the caller, and so is every error, who will meet it again. */
function copyInKernel({ from, to, checkpoint }: CopyDataOptions, { start, end }: Piece): number {
  declared ??= declare();
  if (declared.copyRange === undefined) return start;
  let at = start;
  while (at < end) {
    checkpoint();
    const bytes = Number(declared.copyRange(from, [at], to, [at], Math.min(SLICE_BYTES, end - at), 0));
    if (bytes <= 0) return at;
    at += bytes;
  }
  return at;
}

/** Flags to open a file with that is to be read: no symlink, and a fifo that came in its place does not hold us. */
export const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** To make a file that nobody else has made. */
export const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
