// The data of the queue: a change that waits to be sent.

import type { BytePath } from '../byte-path.ts';

/** lsyncd's names for what happened. */
export type DelayKind = 'Create' | 'Modify' | 'Attrib' | 'Delete' | 'Move';

/** `wait`: may start when due. `active`: part of a running batch. `block`: waits for another delay that must end first. */
export type DelayStatus = 'wait' | 'active' | 'block';

export interface Delay {
  readonly kind: DelayKind;
  /** `/a/f`, directories `/a/d/`. */
  readonly path: BytePath;
  /** Destination of a Move. */
  readonly movedTo?: BytePath;
  readonly status: DelayStatus;
  /** Monotonic milliseconds: not before this. */
  readonly dueMs: number;
  /**
   * The target below `path` is not known to be what it was: send the path and all below it, and remove there what the source does
   * not have. Set when a directory was replaced by another one, a move could not be done on the target, or what a batch did was
   * overtaken by a move. Also on paths last seen as a file, and on a Delete: it counts if a directory is found there.
   */
  readonly whole: boolean;
  /**
   * Entries of this directory may have come or gone unseen: it is to have the entries that the source has, no others, and what is below its
   * subdirectories stays as it is. Absent = false; never with `whole`.
   */
  readonly listing?: boolean;
}

/**
 * What runs together. First the moves, in order; then every path of `changes` is brought to the state the source has when the
 * batch runs. The kinds of the changes say what was last seen, not what must be done: the behaviour looks at the source.
 */
export interface Batch {
  readonly moves: readonly Delay[];
  readonly changes: readonly Delay[];
}
