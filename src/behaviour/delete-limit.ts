// maxDelete: a batch or a full sync that would delete more halts its sync. rsync counts for itself, and has deleted as many
// as it may by then; what is deleted without rsync is counted before.

import { lstatSync, readdirSync } from 'node:fs';
import { fromBuffer, toBuffer, type BytePath } from '../byte-path.ts';
import type { SyncSpec } from '../config/sync-spec.ts';
import type { ChildEnd } from '../run/command.ts';
import type { Outcome } from './behaviour.ts';

/** rsync's "the --max-delete limit stopped deletions". */
const LIMIT_EXIT_CODE = 25;

/** Said beside 23 too, which hides that code. */
const LIMIT_LINE = /^Deletions stopped due to --max-delete limit/m;

/** rsync's option for it. */
export function deleteLimitOption({ maxDelete }: SyncSpec): readonly string[] {
  return maxDelete === undefined ? [] : [`--max-delete=${maxDelete}`];
}

/** Whether rsync stopped at the limit of this sync; one that the user gave rsync by himself is his own. */
export function isOverDeleteLimit({ maxDelete }: SyncSpec, { exitCode, stderr }: ChildEnd): boolean {
  return maxDelete !== undefined && (exitCode === LIMIT_EXIT_CODE || LIMIT_LINE.test(stderr));
}

export function haltByDeleteLimit({ maxDelete = 0 }: SyncSpec): Outcome {
  const what = `more than ${maxDelete} ${maxDelete === 1 ? 'path' : 'paths'} would be deleted at its target (maxDelete)`;
  const advice = 'put them back into the source, or raise maxDelete, and send HUP (systemctl reload)';
  return {
    verdict: 'halt',
    reason: `${what}; ${advice}: nothing is sent until then`,
    exitCode: LIMIT_EXIT_CODE,
  };
}

/** Counts over one batch. */
export interface DeleteCount {
  /** Whether these local paths may be deleted too, with all that is in them; symlinks are not followed. */
  allows(paths: readonly BytePath[]): boolean;
}

export function createDeleteCount({ maxDelete }: SyncSpec): DeleteCount {
  let left = maxDelete ?? Number.POSITIVE_INFINITY;
  return {
    allows(paths) {
      if (left === Number.POSITIVE_INFINITY) return true;
      const waiting = [...paths];
      for (let path = waiting.pop(); path !== undefined && left >= 0; path = waiting.pop()) {
        left--;
        waiting.push(...entriesOf(path));
      }
      return left >= 0;
    },
  };
}

/** Empty for what is no directory (a symlink to one is none), or cannot be read. */
function entriesOf(path: BytePath): readonly BytePath[] {
  try {
    if (!lstatSync(toBuffer(path)).isDirectory()) return [];
    return readdirSync(toBuffer(path), { encoding: 'buffer' }).map((name) => `${path}/${fromBuffer(name)}`);
  } catch {
    return [];
  }
}
