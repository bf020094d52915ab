// The target directory of default.rsyncssh as text for the remote login shell. The only piece of a config that gets into shell text.

import { toText, type BytePath } from '../byte-path.ts';

/**
 * `cd DIR && `, or `''` for the remote home. The path is quoted, but for a leading `~/` or `~user/`, which must expand; it
 * begins with `/`, `./` or `~`, so that it is never an option and CDPATH does not matter.
 */
export function changeDirectory(targetdir: BytePath): string {
  if (targetdir === '') return '';
  const text = toText(targetdir);
  const home = /^~[A-Za-z0-9_.-]*(?:\/|$)/.exec(text)?.[0];
  if (home !== undefined) {
    const rest = text.slice(home.length);
    return `cd ${home}${rest === '' ? '' : quote(rest)} && `;
  }
  return `cd ${quote(text.startsWith('/') ? text : `./${text}`)} && `;
}

/** One word for any login shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
