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

/** The behaviour that this function belongs to; undefined for one that is not tsyncd's own. */
export function kindOfFunction(value: LuaValue): SyncKind | undefined {
  if (!(value instanceof HostFunction)) return undefined;
  return syncKinds.find((kind) => value.name.startsWith(`default.${kind}.`));
}

/** Of the action; a table whose action was replaced is still known by its other functions, if it has a checkgauge like default.*. */
function kindOfTable(table: LuaTable): SyncKind | undefined {
  const own = kindOfFunction(table.get('action'));
  if (own !== undefined || !(table.get('checkgauge') instanceof LuaTable)) return own;
  return kindOfFunction(table.get('prepare')) ?? kindOfFunction(table.get('init'));
}

/** Keys that default.* have. In a table with an action of tsyncd's own they rank as defaults, all others as the user's. */
const defaultKeys: ReadonlySet<string> = new Set(
  `action checkgauge collect delay delete exitcodes init maxProcesses onMove prepare rsync rsyncExitCodes ssh
   sshExitCodes`.split(/\s+/),
);

interface Layer {
  readonly table: LuaTable;
  readonly isDefault: boolean;
  /** Set for the outermost table of a behaviour. */
  readonly kind: SyncKind | undefined;
}

interface Collecting {
  readonly layers: Layer[];
  readonly seen: Set<LuaTable>;
  /** The table stands within one of a behaviour. */
  readonly isDefault: boolean;
}

function collect(table: LuaTable, { layers, seen, isDefault }: Collecting): void {
  if (seen.has(table)) return;
  const isOutermost = seen.size === 0;
  seen.add(table);
  const kind = kindOfTable(table);
  layers.push(
    ...toLayers(table, { kind: isDefault ? undefined : kind, isSplit: kind !== undefined && !isOutermost }),
  );
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

/** default.rsync itself, changed by the user or not, and the user's copies of it, are split by key. */
function toLayers(
  table: LuaTable,
  { kind, isSplit }: { kind: SyncKind | undefined; isSplit: boolean },
): Layer[] {
  if (!isSplit) return [{ table, isDefault: false, kind }];
  const pick = (wanted: boolean): LuaTable =>
    new LuaTable(table.named().filter(([name]) => defaultKeys.has(name) === wanted));
  return [
    { table: pick(true), isDefault: true, kind },
    { table: pick(false), isDefault: false, kind: undefined },
  ];
}

/** Each table over the next, as inheritance has it. */
export function mergeAll(tables: readonly LuaTable[]): LuaTable {
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

/** `own` over `inherited`, the lists joined unless one of them says `_verbatim = true`. */
function mergeTables(
  own: LuaTable,
  { inherited, isMap }: { readonly inherited: LuaTable; readonly isMap: boolean },
): LuaTable {
  if (own === inherited) return own;
  const isVerbatim = own.get('_verbatim') === true || inherited.get('_verbatim') === true;
  if (isMap) return isVerbatim ? own : new LuaTable([...inherited.entries, ...own.entries]);
  const merged = new LuaTable(own.named());
  for (const [key, value] of inherited.named()) merged.entries.set(key, mergeValue(key, own.get(key), value));
  for (const [index, value] of [
    ...own.positional(),
    ...(isVerbatim ? [] : inherited.positional()),
  ].entries()) {
    merged.entries.set(index + 1, value);
  }
  return merged;
}
