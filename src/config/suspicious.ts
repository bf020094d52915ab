// Settings of a sync that can hardly be meant: each is said once, as a warning. What would lose files is refused.

import { existsSync } from 'node:fs';
import { toBuffer, toText, withoutTrailingSlash } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { LuaTable } from '../lua/lua-value.ts';
import type { Declaration } from './declaration.ts';
import { ConfigProblem } from './diagnostics.ts';
import type { SyncSpec } from './sync-spec.ts';
import { warnOfTunnelUse } from './tunnel-use.ts';

/** @throws ConfigProblem where the source's files would be lost */
export function warnOfSuspicious(declaration: Declaration, spec: SyncSpec): void {
  refuseLosingSource(spec);
  warnOfTunnelUse(declaration, spec);
  for (const pattern of spec.excludes) warnOfExclude(declaration, pattern);
  const rsync = declaration.user('rsync');
  if (!(rsync instanceof LuaTable) || rsync.get('update') !== true) return;
  const attributes = ['owner', 'group', 'perms'].filter((name) => rsync.get(name) === true);
  if (attributes.length > 0) {
    const names = attributes.map((name) => `rsync.${name}`).join(' and ');
    declaration.place.warn(
      `rsync.update with ${names}: a file that is newer on the target keeps its own attributes there`,
    );
  }
}

/** rsync takes the files out of the source, the sync then sees them vanish, and deletes them at the target. */
function refuseLosingSource(spec: SyncSpec): void {
  const words = [...spec.rsync.longOptions, ...spec.rsync.extra];
  if (spec.delete === false || !words.includes('--remove-source-files')) return;
  throw new ConfigProblem(
    'Cannot use rsync.remove_source_files with delete: what was moved to the target would be deleted there; write delete = false',
  );
}

function warnOfExclude({ place, source }: Declaration, pattern: BytePath): void {
  const shownPattern = toText(pattern);
  if (pattern.startsWith('./')) {
    place.warn(`exclude "${shownPattern}" can never match; write "${shownPattern.slice(1)}"`);
  } else if (isAbsoluteOutside(pattern, source)) {
    const below = `${withoutTrailingSlash(pattern)}/`.startsWith(source)
      ? pattern.slice(source.length - 1)
      : undefined;
    const hint = below === undefined ? '' : `; write "${toText(below)}"`;
    place.warn(
      `exclude "${shownPattern}" can never match: it is taken relative to the source "${toText(source)}"${hint}`,
    );
  }
}

/** An anchored pattern is below the source. It is hardly meant so where it is the path of something that exists elsewhere. */
function isAbsoluteOutside(pattern: BytePath, source: BytePath): boolean {
  if (!/^\/[^/]+\/./.test(pattern) || /[*?[]/.test(pattern)) return false;
  const firstSegment = /^\/[^/]+/.exec(pattern)?.[0] ?? pattern;
  if (existsSync(toBuffer(source + firstSegment.slice(1)))) return false;
  return `${withoutTrailingSlash(pattern)}/`.startsWith(source) || existsSync(toBuffer(pattern));
}
