// The source of a sync: an existing directory, absolute and without symlinks, as the watches and rsync get it.

import { realpathSync, statSync } from 'node:fs';
import { fromBuffer, toBuffer, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { ConfigError } from '../errors.ts';

/** With a trailing slash. A relative source is below `cwd` (absolute).
 * @throws ConfigError with lsyncd's two lines when it is not there or is no directory */
export function resolveSource(source: BytePath, cwd: BytePath): BytePath {
  let path: BytePath;
  try {
    if (source === '') throw new Error('the source is empty');
    path = fromBuffer(realpathSync.native(toBuffer(against(source, cwd)), { encoding: 'buffer' }));
  } catch (error) {
    throw unusable(`failure getting absolute path of [${toText(source)}]`, { source, cause: error });
  }
  if (!statSync(toBuffer(path)).isDirectory()) {
    throw unusable(`cannot get absolute path of dir '${toText(source)}': is not a directory`, { source });
  }
  return path.endsWith('/') ? path : `${path}/`;
}

/** A path below `cwd` unless it is absolute. Links and `..` in it are left to the kernel. */
export function against(path: BytePath, cwd: BytePath): BytePath {
  if (path.startsWith('/')) return path;
  const bare = path.replace(/^(?:\.\/+)+/, '').replace(/^\.$/, '');
  return `${cwd === '/' ? '' : cwd}/${bare}`;
}

function unusable(what: string, { source, cause }: { source: BytePath; cause?: unknown }): ConfigError {
  return new ConfigError(`${what}\nError: Cannot access source directory: ${toText(source)}`, { cause });
}
