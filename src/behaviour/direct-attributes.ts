// The attributes that default.direct gives by themselves: to what only changed them, and to directories in which something was done.

import { withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { FileOperation } from '../run/file-work/file-work.ts';
import type { TreeView } from './source-state.ts';

/** Files first, then directories deepest first: whatever is done in a directory changes its time. Paths that the source has not are left out. */
export function attributesInOrder(paths: readonly BytePath[], source: TreeView): readonly FileOperation[] {
  const present = [...new Set(paths.map(withoutTrailingSlash))].filter((path) => source.has(path));
  const ordered = present.map((path) => toPlace(path, source));
  ordered.sort((one, other) => other.depth - one.depth);
  return ordered.map(({ path }) => ({ kind: 'attributes', path }));
}

/** A directory with its slash. */
function toPlace(path: BytePath, source: TreeView): { readonly path: BytePath; readonly depth: number } {
  if (path === '/') return { path, depth: 0 };
  if (!source.has(`${path}/`)) return { path, depth: Number.MAX_SAFE_INTEGER };
  return { path: `${path}/`, depth: path.split('/').length };
}
