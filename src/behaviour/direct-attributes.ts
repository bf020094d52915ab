// The attributes that default.direct gives by itself: to what only changed them, and to directories in which something was done.

import { withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { BehaviourContext } from './context.ts';
import { note, type Trouble } from './direct-trouble.ts';
import { nextTurn, type TreeView } from './source-state.ts';

/** So many attributes are set before other work of the daemon gets its turn. */
const CHUNK = 250;

export interface AttributesOptions {
  /** Both absolute, with a trailing slash. */
  readonly roots: { readonly source: BytePath; readonly target: BytePath };
  readonly source: TreeView;
  readonly target: TreeView;
  readonly copyAttributes: BehaviourContext['copyAttributes'];
  readonly trouble: Trouble;
  /** Whether the source has another thing there than when the batch looked. */
  readonly hasMovedOn: (path: BytePath) => boolean;
}

/** Files first, then directories deepest first: whatever is done in a directory changes its time. */
export async function setAttributes(paths: readonly BytePath[], options: AttributesOptions): Promise<void> {
  const { roots, source, target, trouble } = options;
  const present = [...new Set(paths.map(withoutTrailingSlash))].filter(
    (path) => source.has(path) && target.has(path),
  );
  for (const [index, path] of inOrder(present, source).entries()) {
    if (index % CHUNK === CHUNK - 1) await nextTurn();
    try {
      options.copyAttributes(roots.source + path.slice(1), roots.target + path.slice(1));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      note(trouble, { path, error });
      if (options.hasMovedOn(path)) trouble.movedOn.add(path);
    }
  }
}

function inOrder(paths: readonly BytePath[], source: TreeView): readonly BytePath[] {
  const isDirectory = (path: BytePath): boolean => path === '/' || source.has(`${path}/`);
  const depthOf = (path: BytePath): number => {
    if (path === '/') return 0;
    return isDirectory(path) ? path.split('/').length : Number.POSITIVE_INFINITY;
  };
  const ordered = paths.map((path) => ({ path, depth: depthOf(path) }));
  ordered.sort((one, other) => (one.depth === other.depth ? 0 : other.depth - one.depth));
  return ordered.map(({ path }) => path);
}
