// checkgauge: the tables that say which keys a sync of the user's own may have. Tables in them without a key are gauges too.

import { toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { LuaTable } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';
import { ConfigProblem } from './diagnostics.ts';
import { eventKeys, functionKeys, sshKeys, syncKeys } from './known-keys.ts';
import type { SyncKind } from './known-keys.ts';
import { rsyncKeys } from './rsync-option-table.ts';

/** lsyncd's, and what tsyncd does for any sync; `exclude` and `filter` are refused by lsyncd itself. */
const rootKeys: readonly string[] = [
  ...eventKeys,
  ...functionKeys,
  ...`checkgauge childTimeout crontab delay exclude excludeFrom exitcodes filter filterFrom maxDelays maxProcesses monitor name
   prepare rescanInterval source subdirs target tunnel`.split(/\s+/),
];

/** `default.checkgauge`. */
export function rootGauge(): LuaTable {
  return gaugeOf(rootKeys);
}

/** `default.rsync.checkgauge` and the like. */
export function kindGauge(kind: SyncKind): LuaTable {
  const gauge = gaugeOf(syncKeys[kind]);
  for (const key of eventKeys) if (!syncKeys[kind].includes(key)) gauge.entries.set(key, false);
  gauge.entries.set('rsync', gaugeOf(rsyncKeys));
  if (kind === 'rsyncssh') gauge.entries.set('ssh', gaugeOf(sshKeys));
  return gauge;
}

function gaugeOf(keys: readonly string[]): LuaTable {
  return new LuaTable(keys.map((key) => [key, true] as const));
}

/** What default.prepare finds in a sync's table, which has inherited `default.checkgauge`.
 * @throws ConfigProblem `Parameter "rsync.arxive" unknown. ( if this is not a typo add it to checkgauge )` */
export function checkGauge(table: LuaTable): void {
  const gauge = table.get('checkgauge');
  if (gauge instanceof LuaTable) checkTable(table, { gauges: [gauge], prefix: '' });
}

function checkTable(
  table: LuaTable,
  { gauges, prefix }: { readonly gauges: readonly LuaValue[]; readonly prefix: string },
): void {
  for (const [name, value] of table.named()) {
    if (name.startsWith('_')) continue;
    const path = `${prefix}${name}`;
    const verdict = verdictOf(name, gauges);
    if (verdict === undefined || verdict === false) throw new ConfigProblem(unknownToGauge(path));
    if (!(verdict instanceof LuaTable)) continue;
    if (!(value instanceof LuaTable)) throw new ConfigProblem(`Parameter "${path}" must be a table.`);
    checkTable(value, { gauges: [verdict], prefix: `${path}.` });
  }
}

/** lsyncd's sentence. */
export function unknownToGauge(name: BytePath): string {
  return `Parameter "${toText(name)}" unknown. ( if this is not a typo add it to checkgauge )`;
}

/** The keys that a checkgauge allows, those of the gauges in it too. */
export function keysOfGauge(gauge: LuaValue): readonly string[] {
  if (!(gauge instanceof LuaTable)) return [];
  const own = gauge.named().filter(([, verdict]) => verdict !== false);
  return [...own.map(([name]) => name), ...gauge.positional().flatMap(keysOfGauge)];
}

/** The first gauge that says anything of the name decides; its own words come before those of the gauges in it. */
function verdictOf(name: string, gauges: readonly LuaValue[]): LuaValue {
  for (const gauge of gauges) {
    if (!(gauge instanceof LuaTable)) continue;
    const verdict = gauge.get(name) ?? verdictOf(name, gauge.positional());
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}
