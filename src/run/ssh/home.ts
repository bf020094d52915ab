// The home directory as OpenSSH sees it: that of the user database, whatever $HOME says.

import { userInfo } from 'node:os';

/** `/` for a user that the database does not know. */
export function homeDirectory(): string {
  try {
    return userInfo().homedir;
  } catch {
    return '/';
  }
}

/** `~/x` as an absolute path; others as they are. */
export function pathInHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? homeDirectory() + path.slice(1) : path;
}
