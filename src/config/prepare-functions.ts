// default.prepare, default.rsync.prepare etc. for a `prepare` of the user's that calls them: they check the table of the sync that
// is being declared, and put what they computed into it.

import { HostFunction, LuaRaise, LuaTable } from '../lua/lua-value.ts';
import type { HostCall, LuaValue, Position } from '../lua/lua-value.ts';
import { checkGauge } from './checkgauge.ts';
import { completeTable } from './complete-table.ts';
import { ConfigProblem } from './diagnostics.ts';
import type { Place } from './diagnostics.ts';
import { syncKinds } from './known-keys.ts';
import type { SyncKind } from './known-keys.ts';
import { checkNeeds } from './needs.ts';
import { toRsyncOptions } from './rsync-options.ts';
import { toSshOptions, withRsh } from './ssh-options.ts';
import { checkSyncKeys } from './sync-keys.ts';

/** The sync{} that is being declared; undefined = none. */
export interface Preparing {
  place: Place | undefined;
  /** For a call from elsewhere. */
  placeAt(position: Position | undefined): Place;
}

/** By name: `default.prepare`, `default.rsync.prepare`, … */
export function prepareFunctions(preparing: Preparing): ReadonlyMap<string, HostFunction> {
  const kinds = [undefined, ...syncKinds];
  return new Map(kinds.map((kind) => create(kind, preparing)).map((one) => [one.name, one]));
}

function create(kind: SyncKind | undefined, preparing: Preparing): HostFunction {
  const name = kind === undefined ? 'default.prepare' : `default.${kind}.prepare`;
  return new HostFunction(name, ({ args, position }) => {
    const place = preparing.place ?? preparing.placeAt(position);
    try {
      prepare(args, { kind, place });
      return [];
    } catch (error) {
      // The user's `level` means the sync{}, too.
      if (error instanceof ConfigProblem)
        throw new LuaRaise(`${place.where}: ${error.message}`, { withPosition: false });
      throw error;
    }
  });
}

/** @param args config, level, skipTarget */
function prepare(
  [config, , skipTarget]: HostCall['args'],
  { kind, place }: { readonly kind: SyncKind | undefined; readonly place: Place },
): void {
  if (!(config instanceof LuaTable)) throw new ConfigProblem('the config of a sync expected');
  if (kind === undefined) return checkGauge(config);
  checkSyncKeys(config, { kind, place });
  if (!isTrue(skipTarget)) checkNeeds(kind, config);
  const inherited = { user: config, defaults: new LuaTable(), kinds: [kind] };
  const rsync = toRsyncOptions(inherited, place);
  const ssh = kind === 'rsyncssh' ? toSshOptions(inherited, { place, sshopts: [] }) : undefined;
  if (config.live === undefined) return;
  completeTable(config.live, { rsync: ssh === undefined ? rsync : withRsh(rsync, ssh), ssh });
}

function isTrue(value: LuaValue): boolean {
  return value !== undefined && value !== false;
}
