// `xargs = {}` of lsyncd 2.0 and 2.1: deletes over ssh by the user's own words. Only used when a config has them.

import { isUtf8, toBuffer, type BytePath } from '../byte-path.ts';
import type { XargsOptions } from '../config/sync-spec.ts';
import { quote } from './remote-directory.ts';
import { relative } from './tree-script.ts';

const DEFAULT_EXTRA = ['-0', 'rm', '-rf', '--'];

/** Whether the config asks for anything but the default (the binary alone does not count). */
export function hasOwnXargs({ delimiter, extra }: XargsOptions): boolean {
  return delimiter !== '\0' || extra.join(' ') !== DEFAULT_EXTRA.join(' ');
}

/** Whether `path` can be told apart in a list with this delimiter. xargs without -0 also reads quotes and backslashes. */
export function canStandInXargs({ delimiter, extra }: XargsOptions, path: BytePath): boolean {
  if (delimiter === '\0' && extra.includes('-0')) return true;
  return !path.includes(delimiter) && isUtf8(path) && !/[\s'"\\]/.test(path);
}

/** The remote command (behind the `cd`) and its stdin. */
export function ownXargs(
  { binary, delimiter, extra }: XargsOptions,
  paths: readonly BytePath[],
): { readonly script: string; readonly stdin: Buffer } {
  const script = `exec ${[binary, ...extra].map(quote).join(' ')}`;
  return { script, stdin: toBuffer(paths.map((path) => relative(path) + delimiter).join('')) };
}
