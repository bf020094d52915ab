// The keys of a sync{}: old spellings are put right, Lua of the user's own is refused, unknown ones are named.

import { toText } from '../byte-path.ts';
import { HostFunction, isLuaFunction, LuaTable } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';
import { ConfigProblem } from './diagnostics.ts';
import type { Place } from './diagnostics.ts';
import {
  oldRsyncKeys,
  oldSpellings,
  scriptKeys,
  sshKeys,
  syncKeys,
  syncKinds,
  xargsKeys,
} from './known-keys.ts';
import type { SyncKind } from './known-keys.ts';
import { didYouMean } from './nearest-name.ts';
import { rsyncKeys } from './rsync-option-table.ts';

const allSyncKeys: readonly string[] = [
  ...new Set([...syncKinds.flatMap((kind) => syncKeys[kind]), ...oldRsyncKeys, ...Object.keys(scriptKeys)]),
];

const subtableKeys: Readonly<Record<string, readonly string[]>> = {
  rsync: rsyncKeys,
  ssh: sshKeys,
  xargs: xargsKeys,
};

/** The table with each old spelling replaced by today's; a key that is there in both loses the old one.
 * @throws ConfigProblem with -strict */
export function withTodaysKeys(table: LuaTable, place: Place): LuaTable {
  const renamed = rename(table, { known: allSyncKeys, prefix: '', place });
  for (const [name, known] of Object.entries(subtableKeys)) {
    const subtable = renamed.get(name);
    if (subtable instanceof LuaTable) {
      renamed.entries.set(name, rename(subtable, { known, prefix: `${name}.`, place }));
    }
  }
  return renamed;
}

/** @throws ConfigProblem `sync 2: "onCreate" (layer 3) is not supported yet` */
export function refuseScripts(table: LuaTable, place: Place): void {
  for (const [name, value] of table.named()) {
    const layer = layerOf(name, value);
    if (layer === undefined) continue;
    const shownLayer = layer === 0 ? '' : ` (layer ${layer})`;
    throw new ConfigProblem(`${place.part}: "${name}"${shownLayer} is not supported yet`);
  }
}

/** @throws ConfigProblem `Parameter "frobnicate" unknown (sync 2: frobnicate)` */
export function checkSyncKeys(table: LuaTable, { kind, place }: { kind: SyncKind; place: Place }): void {
  const checkgauge = table.get('checkgauge');
  const added = checkgauge instanceof LuaTable ? checkgauge.named().map(([name]) => name) : [];
  const known = new Set([...syncKeys[kind], ...oldRsyncKeys, ...Object.keys(scriptKeys), ...added]);
  for (const [name] of table.named()) {
    const isKnown = known.has(name) && !(name === 'onMove' && !syncKeys[kind].includes(name));
    if (isKnown || name.startsWith('_')) continue;
    throw new ConfigProblem(
      `Parameter "${toText(name)}" unknown (${place.part}: ${toText(name)})${hint(name, kind)}`,
    );
  }
}

function hint(name: string, kind: SyncKind): string {
  const others = syncKinds.filter((other) => other !== kind && syncKeys[other].includes(name));
  if (others.length > 0) return `; it belongs to ${others.map((other) => `default.${other}`).join(' and ')}`;
  return didYouMean(name, { known: syncKeys[kind] });
}

/** undefined for keys that bring no Lua; 0 for what has no layer. tsyncd's own functions are no scripts. */
function layerOf(name: string, value: LuaValue): 0 | 1 | 2 | 3 | undefined {
  const type = scriptKeys[name];
  if (type === undefined || value === false || value instanceof HostFunction) return undefined;
  if (name === 'onMove' || name === 'init')
    return isLuaFunction(value) || typeof value === 'string' ? level(type, value) : undefined;
  return level(type, value);
}

function level(type: 'action' | 'raw' | 'none', value: LuaValue): 0 | 1 | 2 | 3 {
  if (type === 'none') return 0;
  if (type === 'raw') return 1;
  return isLuaFunction(value) ? 2 : 3;
}

interface Renaming {
  readonly known: readonly string[];
  readonly prefix: string;
  readonly place: Place;
}

function rename(table: LuaTable, { known, prefix, place }: Renaming): LuaTable {
  const renamed = new LuaTable(table.entries);
  for (const [name, value] of table.named()) {
    if (known.includes(name)) continue;
    const wanted = (oldSpellings[name] ?? name).toLowerCase();
    const today = known.find((candidate) => candidate.toLowerCase() === wanted);
    if (today === undefined) continue;
    place.oldSpelling(`"${prefix}${name}" is an old spelling; write "${prefix}${today}"`);
    renamed.entries.delete(name);
    if (table.get(today) === undefined) renamed.entries.set(today, value);
  }
  return renamed;
}
