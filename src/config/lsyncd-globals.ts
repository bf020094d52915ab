// lsyncd's own globals while a config loads: settings, sync, default, log, terminate, readdir, string.starts and .ends.

import { readdirSync } from 'node:fs';
import { fromBuffer, fromText, toBuffer, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { ConfigError } from '../errors.ts';
import { reasonOf } from '../lua/file-error.ts';
import type { LuaState } from '../lua/lua-state.ts';
import { HostFunction, LuaRaise, LuaTable } from '../lua/lua-value.ts';
import type { HostCall, LuaValue, Position } from '../lua/lua-value.ts';
import { spawnFunctions } from '../script/spawn.ts';
import type { ScriptRuntime } from '../script/script-life.ts';
import { Declaration } from './declaration.ts';
import { createDefaultTables } from './default-tables.ts';
import { ConfigProblem, Place } from './diagnostics.ts';
import type { Diagnostics } from './diagnostics.ts';
import { prepareFunctions } from './prepare-functions.ts';
import type { Preparing } from './prepare-functions.ts';
import type { SettingsStore } from './settings-store.ts';
import { declareTunnel } from './tunnel-spec.ts';
import { shown } from './values.ts';

/** The version whose behaviour configs find. */
const lsyncdVersion = '2.3.1';

/** Functions that need the running daemon. */
const laterFunctions: readonly string[] = ['alarm', 'exec', 'nonobservefd', 'now', 'observefd', 'shell'];

export interface GlobalsOptions {
  readonly diagnostics: Diagnostics;
  readonly settings: SettingsStore;
  readonly cwd: BytePath;
  /** Takes what `log(category, text)` says while the config loads; text. */
  readonly log: (category: string, text: string) => void;
  readonly runtime: ScriptRuntime;
}

/** Defines the globals; the list grows with each sync{}. */
export function defineGlobals(state: LuaState, options: GlobalsOptions): readonly Declaration[] {
  const declarations: Declaration[] = [];
  let unknownDefault: string | undefined;
  const declare = (call: HostCall): readonly LuaValue[] => {
    const declaration = declareSync(call, {
      state,
      options,
      index: declarations.length + 1,
      unknownDefault,
      preparing,
    });
    unknownDefault = undefined;
    declarations.push(declaration);
    return [declaration.inlet];
  };
  const preparing: Preparing = { place: undefined };
  state.set('default', createDefaultTables(prepareFunctions(preparing)));
  state.set('sync', new HostFunction('sync', declare));
  state.set('lsyncd_version', lsyncdVersion);
  state.set('tunnel', new HostFunction('tunnel', (call) => [tunnel(call, options)]));
  state.set('log', new HostFunction('log', (call) => log(call, options)));
  state.set('readdir', new HostFunction('readdir', readDirectory));
  state.set(
    'terminate',
    new HostFunction('terminate', ({ args }) => options.runtime.exit(state, Number(args[0] ?? 0))),
  );
  for (const name of laterFunctions) state.set(name, notYet(name));
  for (const one of spawnFunctions) state.set(one.name, one);
  state.set(
    '__tsyncd_missing',
    new HostFunction('__index', ({ args }) => {
      if (typeof args[0] === 'string') unknownDefault = args[0];
      return [];
    }),
  );
  state.runText(`
    local missing = __tsyncd_missing
    __tsyncd_missing = nil
    default.rsyncssh[1] = default.rsync
    local codes = default.rsyncExitCodes
    default.rsync.exitcodes, default.rsyncssh.rsyncExitCodes, default.direct.rsyncExitCodes = codes, codes, codes
    default.rsyncssh.sshExitCodes = default.sshExitCodes
    setmetatable(default, { __index = function(_, name) missing(name) end })
    function string.starts(text, start) return text:sub(1, #start) == start end
    function string.ends(text, tail) return tail == "" or text:sub(-#tail) == tail end
  `);
  state.onAssign('settings', options.settings, (call) => options.settings.assign(call));
  return declarations;
}

interface Declaring {
  readonly state: LuaState;
  readonly options: GlobalsOptions;
  readonly index: number;
  readonly unknownDefault: string | undefined;
  readonly preparing: Preparing;
}

function declareSync(call: HostCall, declaring: Declaring): Declaration {
  const { state, options, index, unknownDefault, preparing } = declaring;
  const { diagnostics, cwd } = options;
  const outer = preparing.place;
  const place = new Place(placeOf(call.position), { part: `sync ${index}`, diagnostics });
  preparing.place = place;
  try {
    const [table] = call.args;
    if (!(table instanceof LuaTable))
      throw new ConfigProblem(`Cannot use sync ${shown(table)}: expected a table`);
    return new Declaration(table, { state, index, place, cwd, unknownDefault });
  } catch (error) {
    if (error instanceof ConfigProblem) throw new LuaRaise(error.message);
    if (error instanceof ConfigError) return state.abort(error);
    throw error;
  } finally {
    preparing.place = outer;
  }
}

function tunnel({ args, position }: HostCall, { diagnostics }: GlobalsOptions): LuaValue {
  try {
    return declareTunnel(args[0], { where: placeOf(position), diagnostics });
  } catch (error) {
    if (error instanceof ConfigProblem) throw new LuaRaise(error.message);
    throw error;
  }
}

function placeOf(position: Position | undefined): string {
  return position === undefined ? 'config' : `${toText(position.file)}:${position.line}`;
}

function log({ args }: HostCall, options: GlobalsOptions): readonly LuaValue[] {
  const [category, ...texts] = args.map((value) =>
    typeof value === 'string' ? toText(value) : shown(value),
  );
  const { host } = options.runtime;
  if (host === undefined) options.log(category ?? 'Normal', texts.join(' '));
  else host.log(category ?? 'Normal', texts.join(' '));
  return [];
}

/** name → whether it is a directory; nothing, with lsyncd's line on stderr, where it cannot be read. */
function readDirectory({ args }: HostCall): readonly LuaValue[] {
  const path = typeof args[0] === 'string' ? args[0] : '';
  try {
    const entries = readdirSync(toBuffer(path), { withFileTypes: true, encoding: 'buffer' });
    return [new LuaTable(entries.map((entry) => [fromBuffer(entry.name), entry.isDirectory()] as const))];
  } catch (error) {
    process.stderr.write(`Error: cannot open dir [${toText(path)}]: ${reasonOf(error)}\n`);
    return [];
  }
}

function notYet(name: string): HostFunction {
  return new HostFunction(name, () => {
    throw new LuaRaise(`"${name}" is not supported yet`);
  });
}

/** A sync of the command line as the table it means. */
export function commandLineTable(fields: Readonly<Record<string, string>>, base: LuaValue): LuaTable {
  const entries = Object.entries(fields).map(([name, text]) => [name, fromText(text)] as const);
  return new LuaTable([[1, base], ...entries]);
}
