// A local target and its source that lie in one another. rsync into the own source never ends; a source inside its target is
// deleted by the first startup, because the source does not hold itself.

import { realpathSync, statSync } from 'node:fs';
import { fromBuffer, parentOf, toBuffer, toText, withoutTrailingSlash } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { ConfigProblem } from './diagnostics.ts';
import type { Place } from './diagnostics.ts';
import type { DeleteMode } from './sync-spec.ts';

export interface Directories {
  /** Absolute, with a trailing slash. */
  readonly source: BytePath;
  readonly target: BytePath;
  readonly delete: DeleteMode;
  readonly excludes: readonly BytePath[];
}

/** @throws ConfigProblem where the sync would copy into itself or delete its own source; warns where an exclude prevents it */
export function checkOverlap({ source, target, delete: deletes, excludes }: Directories, place: Place): void {
  const real = realPathOf(target);
  const cannot = `Cannot use target "${toText(target)}"`;
  if (real === '/') throw new ConfigProblem(`${cannot}: it is the root directory of this machine`);
  const targetInSource = placeWithin(source, real);
  const sourceInTarget = placeWithin(real, source);
  if (targetInSource === '/') throw new ConfigProblem(`${cannot}: it is the source itself`);
  if (targetInSource !== undefined) {
    const text = `${cannot}: it lies in its own source "${toText(source)}", and would be copied into itself`;
    refuseOrWarn(targetInSource, { excludes, place, text });
  } else if (sourceInTarget !== undefined) {
    const text = `${cannot}: its source "${toText(source)}" lies in it, and would be deleted`;
    if (deletes === false || deletes === 'running') place.warn(text.replace(/, and would be deleted$/, ''));
    else refuseOrWarn(sourceInTarget, { excludes, place, text });
  }
}

/** Where `path` lies in `directory` (`/` = it is the same), with its slashes; undefined: it does not. Also by another name of the directory: a bind mount. */
function placeWithin(directory: BytePath, path: BytePath): BytePath | undefined {
  if (path.startsWith(directory)) return path.slice(directory.length - 1);
  const inode = inodeOf(directory);
  if (inode === undefined) return undefined;
  for (let at: BytePath = path; at !== '/'; at = parentOf(at) ?? '/') {
    if (inodeOf(at) === inode) return path.slice(at.length - 1);
  }
  return undefined;
}

/** undefined: it is not there. */
function inodeOf(directory: BytePath): string | undefined {
  const stats = statSync(toBuffer(directory), { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}

interface Verdict {
  readonly excludes: readonly BytePath[];
  readonly place: Place;
  readonly text: string;
}

/** `inner` begins and ends with a slash and is relative to the outer directory. */
function refuseOrWarn(inner: BytePath, { excludes, place, text }: Verdict): void {
  if (!excludes.some((pattern) => hides(pattern, inner))) {
    throw new ConfigProblem(
      `${text}; exclude "${toText(withoutTrailingSlash(inner))}" or choose another target`,
    );
  }
  place.warn(`${text}, but for its exclude`);
}

/** Only patterns without wildcards are trusted here. */
function hides(pattern: BytePath, inner: BytePath): boolean {
  if (/[*?[\\]/.test(pattern)) return false;
  const bare = withoutTrailingSlash(pattern);
  return bare.startsWith('/') ? inner.startsWith(`${bare}/`) : inner.includes(`/${bare}/`);
}

/** With links resolved as far as the path exists; with a trailing slash. */
function realPathOf(path: BytePath): BytePath {
  try {
    const real = fromBuffer(realpathSync.native(toBuffer(path), { encoding: 'buffer' }));
    return real === '/' ? '/' : `${real}/`;
  } catch {
    const parent = parentOf(path);
    return parent === undefined ? path : realPathOf(parent) + path.slice(parent.length);
  }
}
