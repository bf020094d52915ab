// A directory's mtime changes when something in it is moved or deleted. What is done by hand at the target sets it right again,
// as rsync does with -t.

import type { BytePath } from '../byte-path.ts';
import type { TreeView } from './source-state.ts';
import type { DirectoryTime } from './tree-script.ts';

/** Those of `directories` that the source has, with the times they have there. */
export function directoryTimes(directories: Iterable<BytePath>, view: TreeView): readonly DirectoryTime[] {
  return [...directories].flatMap((path) => {
    const seen = view.look(path);
    if (!view.has(path) || seen.state !== 'there') return [];
    return [{ path, mtimeSeconds: seen.stats.mtime.seconds }];
  });
}
