// Changes below a directory that is not there any more, though the batch does not say so: it was moved, deleted or replaced a moment ago, and
// the event of that is still to come. Until then the target's directory must stay as it is, since a move is going to need it.

import { withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Batch, Delay } from '../queue/delay.ts';
import type { Behaviour, Work } from './behaviour.ts';
import { createTreeView, lookAtAll, type TreeView } from './source-state.ts';

/** The behaviour, whose batches are without such changes: what is to be done about them follows from the event to come. */
export function withoutLeftBehind(behaviour: Behaviour, source: BytePath): Behaviour {
  async function* batch(whole: Batch): Work {
    const view = createTreeView(source);
    await lookAtAll(
      view,
      whole.changes.map(({ path }) => path),
    );
    const named = new Set(whole.changes.map(({ path }) => withoutTrailingSlash(path)));
    const changes = whole.changes.filter((change) => !isLeftBehind(change, { view, named }));
    if (whole.moves.length === 0 && changes.length === 0) return { verdict: 'ok' };
    return yield* behaviour.batch({ moves: whole.moves, changes });
  }
  return { ...behaviour, batch };
}

function isLeftBehind(
  { path }: Delay,
  { view, named }: { readonly view: TreeView; readonly named: ReadonlySet<BytePath> },
): boolean {
  const seen = view.look(path);
  if (seen.state === 'unknown' || seen.path === '/') return false;
  return seen.path !== withoutTrailingSlash(path) && !named.has(seen.path);
}
