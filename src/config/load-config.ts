// From a config file or the command line's syncs to the Config that the daemon runs by. The door of this room.

import { realpathSync, statSync } from 'node:fs';
import type { CommandLineSync, RunOptions } from '../cli/cli-options.ts';
import { fromText, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { ConfigError } from '../errors.ts';
import { createLua } from '../lua/create-lua.ts';
import type { Lua } from '../lua/create-lua.ts';
import type { LuaState } from '../lua/lua-state.ts';
import { LuaError, LuaTable } from '../lua/lua-value.ts';
import { lockGlobals } from '../script/lock-globals.ts';
import { ScriptLife, ScriptRuntime } from '../script/script-life.ts';
import { translateActions } from '../script/translate-config.ts';
import { Declaration } from './declaration.ts';
import { ConfigProblem, Diagnostics, Place } from './diagnostics.ts';
import { warnOfForeignWriters } from './foreign-writers.ts';
import { commandLineTable, defineGlobals } from './lsyncd-globals.ts';
import { resolveSettings, resolveSyncSettings } from './resolve-settings.ts';
import { resolveSync } from './resolve-sync.ts';
import { SettingsStore } from './settings-store.ts';
import { against } from './source-directory.ts';
import { printer, startLog } from './start-log.ts';
import type { PrintOptions } from './start-log.ts';
import type { AnySyncSpec, Config } from './sync-spec.ts';

export interface LoadOptions extends PrintOptions {
  readonly cli: RunOptions;
  readonly programName: 'tsyncd' | 'lsyncd';
  /** Names of the monitors there are on this machine. */
  readonly monitors: readonly string[];
  /** Sees each warning when it is found; they are in Config.warnings too. */
  readonly onWarning?: (text: string) => void;
  /** What relative paths of the config and the command line are below; default: the directory of this process. */
  readonly cwd?: string;
}

/**
 * Reads the config anew on each call; nothing is kept. The config's own Lua runs here, with all it may do.
 * @throws ConfigError with the lines for the user (the first without `Error: `); ConfigExit when the config ended the
 *   program by os.exit or terminate
 */
export function loadConfig(options: LoadOptions): Config {
  const cwd = fromText(options.cwd ?? process.cwd());
  const diagnostics = new Diagnostics({ strict: options.cli.strict, onWarning: options.onWarning });
  const settings = new SettingsStore(diagnostics);
  const runtime = new ScriptRuntime();
  const lua = createLua({
    print: printer(options),
    exit: (state, code) => runtime.exit(state, code),
    warn: (where, text) => diagnostics.warn(toText(where), text),
  });
  let isKept = false;
  try {
    const declarations = defineGlobals(lua.state, {
      diagnostics,
      settings,
      cwd,
      log: startLog(options),
      runtime,
    });
    const run = (name: string): BytePath => {
      const path = resolveFile(name, cwd);
      warnOfForeignWriters(path, diagnostics);
      runFile(lua, path);
      return path;
    };
    if (options.cli.script !== undefined) run(options.cli.script);
    const file = options.cli.configFile === undefined ? undefined : run(options.cli.configFile);
    const context = { options, settings, diagnostics, cwd, defaults: defaultsOf(lua), state: lua.state };
    const config = toConfig([...declarations, ...commandLineDeclarations(context)], { ...context, file });
    isKept = runtime.isNeeded || config.syncs.some(({ kind }) => kind === 'script');
    return isKept ? { ...config, script: createLife(lua, { runtime, config }) } : config;
  } finally {
    if (!isKept) lua.close();
  }
}

function createLife(
  lua: Lua,
  { runtime, config }: { readonly runtime: ScriptRuntime; readonly config: Config },
): ScriptLife {
  return new ScriptLife(lua, [
    (host) => runtime.attach(host),
    ({ log }) => {
      for (const spec of config.syncs) if (spec.kind === 'script') translateActions(spec.config, log);
    },
    () => lockGlobals(lua.state),
  ]);
}

interface LoadContext {
  readonly options: LoadOptions;
  readonly settings: SettingsStore;
  readonly diagnostics: Diagnostics;
  readonly cwd: BytePath;
  readonly defaults: LuaTable;
  readonly state: LuaState;
}

function toConfig(
  declarations: readonly Declaration[],
  context: LoadContext & { readonly file: BytePath | undefined },
): Config {
  const { options, settings, diagnostics, cwd, defaults, file } = context;
  const { cli, monitors } = options;
  const fileName = file === undefined ? 'command line' : toText(file);
  const guarded = <T>(where: string | undefined, action: () => T): T => {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof ConfigProblem)) throw error;
      const place = where === undefined ? '' : `${where}: `;
      throw new ConfigError(`error preparing ${fileName}: ${place}${error.message}`, { cause: error });
    }
  };
  const resolved = guarded(undefined, () =>
    resolveSettings(settings, { cli, cwd, programName: options.programName }),
  );
  const syncSettings = guarded(undefined, () => resolveSyncSettings(settings));
  if (declarations.length === 0) throw new ConfigError('Nothing to watch!');
  const resolve = { cli, settings: syncSettings, monitors, cwd, defaults };
  const syncs = declarations.map((declaration) =>
    guarded(declaration.place.where, () => resolveSync(declaration, resolve)),
  );
  guarded(undefined, () => checkNames(syncs));
  return {
    settings: resolved,
    syncs,
    script: undefined,
    warnings: diagnostics.warnings,
    file: file === undefined ? undefined : toText(file),
  };
}

function checkNames(syncs: readonly AnySyncSpec[]): void {
  const seen = new Map<string, AnySyncSpec>();
  for (const sync of syncs) {
    const other = seen.get(sync.name);
    if (other !== undefined) {
      throw new ConfigProblem(
        `Cannot use name "${sync.name}": sync ${other.index} has it (${sync.where}, sync ${sync.index})`,
      );
    }
    seen.set(sync.name, sync);
  }
}

function commandLineDeclarations({
  options,
  diagnostics,
  cwd,
  defaults,
  state,
}: LoadContext): readonly Declaration[] {
  return options.cli.syncs.map((sync, index) => {
    const table = commandLineTable(fieldsOf(sync), defaults.get(sync.kind));
    const where = 'command line';
    try {
      const place = new Place(where, { part: `sync ${index + 1}`, diagnostics });
      return new Declaration(table, { state, index: index + 1, place, cwd, unknownDefault: undefined });
    } catch (error) {
      if (error instanceof ConfigProblem || error instanceof LuaError)
        throw new ConfigError(`${where}: ${error.message}`, { cause: error });
      throw error;
    }
  });
}

function fieldsOf(sync: CommandLineSync): Readonly<Record<string, string>> {
  const { kind: _kind, ...fields } = sync;
  return fields;
}

/** Absolute, without symlinks, as lsyncd names the file in its messages.
 * @throws ConfigError `Cannot find config file at '…'.` */
function resolveFile(name: string, cwd: BytePath): BytePath {
  let path: string;
  try {
    path = realpathSync.native(toText(against(fromText(name), cwd)));
  } catch (error) {
    throw new ConfigError(`Cannot find config file at '${name}'.`, { cause: error });
  }
  if (statSync(path).isDirectory())
    throw new ConfigError(`error loading ${path}: cannot read ${path}: Is a directory`);
  return fromText(path);
}

function runFile(lua: Lua, file: BytePath): void {
  const end = lua.state.runFile(file);
  if (end.type === 'done') return;
  const doing = end.phase === 'load' ? 'loading' : 'preparing';
  const trace = end.traceback === undefined ? '' : `\n${end.traceback}`;
  throw new ConfigError(`error ${doing} ${toText(file)}: ${end.message}${trace}`);
}

function defaultsOf(lua: Lua): LuaTable {
  const defaults = lua.state.get('default');
  return defaults instanceof LuaTable ? defaults : new LuaTable();
}
