// The file object of Lua's io library: reading by lines, numbers, blocks; writing; seeking; and the pipes of io.popen.
// Nothing is buffered on the way out. Synchronous.

import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { fromBuffer, toBuffer } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { HostObject } from './lua-value.ts';
import type { HostClass } from './lua-value.ts';
import type { ByteSource } from './read-number.ts';

const readBlockBytes = 65536;
const lineFeed = 10;
const retryMs = 5;

/** What close() gives: undefined = true, or what the close of a pipe returns. */
export type CloseResult = ShellResult | undefined;

/** How a command ended. */
export interface ShellResult {
  readonly how: 'exit' | 'signal';
  readonly code: number;
}

/** Where the bytes come from and go to. */
export interface FileTarget {
  /** undefined for what `write` replaces. */
  readonly fd: number | undefined;
  readonly append?: boolean;
  /** Takes what is written instead of `fd`. */
  readonly write?: (bytes: Buffer) => void;
  /** Waits for the command of a pipe, once `fd` is closed. */
  readonly wait?: () => ShellResult;
}

/** What Lua drops without closing it is closed when its memory is reused, as Lua does. */
const dropped = new FinalizationRegistry<number>((fd) => closeSync(fd));

const firstOwnFd = 3;

/** To the rest of the program a file is opaque; its methods are those of file-methods.ts. */
const fileClass: HostClass = { name: 'FILE*', index: () => undefined, toText: () => 'file' };

export class LuaFile extends HostObject implements ByteSource {
  readonly hostClass = fileClass;
  readonly #target: FileTarget;
  #ahead = Buffer.alloc(0);
  /** Position of the next byte that is not in #ahead; undefined for pipes and terminals. */
  #position: number | undefined;
  #isClosed = false;

  constructor(target: FileTarget) {
    super();
    this.#target = target;
    if (target.fd !== undefined && target.fd >= firstOwnFd) dropped.register(this, target.fd, this);
    this.#position = target.fd !== undefined && fstatSync(target.fd).isFile() ? 0 : undefined;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  peek(): number | undefined {
    if (this.#ahead.length === 0) this.#fill();
    return this.#ahead[0];
  }

  take(): void {
    this.#ahead = this.#ahead.subarray(1);
  }

  /** Without its line feed unless `keepEnd`; undefined at the end.
   * @throws the error of read(2), as the other methods */
  readLine(keepEnd: boolean): BytePath | undefined {
    let end = this.#ahead.indexOf(lineFeed);
    while (end === -1 && this.#fill()) end = this.#ahead.indexOf(lineFeed);
    if (end !== -1) return this.#takeText(end + 1).slice(0, keepEnd ? undefined : -1);
    return this.#ahead.length === 0 ? undefined : this.#takeText(this.#ahead.length);
  }

  /** `''` at the end. */
  readAll(): BytePath {
    const blocks = [this.#ahead];
    this.#ahead = Buffer.alloc(0);
    while (this.#fill()) {
      blocks.push(this.#ahead);
      this.#ahead = Buffer.alloc(0);
    }
    return fromBuffer(Buffer.concat(blocks));
  }

  /** At most `count` bytes; undefined at the end. `0` tells whether there is more. */
  readBytes(count: number): BytePath | undefined {
    while (this.#ahead.length < Math.max(count, 1) && this.#fill());
    return this.#ahead.length === 0 ? undefined : this.#takeText(count);
  }

  write(text: BytePath): void {
    const content = toBuffer(text);
    if (this.#target.write !== undefined) return this.#target.write(content);
    if (this.#target.fd === undefined) return;
    this.#dropAhead();
    writeFully(this.#target.fd, content, this.#target.append === true ? undefined : this.#position);
    if (this.#position === undefined) return;
    this.#position = this.#target.append === true ? this.#size() : this.#position + content.length;
  }

  /** The new position from the beginning; undefined where it would be before the beginning.
   * @throws ESPIPE for what has no position */
  seek(whence: 'set' | 'cur' | 'end', offset: number): number | undefined {
    if (this.#position === undefined)
      throw Object.assign(new Error('Illegal seek'), { errno: -29, code: 'ESPIPE' });
    this.#dropAhead();
    const from = { set: 0, cur: this.#position, end: this.#size() }[whence];
    if (from + offset < 0) return undefined;
    this.#position = from + offset;
    return this.#position;
  }

  /** The second call does nothing. */
  close(): CloseResult {
    if (this.#isClosed) return undefined;
    this.#isClosed = true;
    dropped.unregister(this);
    if (this.#target.fd !== undefined) closeSync(this.#target.fd);
    return this.#target.wait?.();
  }

  #size(): number {
    return this.#target.fd === undefined ? 0 : fstatSync(this.#target.fd).size;
  }

  #takeText(count: number): BytePath {
    const taken = fromBuffer(this.#ahead.subarray(0, count));
    this.#ahead = this.#ahead.subarray(count);
    return taken;
  }

  #dropAhead(): void {
    if (this.#position !== undefined) this.#position -= this.#ahead.length;
    this.#ahead = Buffer.alloc(0);
  }

  #fill(): boolean {
    if (this.#target.fd === undefined) return false;
    const block = Buffer.alloc(readBlockBytes);
    const count = readAvailable(this.#target.fd, block, this.#position);
    if (this.#position !== undefined) this.#position += count;
    this.#ahead = Buffer.concat([this.#ahead, block.subarray(0, count)]);
    return count > 0;
  }
}

/** Waits where Node made the descriptor non-blocking. */
function readAvailable(fd: number, block: Buffer, position: number | undefined): number {
  for (;;) {
    try {
      return readSync(fd, block, 0, block.length, position ?? null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      pause(retryMs);
    }
  }
}

/** Writes all of it, also to a pipe that Node made non-blocking. */
export function writeFully(fd: number, content: Buffer, position?: number): void {
  for (let done = 0; done < content.length;) {
    try {
      const at = position === undefined ? null : position + done;
      done += writeSync(fd, content, done, content.length - done, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      pause(retryMs);
    }
  }
}

/** Blocks the thread. */
export function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
