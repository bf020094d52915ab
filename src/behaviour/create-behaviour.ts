// Which behaviour a sync has.

import { isUtf8, toText, type BytePath } from '../byte-path.ts';
import type { SyncSpec } from '../config/sync-spec.ts';
import { ConfigError } from '../errors.ts';
import type { Behaviour } from './behaviour.ts';
import type { BehaviourContext } from './context.ts';
import { createDirectBehaviour } from './direct-behaviour.ts';
import { createRsyncBehaviour } from './rsync-behaviour.ts';
import { createRsyncSshBehaviour } from './rsyncssh-behaviour.ts';

export type { BehaviourContext } from './context.ts';

/**
 * The behaviour of `spec`. It starts nothing.
 * @throws ConfigError when source or target cannot be an argument of a child, since Node passes text only
 */
export function createBehaviour(spec: SyncSpec, context: BehaviourContext): Behaviour {
  const target = spec.kind === 'rsyncssh' ? spec.targetdir : spec.target;
  requireText(spec, { what: 'source', path: spec.source });
  requireText(spec, { what: 'target', path: target });
  if (spec.kind === 'rsync') return createRsyncBehaviour(spec, context);
  if (spec.kind === 'rsyncssh') return createRsyncSshBehaviour(spec, context);
  return createDirectBehaviour(spec, context);
}

function requireText(
  { where, name }: SyncSpec,
  { what, path }: { readonly what: string; readonly path: BytePath },
): void {
  if (isUtf8(path)) return;
  throw new ConfigError(`Cannot use ${what} "${toText(path)}": its name is not UTF-8 (${where}, ${name})`);
}
