// The keys of a sync{}: old spellings are put right, unknown ones are named.

import { toText } from '../byte-path.ts';
import { LuaTable } from '../lua/lua-value.ts';
import { keysOfGauge, unknownToGauge } from './checkgauge.ts';
import { ConfigProblem } from './diagnostics.ts';
import type { Place } from './diagnostics.ts';
import {
  eventKeys,
  functionKeys,
  oldRsyncKeys,
  oldSpellings,
  sshKeys,
  syncKeys,
  syncKinds,
  xargsKeys,
} from './known-keys.ts';
import type { SyncKind } from './known-keys.ts';
import { didYouMean } from './nearest-name.ts';
import { rsyncKeys } from './rsync-option-table.ts';

const scriptKeys: readonly string[] = [...eventKeys, ...functionKeys, 'prepare'];
const allSyncKeys: readonly string[] = [
  ...new Set([...syncKinds.flatMap((kind) => syncKeys[kind]), ...oldRsyncKeys, ...scriptKeys]),
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

/** @throws ConfigProblem `Parameter "frobnicate" unknown (sync 2: frobnicate)` */
export function checkSyncKeys(table: LuaTable, { kind, place }: { kind: SyncKind; place: Place }): void {
  const added = keysOfGauge(table.get('checkgauge'));
  const known = new Set([...syncKeys[kind], ...oldRsyncKeys, ...functionKeys, 'prepare', ...added]);
  for (const [name] of table.named()) {
    if (known.has(name) || name.startsWith('_')) continue;
    if (eventKeys.includes(name)) throw new ConfigProblem(unknownToGauge(name));
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
