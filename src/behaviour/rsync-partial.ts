// What is left when rsync could not bring all: what goes back to the queue, and which of it rsync complained of.

import { withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import type { ChildEnd } from '../run/command.ts';
import type { Outcome } from './behaviour.ts';
import { failedPathsOfRsync, type Failure } from './failed-paths-of-rsync.ts';
import type { RsyncJob } from './rsync-commands.ts';
import { optionEffects } from './rsync-options.ts';
import { createTreeView } from './source-state.ts';

/** rsync's "partial transfer": all but some files arrived; what ssh and direct could not do ends so too. */
export const PARTIAL = 23;

/** An end after which something is to be sent again. */
export type PartialEnd = Outcome & { readonly verdict: 'again' };

export interface Reason {
  readonly reason: string;
  readonly exitCode: number;
}

export function again(failed: readonly Failure[], reason: Reason): PartialEnd {
  const whys = new Map(failed.map(({ change, why }) => [withoutTrailingSlash(change.path), why]));
  const changes = failed.map(({ change }) => change);
  return { ...againAll(changes, reason), whys };
}

export function againAll(changes: readonly Delay[], { reason, exitCode }: Reason): PartialEnd {
  return { verdict: 'again', reason, exitCode, remaining: { moves: [], changes }, rescan: [] };
}

/** Several ends with 23 as one. */
export function joined(ends: readonly PartialEnd[], reason: Reason): PartialEnd {
  const whys = new Map(ends.flatMap((end) => [...(end.whys ?? [])]));
  const all = againAll(openOf(ends), reason);
  return whys.size === 0 ? all : { ...all, whys };
}

export function openOf(ends: readonly PartialEnd[]): readonly Delay[] {
  return ends.flatMap(({ remaining }) => remaining.changes);
}

/** Of several names of one file rsync complains of the first only. undefined: it cannot be told. */
export function failedOf(
  { spec, target }: RsyncJob,
  { changes, end }: { readonly changes: readonly Delay[]; readonly end: ChildEnd },
): readonly Failure[] | undefined {
  if (optionEffects(spec.rsync).keepsHardLinks || end.isStderrCut === true) return undefined;
  const view = createTreeView(spec.source);
  const typeAt = (path: BytePath): 'directory' | 'other' | undefined => {
    if (!view.has(path)) return undefined;
    return path === '/' || view.has(`${path}/`) ? 'directory' : 'other';
  };
  return failedPathsOfRsync(end.stderr, { changes, source: spec.source, target, typeAt });
}
