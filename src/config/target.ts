// The target of a sync in the form that rsync takes: local, `host:path`, `host::module`, `rsync://…`.

import type { BytePath } from '../byte-path.ts';
import { against } from './source-directory.ts';

/** rsync's own rule: a colon before the first slash, or an rsync:// address. */
export function isRemote(target: BytePath): boolean {
  return /^[^/]*:/.test(target) || target.startsWith('rsync://');
}

/** `-oProxyCommand=…` or `user@-o…`, of which ssh or rsync would make an option. */
export function looksLikeOption(host: string): boolean {
  return /^(?:[^@/]*@)?-/.test(host);
}

/** With a trailing slash unless it ends with `:`; a local one is absolute. */
export function resolveTarget(target: BytePath, cwd: BytePath): BytePath {
  return isRemote(target) ? withSlash(target) : withSlash(against(target, cwd));
}

/** `:` and `.` are the remote home, written `''`; lsyncd makes `HOST::` of `:`, which is a daemon's module. */
export function resolveTargetdir(targetdir: BytePath): BytePath {
  const path = targetdir.replace(/^:/, '').replace(/^(?:\.\/+)+/, '');
  return path === '' || path === '.' ? '' : withSlash(path);
}

/** A trailing slash, unless it ends with `:`. */
export function withSlash(path: BytePath): BytePath {
  return path.endsWith('/') || path.endsWith(':') ? path : `${path}/`;
}
