// Changes below a directory that is not there any more, though the batch does not say so: it was moved, deleted or replaced a moment ago, and
// the event of that is still to come. Until then the target's directory must stay as it is, since a move is going to need it.

import { withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import type { TreeView } from './source-state.ts';

/** The changes without such ones, as `view` sees the source: what is to be done about them follows from the event to come. */
export function withoutLeftBehind(changes: readonly Delay[], view: TreeView): readonly Delay[] {
  const named = new Set(changes.map(({ path }) => withoutTrailingSlash(path)));
  return changes.filter((change) => !isLeftBehind(change, { view, named }));
}

function isLeftBehind(
  { path }: Delay,
  { view, named }: { readonly view: TreeView; readonly named: ReadonlySet<BytePath> },
): boolean {
  const seen = view.look(path);
  if (seen.state === 'unknown' || seen.path === '/') return false;
  return seen.path !== withoutTrailingSlash(path) && !named.has(seen.path);
}
