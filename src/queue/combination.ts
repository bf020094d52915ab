// What came of an event that met the queue. Data for the log, and for the one thing the caller must do: list a directory.

import type { BytePath } from '../byte-path.ts';
import type { DelayKind } from './delay.ts';

/**
 * `new`: queued, met nothing. `stack`: queued behind a pending delay above it. `block`: queued behind an active delay it overlaps.
 * `absorb`: a pending delay already covers it. `replace`: it takes the place of a pending delay at its path, or of those below it.
 * `split`: a move became a delete and a create. `rebase`: pending delays follow a move to its destination.
 * `refuse`: not queued at all (a delete of the source itself).
 */
export type CombineRule = 'new' | 'stack' | 'block' | 'absorb' | 'replace' | 'split' | 'rebase' | 'refuse';

/** A delay as a log line names it. */
export interface DelayName {
  readonly kind: DelayKind;
  readonly path: BytePath;
  /** Destination of a Move. */
  readonly movedTo?: BytePath;
}

export interface Combination {
  readonly rule: CombineRule;
  /** The new one. */
  readonly delay: DelayName;
  /** The one it met; none for `new`, and where it met several or none in particular. */
  readonly other?: DelayName;
  /** How many delays it replaced or rebased. */
  readonly count?: number;
  /** The event was not seen but found by listing a new directory. */
  readonly found?: boolean;
  /**
   * A directory came whole to this place and the kernel does not say what is in it: list it now, and add what is found as create
   * events. Until then the target would get the bare directory.
   */
  readonly needsListing?: BytePath;
}
