// One sync{} as it was declared: inherited, prepared, its keys checked, its source resolved, its rules read. What depends on settings
// that may still come is left to resolve-sync.ts.

import { toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { ConfigError } from '../errors.ts';
import type { LuaState } from '../lua/lua-state.ts';
import { LuaTable } from '../lua/lua-value.ts';
import type { LiveTable, LuaValue } from '../lua/lua-value.ts';
import { Inlet } from '../script/inlet.ts';
import { checkActions } from './check-actions.ts';
import { checkGauge } from './checkgauge.ts';
import { DeclaredRules } from './declared-rules.ts';
import { ConfigProblem } from './diagnostics.ts';
import type { Place } from './diagnostics.ts';
import { readExcludeFile, readFilterFile, toFilterLine } from './filter-lines.ts';
import { inherit, kindOfFunction } from './inherit.ts';
import type { Inherited } from './inherit.ts';
import { syncKinds } from './known-keys.ts';
import type { SyncKind } from './known-keys.ts';
import { mergeConfig } from './merged-config.ts';
import type { MergedConfig } from './merged-config.ts';
import { didYouMean } from './nearest-name.ts';
import { checkNeeds, needsOf } from './needs.ts';
import { borrowedKind, isScript } from './script-kind.ts';
import { against, resolveSource } from './source-directory.ts';
import { checkSyncKeys, withTodaysKeys } from './sync-keys.ts';
import { kinds } from './value-kinds.ts';
import { read, readList } from './values.ts';

export interface DeclarationOptions {
  readonly state: LuaState;
  /** From 1. */
  readonly index: number;
  readonly place: Place;
  /** What relative paths are below; absolute. */
  readonly cwd: BytePath;
  /** A name that was read of `default` just before and that it has not: `default.rsnc`. */
  readonly unknownDefault: string | undefined;
}

export class Declaration {
  readonly index: number;
  readonly place: Place;
  /** What acts, or what the user's Lua may fall back on; undefined where that is nothing. */
  readonly kind: SyncKind | undefined;
  /** The user's Lua acts. */
  readonly isScript: boolean;
  readonly inherited: Inherited;
  /** For getConfig() and for actions: all keys with the inherited ones. */
  readonly config: LiveTable;
  readonly source: BytePath;
  readonly rules: DeclaredRules;
  /** What sync{} returns. */
  readonly inlet: Inlet;

  /**
   * Calls the user's `prepare`.
   * @throws ConfigProblem for what the config says; ConfigError for what the disk says (lsyncd's own distinction); LuaError of prepare
   */
  constructor(table: LuaTable, options: DeclarationOptions) {
    this.index = options.index;
    this.place = options.place;
    const merged = mergeConfig(inherit(table), options.state);
    this.config = merged.live;
    this.isScript = isScript(merged.table);
    this.kind = oneKind(merged);
    if (this.kind === undefined && !this.isScript) throw new ConfigProblem(noAction(options.unknownDefault));
    if (this.isScript) checkActions(merged.table, this.place);
    this.inherited = this.isScript ? merged.inherited : withTodaysNames(merged.inherited, this.place);
    if (!merged.isPrepared) this.#check(merged);
    else if (!this.isScript) checkNeeds(this.kind, this.inherited.user);
    this.source = this.#resolveSource(options.cwd);
    this.rules = new DeclaredRules(this.place, {
      excludes: this.#rules('exclude', { cwd: options.cwd, readFile: readExcludeFile }),
      filters: this.#rules('filter', { cwd: options.cwd, readFile: readFilterFile }),
    });
    this.#complete();
    this.inlet = new Inlet({ rules: this.rules, config: () => this.config });
  }

  /** What the user wrote in this sync or a table of his. */
  user(key: string): LuaValue {
    return this.inherited.user.get(key);
  }

  /** The behaviour can be used: what it needs is there. */
  get hasNeeds(): boolean {
    return needsOf(this.kind).every((need) => this.user(need) !== undefined);
  }

  /** What the prepare that the sync inherits would find. */
  #check(merged: MergedConfig): void {
    const { user } = this.inherited;
    const kind = this.isScript ? kindOfFunction(merged.table.get('prepare')) : this.kind;
    if (kind === undefined) return checkGauge(merged.table);
    checkSyncKeys(user, { kind, place: this.place });
    checkNeeds(kind, user);
  }

  /** What lsyncd adds once a sync has been prepared. */
  #complete(): void {
    this.config.set('_source', this.user('source'));
    this.config.set('source', this.source);
    if (this.config.get('name') === undefined) this.config.set('name', `Sync${this.index}`);
    if (this.config.get('monitor') === undefined) this.config.set('monitor', 'inotify');
  }

  #resolveSource(cwd: BytePath): BytePath {
    const value = this.user('source');
    if (value === undefined) throw new ConfigError(`${this.place.where}: source missing from sync.`);
    // An empty text is left to resolveSource: lsyncd has a sentence for it.
    const path =
      value === '' ? value : (read({ place: this.place, path: 'source' }, kinds.bytes, value) ?? '');
    return resolveSource(path, cwd);
  }

  #rules(name: 'exclude' | 'filter', { cwd, readFile }: RuleReading): BytePath[] {
    const value = this.user(name);
    if (value !== undefined && typeof value !== 'string' && !(value instanceof LuaTable)) {
      throw new ConfigProblem(`type for ${name} must be table or string`);
    }
    const own = readList({ place: this.place, path: name }, value) ?? [];
    const files = readList({ place: this.place, path: `${name}From` }, this.user(`${name}From`)) ?? [];
    const lines = name === 'filter' ? own.map(toFilterLine) : own;
    return [...lines, ...files.flatMap((file) => readFile(against(file, cwd)))];
  }
}

interface RuleReading {
  readonly cwd: BytePath;
  readonly readFile: (path: BytePath) => readonly BytePath[];
}

function withTodaysNames(inherited: Inherited, place: Place): Inherited {
  return { ...inherited, user: withTodaysKeys(inherited.user, place) };
}

function oneKind({ inherited, table }: MergedConfig): SyncKind | undefined {
  const [kind, ...others] = new Set(inherited.kinds);
  if (kind === undefined) return borrowedKind(table);
  if (others[0] === undefined) return kind;
  throw new ConfigProblem(`Cannot use default.${kind} and default.${others[0]} in one sync`);
}

function noAction(unknownDefault: string | undefined): string {
  const text = 'no actions specified.';
  if (unknownDefault === undefined)
    return `${text} A sync begins with default.rsync, default.rsyncssh or default.direct`;
  const near = didYouMean(unknownDefault, { known: syncKinds, prefix: 'default.' });
  return `${text} "default.${toText(unknownDefault)}" is unknown${near}`;
}
