// lsyncd's inheritance: a sync has its own keys, and those of the tables that stand in it without a key, however deep.
// Its own win over inherited ones, the first inherited over the next; tables are merged key by key, lists one behind the other.
// What comes from default.* is kept apart and always the last: lsyncd lets `sync{ default.rsync, { delete = false } }` delete.

import { HostFunction, LuaTable } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';
import { ConfigProblem } from './diagnostics.ts';
import { syncKinds } from './known-keys.ts';
import type { SyncKind } from './known-keys.ts';
import { shown } from './values.ts';

export interface Inherited {
  /** What the user wrote, in this sync or in tables of his. */
  readonly user: LuaTable;
  /** What default.rsync etc. bring. */
  readonly defaults: LuaTable;
  /** The behaviours among the tables, outermost first; default.rsyncssh does not count as default.rsync too. */
  readonly kinds: readonly SyncKind[];
}

/** Codes of an exit-code table are keys, not a list. */
const mapKeys: ReadonlySet<string> = new Set(['exitcodes', 'rsyncExitCodes', 'sshExitCodes']);

/** @throws ConfigProblem for a value without a key that is no table */
export function inherit(table: LuaTable): Inherited {
  const layers: Layer[] = [];
  collect(table, { layers, seen: new Set(), isDefault: false });
  const merged = (wanted: boolean): LuaTable =>
    mergeAll(layers.filter(({ isDefault }) => isDefault === wanted).map((layer) => layer.table));
  return { user: merged(false), defaults: merged(true), kinds: layers.flatMap(({ kind }) => kind ?? []) };
}

/** The behaviour whose `action` this is; undefined for a function that is not tsyncd's own. */
export function kindOfAction(action: LuaValue): SyncKind | undefined {
  if (!(action instanceof HostFunction)) return undefined;
  return syncKinds.find((kind) => action.name === `default.${kind}.action`);
}

interface Layer {
  readonly table: LuaTable;
  readonly isDefault: boolean;
  /** Set for the outermost table of a behaviour. */
  readonly kind: SyncKind | undefined;
}

interface Collecting {
  readonly layers: Layer[];
  readonly seen: Set<LuaTable>;
  readonly isDefault: boolean;
}

function collect(table: LuaTable, { layers, seen, isDefault }: Collecting): void {
  if (seen.has(table)) return;
  seen.add(table);
  const kind = kindOfAction(table.get('action'));
  layers.push({ table, isDefault: isDefault || kind !== undefined, kind: isDefault ? undefined : kind });
  if (table.get('_verbatim') === true) return;
  for (const base of table.positional()) {
    if (base === false) continue;
    if (!(base instanceof LuaTable)) {
      throw new ConfigProblem(
        `Parameter "1" unknown: ${shown(base)} stands without a key, where only tables may`,
      );
    }
    collect(base, { layers, seen, isDefault: isDefault || kind !== undefined });
  }
}

function mergeAll(tables: readonly LuaTable[]): LuaTable {
  const merged = new LuaTable();
  for (const table of tables) {
    for (const [key, value] of table.named())
      merged.entries.set(key, mergeValue(key, merged.get(key), value));
  }
  return merged;
}

function mergeValue(key: string, own: LuaValue, inherited: LuaValue): LuaValue {
  if (own === undefined) return inherited;
  if (!(own instanceof LuaTable) || !(inherited instanceof LuaTable)) return own;
  return mergeTables(own, { inherited, isMap: mapKeys.has(key) });
}

/** `own` over `inherited`; an `own` with `_verbatim = true` inherits nothing. */
export function mergeTables(
  own: LuaTable,
  { inherited, isMap }: { readonly inherited: LuaTable; readonly isMap: boolean },
): LuaTable {
  if (own.get('_verbatim') === true || own === inherited) return own;
  if (isMap) return new LuaTable([...inherited.entries, ...own.entries]);
  const merged = new LuaTable(own.named());
  for (const [key, value] of inherited.named()) merged.entries.set(key, mergeValue(key, own.get(key), value));
  for (const [index, value] of [...own.positional(), ...inherited.positional()].entries()) {
    merged.entries.set(index + 1, value);
  }
  return merged;
}
