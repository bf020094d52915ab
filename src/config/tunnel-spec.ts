// tunnel{}: the object that it returns, which a sync has as `tunnel = …`, and what it means as plain data. Two syncs with the same
// object share the tunnel.

import { HostObject, LuaTable } from '../lua/lua-value.ts';
import type { HostClass, LuaValue } from '../lua/lua-value.ts';
import { ConfigProblem, Place } from './diagnostics.ts';
import type { Diagnostics } from './diagnostics.ts';
import { didYouMean } from './nearest-name.ts';
import { kinds } from './value-kinds.ts';
import { read, readFlag, refuse, shown } from './values.ts';
import type { Key } from './values.ts';

export interface TunnelSpec {
  /** `file:line` of the `tunnel{}` call, for messages. */
  readonly where: string;
  /** Binary and arguments, with the variables (`^localport`) in them. */
  readonly command: readonly string[];
  /** Processes of `command` that run at one time, each with a port of its own; 1 unless `mode = "pool"`. */
  readonly parallel: number;
  /** Where they listen. undefined = a free port for each start. */
  readonly localport: number | undefined;
  /** What `^localhost` stands for; default `localhost`. */
  readonly localhost: string;
  /** From the end of a process to its next start. */
  readonly retryDelayMs: number;
  /** So long after its start a process counts as ready, if its port did not accept a connection before. */
  readonly readyDelayMs: number;
}

const tunnelKeys: readonly string[] = [
  'command',
  'mode',
  'parallel',
  'localport',
  'localhost',
  'retryDelay',
  'readyDelay',
  'checkExitCodes',
];
const modes = ['command', 'pool'] as const;

/** Seconds; lsyncd's. */
const defaultRetryDelay = 10;
const defaultReadyDelay = 5;
const msInSecond = 1000;

const tunnelClass: HostClass = {
  name: 'tunnel',
  index: () => undefined,
  toText: () => 'tunnel',
};

/** What `tunnel{}` returns. */
export class TunnelObject extends HostObject {
  readonly hostClass = tunnelClass;
  readonly spec: TunnelSpec;

  constructor(spec: TunnelSpec) {
    super();
    this.spec = spec;
  }
}

/** @throws ConfigProblem for what cannot be used */
export function declareTunnel(
  argument: LuaValue,
  { where, diagnostics }: { readonly where: string; readonly diagnostics: Diagnostics },
): TunnelObject {
  if (!(argument instanceof LuaTable))
    throw new ConfigProblem(`Cannot use tunnel ${shown(argument)}: expected a table`);
  const place = new Place(where, { part: 'tunnel', diagnostics });
  return new TunnelObject(toTunnelSpec(argument, place));
}

/** `tunnel` of a sync; undefined for nil and false.
 * @throws ConfigProblem for anything but what tunnel{} returned */
export function readTunnel(key: Key, value: LuaValue): TunnelSpec | undefined {
  if (value === undefined || value === false) return undefined;
  if (value instanceof TunnelObject) return value.spec;
  return refuse(key, value, 'expected tunnel { command = { … } }');
}

function toTunnelSpec(table: LuaTable, place: Place): TunnelSpec {
  checkKeys(table, place);
  const key = (name: string): Key => ({ place, path: `tunnel.${name}` });
  const value = (name: string): LuaValue => table.get(name);
  const isPool = toMode(key('mode'), value('mode')) === 'pool';
  const parallel = read(key('parallel'), kinds.count, value('parallel')) ?? 1;
  if (parallel > 1 && !isPool) place.warn('tunnel.parallel counts for mode = "pool" only');
  if (readFlag(key('checkExitCodes'), value('checkExitCodes')) !== undefined)
    place.warn('tunnel.checkExitCodes has no effect: a tunnel that ends is always started again');
  const spec: TunnelSpec = {
    where: place.where,
    command: toCommand(key('command'), value('command')),
    parallel: isPool ? parallel : 1,
    localport: read(key('localport'), kinds.port, value('localport')),
    localhost: read(key('localhost'), kinds.text, value('localhost')) ?? 'localhost',
    retryDelayMs:
      (read(key('retryDelay'), kinds.seconds, value('retryDelay')) ?? defaultRetryDelay) * msInSecond,
    readyDelayMs:
      (read(key('readyDelay'), kinds.seconds, value('readyDelay')) ?? defaultReadyDelay) * msInSecond,
  };
  if (spec.parallel > 1 && (spec.localport !== undefined || !namesPort(spec.command)))
    refuse(key('parallel'), parallel, 'each needs a port of its own: write ^localport in command');
  return spec;
}

function checkKeys(table: LuaTable, place: Place): void {
  for (const name of table.entries.keys()) {
    if (typeof name === 'string' && (tunnelKeys.includes(name) || name.startsWith('_'))) continue;
    const near = typeof name === 'string' ? didYouMean(name, { known: tunnelKeys, prefix: 'tunnel.' }) : '';
    throw new ConfigProblem(`Parameter "tunnel.${name}" unknown (${place.where})${near}`);
  }
}

function toMode(key: Key, value: LuaValue): (typeof modes)[number] {
  if (value === undefined) return 'command';
  return modes.find((mode) => mode === value) ?? refuse(key, value, 'expected "command" or "pool"');
}

function toCommand(key: Key, value: LuaValue): readonly string[] {
  const words =
    value instanceof LuaTable ? value.positional().map((word) => read(key, kinds.text, word) ?? '') : [];
  return words.length > 0
    ? words
    : refuse(
        key,
        value,
        'expected a table of texts, as in { "ssh", "-N", "-L", "^localport:localhost:873", "host" }',
      );
}

/** Whether a port that is chosen at the start gets into these words. */
export function namesPort(words: readonly string[]): boolean {
  return words.some((word) => /\^localport|\$\{localport\}/.test(word));
}
