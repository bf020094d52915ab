// mknod(2), for fifos, sockets and devices.

import { checked, libc } from './libc.ts';
import type { BytePath } from '../byte-path.ts';

/** What glibc before 2.33 calls it by; 0 is the only version on 64-bit Linux. */
const OLD_VERSION = 0;

type MakeNode = (path: Buffer, mode: number, device: bigint) => number;
let declared: MakeNode | undefined;

/** `mode`: type and permissions, as in stats. @throws Error EPERM for a device, without privilege; EEXIST */
export function makeNode(
  path: BytePath,
  { mode, device }: { readonly mode: number; readonly device: bigint },
): void {
  declared ??= declare();
  checked('mknod', declared(Buffer.from(`${path}\0`, 'latin1'), mode, device));
}

function declare(): MakeNode {
  try {
    return libc.func('int mknod(const void *path, unsigned int mode, uint64 device)');
  } catch {
    const old = libc.func('int __xmknod(int version, const void *path, unsigned int mode, uint64 *device)');
    return (path, mode, device) => old(OLD_VERSION, path, mode, [device]) as number;
  }
}
