// The file object of Lua's io library: reading by lines, numbers, blocks; writing; seeking; and the pipes of io.popen.
// Nothing is buffered on the way out. Synchronous: for the time a config loads, not for the running daemon.

import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { fromBuffer, toBuffer } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { HostObject } from './lua-value.ts';
import type { HostClass, LuaValue } from './lua-value.ts';

const readBlockBytes = 65536;
const lineFeed = 10;

/** Where the bytes come from and go to. */
export interface FileTarget {
  /** undefined for the read end of a popen (`initial` holds everything) and for what `write` replaces. */
  readonly fd: number | undefined;
  readonly append?: boolean;
  /** Bytes to be read before `fd` is asked. */
  readonly initial?: Buffer;
  /** Takes what is written instead of `fd`. */
  readonly write?: (bytes: Buffer) => void;
  /** What close() does and returns. Without it `fd` is closed, and true returned. */
  readonly close?: () => readonly LuaValue[];
}

export class LuaFile extends HostObject {
  readonly hostClass: HostClass;
  readonly #target: FileTarget;
  #ahead: Buffer;
  /** Position of the next byte that is not in #ahead; undefined for pipes and terminals. */
  #position: number | undefined;
  #isClosed = false;

  constructor(hostClass: HostClass, target: FileTarget) {
    super();
    this.hostClass = hostClass;
    this.#target = target;
    this.#ahead = target.initial ?? Buffer.alloc(0);
    this.#position = target.fd !== undefined && fstatSync(target.fd).isFile() ? 0 : undefined;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Without its line feed unless `keepEnd`; undefined at the end.
   * @throws the error of read(2), as the other methods */
  readLine(keepEnd: boolean): BytePath | undefined {
    let end = this.#ahead.indexOf(lineFeed);
    while (end === -1 && this.#fill()) end = this.#ahead.indexOf(lineFeed);
    if (end !== -1) return this.#take(end + 1).slice(0, keepEnd ? undefined : -1);
    return this.#ahead.length === 0 ? undefined : this.#take(this.#ahead.length);
  }

  /** `''` at the end. */
  readAll(): BytePath {
    while (this.#fill());
    return this.#take(this.#ahead.length);
  }

  /** At most `count` bytes; undefined at the end. `0` tells whether there is more. */
  readBytes(count: number): BytePath | undefined {
    while (this.#ahead.length < Math.max(count, 1) && this.#fill());
    return this.#ahead.length === 0 ? undefined : this.#take(count);
  }

  /** A number in Lua's notation behind any white space; undefined where there is none. */
  readNumber(): number | undefined {
    while (this.#ahead.length < 256 && this.#fill());
    const text = this.#ahead.toString('latin1');
    const found = /^\s*([+-]?(?:0[xX][\dA-Fa-f]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))/.exec(text);
    if (found?.[1] === undefined) return undefined;
    this.#take(found[0].length);
    const [, sign, digits = ''] = /^([+-]?)(.*)$/.exec(found[1]) ?? [];
    return sign === '-' ? -Number(digits) : Number(digits);
  }

  write(text: BytePath): void {
    const bytes = toBuffer(text);
    if (this.#target.write !== undefined) return this.#target.write(bytes);
    if (this.#target.fd === undefined) throw Object.assign(new Error('Bad file descriptor'), { errno: -9 });
    this.#dropAhead();
    writeFully(this.#target.fd, bytes, this.#target.append === true ? undefined : this.#position);
    if (this.#position === undefined) return;
    this.#position = this.#target.append === true ? this.#size() : this.#position + bytes.length;
  }

  /** The new position from the beginning; undefined where there is no such thing (a pipe). */
  seek(whence: 'set' | 'cur' | 'end', offset: number): number | undefined {
    if (this.#position === undefined) return undefined;
    this.#dropAhead();
    const from = { set: 0, cur: this.#position, end: this.#size() }[whence];
    if (from + offset < 0) return undefined;
    this.#position = from + offset;
    return this.#position;
  }

  /** What io.close returns. The second call does nothing. */
  close(): readonly LuaValue[] {
    if (this.#isClosed) return [true];
    this.#isClosed = true;
    if (this.#target.close !== undefined) return this.#target.close();
    if (this.#target.fd !== undefined) closeSync(this.#target.fd);
    return [true];
  }

  #size(): number {
    return this.#target.fd === undefined ? 0 : fstatSync(this.#target.fd).size;
  }

  #take(count: number): BytePath {
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
    const count = readSync(this.#target.fd, block, 0, block.length, this.#position ?? null);
    if (this.#position !== undefined) this.#position += count;
    this.#ahead = Buffer.concat([this.#ahead, block.subarray(0, count)]);
    return count > 0;
  }
}

/** Writes all of it, also to a pipe that Node made non-blocking. */
export function writeFully(fd: number, bytes: Buffer, position?: number): void {
  for (let done = 0; done < bytes.length;) {
    try {
      const at = position === undefined ? null : position + done;
      done += writeSync(fd, bytes, done, bytes.length - done, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
