// The C library, loaded once, and how its failures become errors. Only this room imports koffi.

import { getSystemErrorMap } from 'node:util';
import koffi from 'koffi';

/**
 * The C library the running node is linked with (glibc, musl, libSystem …): its symbols are already in the process, so no
 * file name has to be guessed. Declare a function once, at the top of a file: `libc.func('int flock(int fd, int op)')`.
 * @throws Error when a declared function does not exist on this system, at the `func` call
 */
export const libc = koffi.load(null);

/** `errno` of the C call before this; read it at once, before any other call into Node or C. */
export function lastErrno(): number {
  return koffi.errno();
}

/** `EAGAIN` and the like for an errno of this system; `errno 1234` for one it does not know. */
export function errnoCode(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${errno}`;
}

/**
 * What Node's own calls throw, for a failed C call: message `EAGAIN: resource temporarily unavailable, flock`, with `errno`
 * (negative, as Node has it), `code` and `syscall`.
 */
export function systemError(syscall: string, errno: number = lastErrno()): NodeJS.ErrnoException {
  const text = getSystemErrorMap().get(-errno)?.[1] ?? 'unknown error';
  const code = errnoCode(errno);
  return Object.assign(new Error(`${code}: ${text}, ${syscall}`), { errno: -errno, code, syscall });
}

/**
 * The result of a C call that says -1 when it failed.
 * @throws Error as `systemError` makes it
 */
export function checked(syscall: string, result: number): number {
  if (result === -1) throw systemError(syscall);
  return result;
}
