// What a sync of default.* cannot do without.

import type { LuaTable } from '../lua/lua-value.ts';
import { ConfigProblem } from './diagnostics.ts';
import type { SyncKind } from './known-keys.ts';

/** @throws ConfigProblem with lsyncd's sentences, default.direct's naming default.rsync as there */
export function checkNeeds(kind: SyncKind | undefined, user: LuaTable): void {
  const owner = kind === 'rsyncssh' ? 'default.rsyncssh' : 'default.rsync';
  for (const need of needsOf(kind)) {
    if (user.get(need) === undefined) throw new ConfigProblem(`${owner} needs "${need}" configured`);
  }
}

export function needsOf(kind: SyncKind | undefined): readonly string[] {
  if (kind === undefined) return [];
  return kind === 'rsyncssh' ? ['host', 'targetdir'] : ['target'];
}
