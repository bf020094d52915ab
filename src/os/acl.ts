// POSIX ACLs, which Linux keeps as extended attributes. `cp -p` copies them, and so do we; other extended attributes it leaves.

import { constants } from 'node:os';
import type { BytePath } from '../byte-path.ts';
import { lastErrno, libc, systemError } from './libc.ts';

const ACCESS = cString('system.posix_acl_access');
const DEFAULT = cString('system.posix_acl_default');

/** The kernel takes no more for an attribute. */
const MAX_BYTES = 65_536;

type Calls = ReturnType<typeof declare>;
let declared: Calls | undefined;

function declare() {
  return {
    get: libc.func('long getxattr(const void *path, const void *name, _Out_ uint8_t *value, size_t size)'),
    set: libc.func(
      'int setxattr(const void *path, const void *name, const void *value, size_t size, int flags)',
    ),
    remove: libc.func('int removexattr(const void *path, const void *name)'),
  };
}

/** Both paths are followed. */
export interface AclPair {
  readonly from: BytePath;
  readonly to: BytePath;
  /** Those have a second one, for what is made in them. */
  readonly isDirectory: boolean;
}

/**
 * Gives `to` the ACLs of `from`, or none when that has none: it may have got one from the directory it was made in. Nothing where the target's file
 * system has none. The mode must be set afterwards. @throws Error of setxattr(2)
 */
export function copyAcl({ from, to, isDirectory }: AclPair): void {
  if (process.platform !== 'linux') return;
  const [source, target] = [cString(from), cString(to)];
  copyOne(ACCESS, source, target);
  if (isDirectory) copyOne(DEFAULT, source, target);
}

function copyOne(name: Buffer, source: Buffer, target: Buffer): void {
  declared ??= declare();
  const value = read(declared, { source, name });
  const result =
    value === undefined ? declared.remove(target, name) : declared.set(target, name, value, value.length, 0);
  if (result === 0) return;
  const errno = lastErrno();
  const { ENODATA, EOPNOTSUPP, EPERM, EACCES } = constants.errno;
  // Somebody else's file: then its mode cannot be set either, and that is said.
  if ([ENODATA, EOPNOTSUPP, EPERM, EACCES].includes(errno)) return;
  throw systemError('setxattr', errno);
}

function read(
  calls: Calls,
  { source, name }: { readonly source: Buffer; readonly name: Buffer },
): Buffer | undefined {
  // Most files have none, and to be asked for the size alone costs little.
  if (Number(calls.get(source, name, null, 0)) <= 0) return undefined;
  const value = Buffer.alloc(MAX_BYTES);
  const bytes = Number(calls.get(source, name, value, MAX_BYTES));
  return bytes > 0 ? value.subarray(0, bytes) : undefined;
}

function cString(text: BytePath): Buffer {
  return Buffer.from(`${text}\0`, 'latin1');
}
