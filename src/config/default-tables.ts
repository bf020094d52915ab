// The global `default` that configs inherit from: the values are lsyncd's but for the exit code 23, the functions also mark
// what they belong to.

import { LuaTable } from '../lua/lua-value.ts';
import type { HostFunction, LuaValue } from '../lua/lua-value.ts';
import { defaultFunctions } from '../script/default-functions.ts';
import { kindGauge, rootGauge } from './checkgauge.ts';
import { defaultRsyncExitCodes, defaultSshExitCodes, toExitCodeTable } from './exit-codes.ts';

/** Seconds; lsyncd's. */
const defaultDelay = { rsync: 15, direct: 1 };
const defaultMaxDelays = 1000;

/** A fresh `default`, for each load: configs change it. */
export function createDefaultTables(prepare: ReadonlyMap<string, HostFunction>): LuaTable {
  const functions = (owner: string, names: readonly string[]): Readonly<Record<string, LuaValue>> =>
    Object.fromEntries(names.map((name) => [name, builtIn(`${owner}.${name}`, prepare)]));
  const rsync = table({
    ...functions('default.rsync', ['action', 'full', 'init', 'prepare']),
    checkgauge: kindGauge('rsync'),
    delay: defaultDelay.rsync,
    delete: true,
    exitcodes: toExitCodeTable(defaultRsyncExitCodes),
    rsync: rsyncTable(),
  });
  const rsyncssh = table({
    ...functions('default.rsyncssh', ['action', 'collect', 'prepare']),
    checkgauge: kindGauge('rsyncssh'),
    delay: defaultDelay.rsync,
    exitcodes: false,
    maxProcesses: 1,
    onMove: true,
    rsyncExitCodes: toExitCodeTable(defaultRsyncExitCodes),
    sshExitCodes: toExitCodeTable(defaultSshExitCodes),
    ssh: table({ binary: 'ssh', _extra: new LuaTable() }),
  });
  rsyncssh.entries.set(1, rsync);
  return table({
    ...functions('default', ['action', 'collect', 'full', 'init', 'prepare']),
    checkgauge: rootGauge(),
    maxDelays: defaultMaxDelays,
    maxProcesses: 1,
    statusInterval: 10,
    rsyncExitCodes: toExitCodeTable(defaultRsyncExitCodes),
    sshExitCodes: toExitCodeTable(defaultSshExitCodes),
    rsync,
    rsyncssh,
    direct: table({
      ...functions('default.direct', ['action', 'collect', 'init', 'prepare']),
      checkgauge: kindGauge('direct'),
      delay: defaultDelay.direct,
      delete: true,
      maxProcesses: 1,
      onMove: true,
      rsyncExitCodes: toExitCodeTable(defaultRsyncExitCodes),
      rsync: rsyncTable(),
    }),
  });
}

function rsyncTable(): LuaTable {
  return table({ binary: 'rsync', links: true, protect_args: true, times: true });
}

function table(fields: Readonly<Record<string, LuaValue>>): LuaTable {
  return new LuaTable(Object.entries(fields));
}

/** Scripts call them; a config that only inherits them never does. */
function builtIn(name: string, prepare: ReadonlyMap<string, HostFunction>): HostFunction {
  const known = defaultFunctions.get(name) ?? prepare.get(name);
  if (known === undefined) throw new TypeError(`no ${name}`);
  return known;
}
