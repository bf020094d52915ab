// One sync{} as it was declared: inherited, its keys checked, its source resolved, its rules read. What depends on settings
// that may still come is left to resolve-sync.ts.

import { toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { ConfigError } from '../errors.ts';
import { LuaTable } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';
import { ConfigProblem, Place } from './diagnostics.ts';
import type { Diagnostics } from './diagnostics.ts';
import { readExcludeFile, readFilterFile, toFilterLine } from './filter-lines.ts';
import { inherit } from './inherit.ts';
import type { Inherited } from './inherit.ts';
import { syncKinds } from './known-keys.ts';
import type { SyncKind } from './known-keys.ts';
import { didYouMean } from './nearest-name.ts';
import { against, resolveSource } from './source-directory.ts';
import { checkSyncKeys, refuseScripts, withTodaysKeys } from './sync-keys.ts';
import { kinds, read, readList } from './values.ts';

export interface DeclarationOptions {
  /** From 1. */
  readonly index: number;
  /** `file:line` or `command line`. */
  readonly where: string;
  readonly diagnostics: Diagnostics;
  /** What relative paths are below; absolute. */
  readonly cwd: BytePath;
  /** A name that was read of `default` just before and that it has not: `default.rsnc`. */
  readonly unknownDefault: string | undefined;
}

export class Declaration {
  readonly index: number;
  readonly place: Place;
  readonly kind: SyncKind;
  readonly inherited: Inherited;
  readonly source: BytePath;
  /** May be changed by the config until it has been read. */
  readonly excludes: BytePath[];
  readonly filters: BytePath[];

  /** @throws ConfigProblem for what the config says; ConfigError for what the disk says (lsyncd's own distinction) */
  constructor(table: LuaTable, options: DeclarationOptions) {
    this.index = options.index;
    this.place = new Place(options.where, {
      part: `sync ${options.index}`,
      diagnostics: options.diagnostics,
    });
    this.inherited = inheritToday(table, this.place);
    const { user, kinds: behaviours } = this.inherited;
    refuseScripts(user, this.place);
    refuseScripts(this.inherited.defaults, this.place);
    this.kind = oneKind(behaviours, options);
    checkSyncKeys(user, { kind: this.kind, place: this.place });
    checkNeeds(this.kind, user);
    this.source = this.#resolveSource(options.cwd);
    this.excludes = this.#rules('exclude', { cwd: options.cwd, readFile: readExcludeFile });
    this.filters = this.#rules('filter', { cwd: options.cwd, readFile: readFilterFile });
  }

  /** What the user wrote in this sync or a table of his. */
  user(key: string): LuaValue {
    return this.inherited.user.get(key);
  }

  /** For getConfig(): all keys with the inherited ones. */
  get config(): LuaTable {
    const { user, defaults } = this.inherited;
    const source: [string, LuaValue] = ['source', this.source];
    return new LuaTable(
      [...defaults.named(), ...user.named(), source].filter(([name]) => name !== 'checkgauge'),
    );
  }

  /** @throws ConfigError `Unknown filter rule: …` */
  toFilter(rule: BytePath): BytePath {
    return toFilterLine(rule);
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

function inheritToday(table: LuaTable, place: Place): Inherited {
  const inherited = inherit(table);
  return { ...inherited, user: withTodaysKeys(inherited.user, place) };
}

function oneKind(kindsFound: readonly SyncKind[], { unknownDefault }: DeclarationOptions): SyncKind {
  const [kind, ...others] = new Set(kindsFound);
  if (kind === undefined) throw new ConfigProblem(noAction(unknownDefault));
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

/** lsyncd's sentences, default.direct's naming default.rsync as there. */
function checkNeeds(kind: SyncKind, user: LuaTable): void {
  const needs = kind === 'rsyncssh' ? ['host', 'targetdir'] : ['target'];
  const owner = kind === 'rsyncssh' ? 'default.rsyncssh' : 'default.rsync';
  for (const need of needs) {
    if (user.get(need) === undefined) throw new ConfigProblem(`${owner} needs "${need}" configured`);
  }
}
