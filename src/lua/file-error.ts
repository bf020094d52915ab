// What Lua's io and os functions return for a failed system call: nil, `NAME: reason`, errno; reasons in libc's words.

import { getSystemErrorMap } from 'node:util';
import { fromText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import type { LuaValue } from './lua-value.ts';

/** Where libuv's words are not libc's. */
const libcWords: Readonly<Record<string, string>> = {
  EISDIR: 'Is a directory',
  EEXIST: 'File exists',
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
