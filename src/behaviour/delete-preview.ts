// What a full sync would delete, before it does: rsync is asked by a dry run with the same options and rules, so that what they protect at the
// target does not count. Only where the source is empty (a disk that is not mounted yet), and where maxDelete counts.

import { readdirSync } from 'node:fs';
import { toBuffer, toText, type BytePath } from '../byte-path.ts';
import type { SyncSpec } from '../config/sync-spec.ts';
import type { ChildEnd, Command } from '../run/command.ts';
import type { Outcome } from './behaviour.ts';
import { haltByDeleteLimit } from './delete-limit.ts';
import { deletesAtStartup, previewCommand, type RsyncJob } from './rsync-commands.ts';

/** One line for each path that would go, as `%i` of --out-format shows it. */
const DELETING = /^\*deleting\b/gm;

export interface DeletePreview {
  readonly command: Command;
  /** Why the full sync may not run after this end of the command; undefined: the preview has nothing against it. */
  refusal(end: ChildEnd): Outcome | undefined;
}

/** undefined: there is nothing to ask. Looks at the source, and at a local target. */
export function createDeletePreview(job: RsyncJob): DeletePreview | undefined {
  const { spec, target } = job;
  const isInDoubt = !spec.allowEmptySource && isEmpty(spec.source);
  if (!deletesAtStartup(spec) || (!isInDoubt && spec.maxDelete === undefined)) return undefined;
  if (target.startsWith('/') && isEmptyOrMissing(target)) return undefined;
  return {
    command: previewCommand(job),
    refusal({ stdout = '' }) {
      const count = stdout.match(DELETING)?.length ?? 0;
      if (isInDoubt && count > 0) return emptySource(job);
      return spec.maxDelete !== undefined && count > spec.maxDelete ? haltByDeleteLimit(spec) : undefined;
    },
  };
}

function emptySource({ target }: { readonly spec: SyncSpec; readonly target: BytePath }): Outcome {
  const what = `is empty, but its target "${toText(target)}" is not, and "delete" is on`;
  return {
    verdict: 'no source',
    reason: `${what} (allowEmptySource = true lets the target be emptied)`,
    exitCode: 0,
  };
}

/** What cannot be read is not known to be empty. */
function isEmpty(directory: BytePath): boolean {
  return countEntries(directory) === 0;
}

function isEmptyOrMissing(directory: BytePath): boolean {
  const entries = countEntries(directory);
  return entries === 0 || entries === 'ENOENT';
}

function countEntries(directory: BytePath): number | string {
  try {
    return readdirSync(toBuffer(directory)).length;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
