// The log file. It may be moved, deleted or on a full disk at any time: the next line looks for it anew, and nothing here throws
// once the file was opened.

import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { followFlag, followOwnLinks, isOpenToOthers, isOurs } from './planted.ts';
import { StreamSink } from './stream-sink.ts';
import type { StreamSinkOptions } from './stream-sink.ts';

export interface LogFileOptions extends StreamSinkOptions {
  /** Called once when lines cannot be written any more, and again only after it had worked in between. */
  readonly onTrouble: (reason: string) => void;
}

/** An appended file, created with mode 0644 (less the umask). */
export class LogFile {
  readonly #path: string;
  readonly #options: LogFileOptions;
  #opened: OpenLog;
  #isClosed = false;
  #isTroubled = false;
  #endsWithinLine = false;
  #lostChunks = 0;

  /**
   * `path` is absolute.
   * @throws Error of open(2) when it cannot be opened; also ELOOP when it is a symlink in a directory that everybody may write to, or another
   *   user's; also when it is another name of a file, or another user's fifo, in a directory that others may write to
   */
  constructor(path: string, options: LogFileOptions) {
    this.#path = path;
    this.#options = options;
    this.#opened = openLog(path, options);
  }

  /** Appends whole lines; nothing after `close()`. */
  append(bytes: Buffer): void {
    // The number of a closed descriptor may be that of another file by now.
    if (this.#isClosed) return;
    const following = failureOf(() => this.#follow());
    const writing = failureOf(() => this.#write(bytes));
    this.#tell(writing ?? following);
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#opened.close();
  }

  /** Opens the file again when the path no longer leads to the one that is open; if that fails the old one is kept. */
  #follow(): void {
    if (isSame(this.#opened.identity, statSync(this.#path, { bigint: true, throwIfNoEntry: false }))) return;
    const opened = openLog(this.#path, this.#options);
    this.#opened.close();
    this.#opened = opened;
    this.#endsWithinLine = false;
  }

  #write(bytes: Buffer): void {
    if (this.#opened.stream !== undefined) return this.#opened.stream.write(bytes);
    try {
      this.#sayWhatWasLost();
      this.#writeAll(bytes);
    } catch (error) {
      this.#lostChunks += 1;
      throw error;
    }
  }

  #writeAll(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      at += writeSync(this.#opened.fd, bytes, at);
      this.#endsWithinLine = at < bytes.length;
    }
  }

  #sayWhatWasLost(): void {
    if (this.#endsWithinLine) this.#writeAll(Buffer.from('\n'));
    if (this.#lostChunks === 0) return;
    this.#writeAll(Buffer.from(`Warn: ${this.#lostChunks} messages could not be written here\n`));
    this.#lostChunks = 0;
  }

  #tell(failure: Error | undefined): void {
    if (failure !== undefined && !this.#isTroubled) this.#options.onTrouble(failure.message);
    this.#isTroubled = failure !== undefined;
  }
}

function failureOf(action: () => void): Error | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

interface OpenLog {
  readonly fd: number;
  readonly identity: BigIntStats;
  /** Set when it is no plain file: a pipe, a terminal. */
  readonly stream: StreamSink | undefined;
  readonly close: () => void;
}

function openLog(path: string, options: StreamSinkOptions): OpenLog {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  const place = followOwnLinks(path);
  // O_NONBLOCK: a fifo without a reader fails with ENXIO instead of holding the daemon.
  const fd = openSync(place, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | followFlag(place), 0o644);
  const identity = fstatSync(fd, { bigint: true });
  const planted = whatIsPlanted(place, identity);
  if (planted !== undefined) {
    closeSync(fd);
    throw new Error(`${planted}, '${place}'`);
  }
  const stream = identity.isFile() ? undefined : new StreamSink(fd, options);
  let isClosed = false;
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    stream?.close();
    closeSync(fd);
  };
  return { fd, identity, stream, close };
}

function whatIsPlanted(place: string, identity: BigIntStats): string | undefined {
  if (!isOpenToOthers(dirname(place))) return undefined;
  if (identity.isFile() && identity.nlink > 1n)
    return 'it has other names, and others may write to its directory';
  if (!identity.isFile() && !isOurs(identity)) return "it is another user's, and no plain file";
  return undefined;
}

function isSame(one: BigIntStats, other: BigIntStats | undefined): boolean {
  return other !== undefined && one.ino === other.ino && one.dev === other.dev;
}
