// Work on the files of a local target that the daemon does itself, in a thread: what default.direct wants done, and what came of it.
// Plain data, since it goes to the thread and back.

import type { BytePath } from '../../byte-path.ts';

/** Paths are relative to the source and the target, as in a sync; those of directories end with a slash. */
export type FileOperation =
  /** At the target. Whatever lies at `to` goes first. */
  | { readonly kind: 'move'; readonly path: BytePath; readonly to: BytePath }
  /** At the target, with all that is in it. Nothing there is no error. */
  | { readonly kind: 'remove'; readonly path: BytePath }
  /** Made at the target; one that is there already is no error. */
  | { readonly kind: 'directory'; readonly path: BytePath }
  /** Anything but a directory, from the source to the target, in place of what is there. */
  | { readonly kind: 'copy'; readonly path: BytePath }
  /** Owner, mode, times and ACL, from the source to the target. */
  | { readonly kind: 'attributes'; readonly path: BytePath };

export interface FileWork {
  /** Both absolute, with a trailing slash. Symlinks on the way to them are followed, none below them. */
  readonly source: BytePath;
  readonly target: BytePath;
  /** Symlinks to directories at the target count as directories (rsync's -K). */
  readonly followsTargetLinks: boolean;
  /** false: a directory that is not empty is never removed to make place for a move. */
  readonly mayDelete: boolean;
  /** Done in this order; one that fails does not keep the next from its turn. */
  readonly operations: readonly FileOperation[];
}

/** What could not be done. */
export interface FileProblem {
  /** Of the operation. */
  readonly index: number;
  /** `ENOSPC` and the like. */
  readonly code: string;
  /** One line for the log. */
  readonly reason: string;
  /** The source changed under our hands: do it again, nothing is wrong. */
  readonly isUnsteady: boolean;
}

export interface FileResult {
  /** So many operations had their turn; fewer than there are when it was told to stop. */
  readonly tried: number;
  readonly problems: readonly FileProblem[];
}
