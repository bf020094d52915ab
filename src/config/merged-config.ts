// The table that a sync{} becomes: its own keys over the inherited ones, as one table of Lua. `prepare` may change it before
// anything of it is used.

import type { LuaState } from '../lua/lua-state.ts';
import { isLuaFunction, LuaTable } from '../lua/lua-value.ts';
import type { LiveTable, LuaValue } from '../lua/lua-value.ts';
import { computedKey } from './complete-table.ts';
import { mergeAll } from './inherit.ts';
import type { Inherited } from './inherit.ts';

/** What every sync has of `default` itself. */
const rootKeys: readonly string[] = [
  'action',
  'checkgauge',
  'collect',
  'delay',
  'full',
  'init',
  'maxDelays',
  'maxProcesses',
  'prepare',
];

/** lsyncd's stack level of the sync{} call for `error(message, level)` within prepare. */
const prepareLevel = 4;

export interface MergedConfig {
  readonly live: LiveTable;
  readonly inherited: Inherited;
  /** What it was when prepare had ended. */
  readonly table: LuaTable;
  /** The user's own prepare has run: it answers for what is in the table. */
  readonly isPrepared: boolean;
}

/** @throws LuaError from the user's prepare */
export function mergeConfig(inherited: Inherited, state: LuaState): MergedConfig {
  const root = state.get('default');
  const merged = mergeAll([inherited.user, inherited.defaults, rootOf(root)]);
  const live = toLive(state, merged);
  const prepare = merged.get('prepare');
  if (!isLuaFunction(prepare)) return { live, inherited, table: merged, isPrepared: false };
  state.runText(`local prepare, config, level = ... local result = prepare(config, level) return result`, [
    prepare,
    live,
    prepareLevel,
  ]);
  const table = withoutComputed(live.copy());
  return { live, inherited: withChanges(inherited, { merged, table }), table, isPrepared: true };
}

function rootOf(root: LuaValue): LuaTable {
  if (!(root instanceof LuaTable)) return new LuaTable();
  return new LuaTable(root.named().filter(([name]) => rootKeys.includes(name)));
}

function toLive(state: LuaState, table: LuaTable): LiveTable {
  const [made] = state.runText('return ...', [table]);
  if (made instanceof LuaTable && made.live !== undefined) return made.live;
  throw new TypeError('a table of Lua expected');
}

/** The user's prepare may have called default.rsync.prepare. */
function withoutComputed(table: LuaTable): LuaTable {
  for (const key of ['rsync', 'ssh']) {
    const options = table.get(key);
    if (options instanceof LuaTable) options.entries.delete(computedKey);
  }
  return table;
}

interface Change {
  readonly merged: LuaTable;
  readonly table: LuaTable;
}

/** What prepare set counts as written by the user, what it took away is gone from the defaults too. */
function withChanges({ user, defaults, kinds }: Inherited, { merged, table }: Change): Inherited {
  const changed = { user: new LuaTable(user.entries), defaults: new LuaTable(defaults.entries), kinds };
  const names = new Set([...merged.named(), ...table.named()].map(([name]) => name));
  for (const name of names) {
    const value = table.get(name);
    if (isEqual(value, merged.get(name))) continue;
    const preset = defaults.get(name);
    if (value instanceof LuaTable && preset instanceof LuaTable) {
      changed.user.entries.set(
        name,
        entriesOf(value, (key, item) => !isEqual(item, preset.get(key))),
      );
      changed.defaults.entries.set(
        name,
        entriesOf(preset, (key, item) => isEqual(item, value.get(key))),
      );
    } else {
      changed.user.entries.set(name, value);
      changed.defaults.entries.delete(name);
    }
  }
  return changed;
}

function entriesOf(table: LuaTable, isWanted: (key: string | number, value: LuaValue) => boolean): LuaTable {
  return new LuaTable([...table.entries].filter(([key, value]) => isWanted(key, value)));
}

function isEqual(one: LuaValue, other: LuaValue): boolean {
  if (!(one instanceof LuaTable) || !(other instanceof LuaTable)) return one === other;
  if (one.entries.size !== other.entries.size) return false;
  return [...one.entries].every(([key, value]) => isEqual(value, other.get(key)));
}
