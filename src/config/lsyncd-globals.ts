// lsyncd's own globals by which a config declares what is to be done: settings, sync, default, tunnel. What scripts call at run time
// is the script room's.

import { fromText, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { ConfigError } from '../errors.ts';
import type { LuaState } from '../lua/lua-state.ts';
import { HostFunction, LuaRaise, LuaTable } from '../lua/lua-value.ts';
import type { HostCall, LuaValue, Position } from '../lua/lua-value.ts';
import { defineScriptGlobals } from '../script/script-globals.ts';
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

/** Functions of lsyncd's before 2.0, and what came instead. */
const goneFunctions: Readonly<Record<string, string>> = { exec: 'spawn', shell: 'spawnShell' };

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
    if (options.runtime.host !== undefined)
      throw new LuaRaise('sync{} is called while the config loads only');
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
  const preparing: Preparing = {
    place: undefined,
    placeAt: (position) =>
      new Place(placeOf(position), { part: 'default', diagnostics: options.diagnostics }),
  };
  state.set('default', createDefaultTables(prepareFunctions(preparing)));
  state.set('sync', new HostFunction('sync', declare));
  state.set('lsyncd_version', lsyncdVersion);
  state.set('tunnel', new HostFunction('tunnel', (call) => [tunnel(call, options)]));
  for (const [name, instead] of Object.entries(goneFunctions)) state.set(name, gone(name, instead));
  defineScriptGlobals(state, options);
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

function gone(name: string, instead: string): HostFunction {
  return new HostFunction(name, () => {
    throw new LuaRaise(`"${name}" is not there any more: write ${instead}`);
  });
}

/** A sync of the command line as the table it means. */
export function commandLineTable(fields: Readonly<Record<string, string>>, base: LuaValue): LuaTable {
  const entries = Object.entries(fields).map(([name, text]) => [name, fromText(text)] as const);
  return new LuaTable([[1, base], ...entries]);
}
