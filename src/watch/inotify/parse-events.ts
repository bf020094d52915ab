// The bytes of read(2) on an inotify descriptor → events. Layout: inotify(7), struct inotify_event, in the order of bytes of
// the machine.

import { endianness } from 'node:os';
import type { BytePath } from '../../byte-path.ts';

/** One inotify event as the kernel wrote it. */
export interface KernelEvent {
  /** Number of the watch; -1 with the overflow bit. */
  readonly wd: number;
  /** `inotifyBits`. */
  readonly mask: number;
  /** Joins a moved-from to its moved-to; else 0. */
  readonly cookie: number;
  /** Name inside the watched directory; `''` when the event is about the directory itself. */
  readonly name: BytePath;
}

const headerBytes = 16;
const isLittleEndian = endianness() === 'LE';

/** Every event of `bytes`, in order. */
export function parseEvents(bytes: Uint8Array): KernelEvent[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: KernelEvent[] = [];
  for (let at = 0; at + headerBytes <= bytes.byteLength;) {
    const nameBytes = view.getUint32(at + 12, isLittleEndian);
    const nameAt = at + headerBytes;
    events.push({
      wd: view.getInt32(at, isLittleEndian),
      mask: view.getUint32(at + 4, isLittleEndian),
      cookie: view.getUint32(at + 8, isLittleEndian),
      name: nameOf(buffer, { from: nameAt, to: nameAt + nameBytes }),
    });
    at = nameAt + nameBytes;
  }
  return events;
}

/** The kernel pads a name with zero bytes. */
function nameOf(buffer: Buffer, range: { readonly from: number; readonly to: number }): BytePath {
  if (range.from === range.to) return '';
  const zero = buffer.indexOf(0, range.from);
  return buffer.toString('latin1', range.from, zero === -1 ? range.to : Math.min(zero, range.to));
}
