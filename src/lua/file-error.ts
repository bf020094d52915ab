// What Lua's io and os functions return for a failed system call: nil, `NAME: reason`, errno; reasons in libc's words.

import { getSystemErrorMap } from 'node:util';
import { fromText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import type { LuaValue } from './lua-value.ts';

/** Where libuv's words are not libc's. */
const libcWords: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EAFNOSUPPORT: 'Address family not supported by protocol',
  EALREADY: 'Operation already in progress',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  EHOSTUNREACH: 'No route to host',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
  ENFILE: 'Too many open files in system',
  ENOMEM: 'Cannot allocate memory',
  ENOTCONN: 'Transport endpoint is not connected',
  ENOTSUP: 'Operation not supported',
  ERANGE: 'Numerical result out of range',
  ESPIPE: 'Illegal seek',
  ETXTBSY: 'Text file busy',
  EXDEV: 'Invalid cross-device link',
};

/** libc's sentence for the errno of a Node error, `No such file or directory`. */
export function reasonOf(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : libcWords[code];
  if (known !== undefined) return known;
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return words === undefined ? message : words.charAt(0).toUpperCase() + words.slice(1);
}

/** nil, message, errno. `name` is put before the reason where it is given. */
export function failure(error: unknown, name?: BytePath): readonly LuaValue[] {
  const prefix = name === undefined ? '' : `${name}: `;
  const { errno } = error as NodeJS.ErrnoException;
  return [undefined, prefix + fromText(reasonOf(error)), Math.abs(errno ?? 0)];
}
