// `rsync = {}` to the argv it means: letters, then `_extra`, then the long options by name, as lsyncd has them.

import { LuaTable } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';
import { ConfigProblem } from './diagnostics.ts';
import type { Place } from './diagnostics.ts';
import type { Inherited } from './inherit.ts';
import { didYouMean } from './nearest-name.ts';
import {
  archiveKeys,
  isRsyncKey,
  managedOptions,
  ownRsyncKeys,
  rsyncKeys,
  shortFlagLetters,
  valueOptions,
} from './rsync-option-table.ts';
import type { RsyncOptions } from './sync-spec.ts';
import { kinds } from './value-kinds.ts';
import { read, readFlag, readUnlessFalse, readWords } from './values.ts';
import type { Key } from './values.ts';
import { readOldFlags } from './old-rsync-flags.ts';

/** @throws ConfigProblem for an unknown key, or a value that the option cannot have */
export function toRsyncOptions({ user, defaults }: Inherited, place: Place): RsyncOptions {
  const own = tableOf(user.get('rsync'));
  const preset = tableOf(defaults.get('rsync'));
  checkRsyncKeys(own, place);
  checkRsyncKeys(preset, place);
  const old = readOldFlags(user, place);
  const options = new OptionTable(own, { preset: old === undefined ? preset : new LuaTable(), place });
  const binary = options.text('binary') ?? read(options.key('binary'), kinds.text, preset.get('binary'));
  return {
    binary: binary ?? 'rsync',
    shortFlags: withOldFlags(shortFlags(options), old?.flags),
    extra: [...(old?.words ?? []), ...readWords(options.key('_extra'), options.value('_extra'))],
    longOptions: longOptions(options),
    deleteExcluded: options.flag('delete_excluded') === true,
    fileList: options.flag('file_list'),
  };
}

/** @throws ConfigProblem `Parameter "rsync" must be a table.` */
function tableOf(value: LuaValue): LuaTable {
  if (value === undefined || value === false) return new LuaTable();
  if (value instanceof LuaTable) return value;
  throw new ConfigProblem('Parameter "rsync" must be a table.');
}

/** The user's value of a key, else the preset one. */
class OptionTable {
  readonly #own: LuaTable;
  readonly #preset: LuaTable;
  readonly #place: Place;

  constructor(own: LuaTable, options: { readonly preset: LuaTable; readonly place: Place }) {
    this.#own = own;
    this.#preset = options.preset;
    this.#place = options.place;
  }

  get names(): readonly string[] {
    return [...new Set([...this.#own.named(), ...this.#preset.named()].map(([name]) => name))];
  }

  key(name: string): Key {
    return { place: this.#place, path: `rsync.${name}` };
  }

  value(name: string): LuaValue {
    return this.#own.get(name) ?? this.#preset.get(name);
  }

  flag(name: string): boolean | undefined {
    return readFlag(this.key(name), this.value(name));
  }

  text(name: string): string | undefined {
    return readUnlessFalse(this.key(name), kinds.text, this.value(name));
  }
}

function shortFlags(options: OptionTable): string {
  const archive = options.flag('archive') === true;
  const isOn = (key: string): boolean => options.flag(key) ?? (archive && archiveKeys.includes(key));
  const letters = Object.entries(shortFlagLetters)
    .filter(([key]) => isOn(key))
    .map(([, letter]) => letter)
    .join('');
  const hasD = archive && isOn('devices') && isOn('specials');
  return letters + (hasD ? 'D' : '');
}

function longOptions(options: OptionTable): readonly string[] {
  const archive = options.flag('archive') === true;
  const hasD = archive && options.flag('devices') !== false && options.flag('specials') !== false;
  const words = new Map<string, string>();
  for (const name of options.names) {
    const word = longOption(options, name);
    if (word !== undefined) words.set(name, word);
  }
  for (const name of ['devices', 'specials']) {
    if (hasD) words.delete(name);
    else if (archive && options.flag(name) !== false) words.set(name, `--${name}`);
  }
  return [...words].toSorted(([a], [b]) => (sortKey(a) < sortKey(b) ? -1 : 1)).map(([, word]) => word);
}

/** lsyncd has its options by the alphabet, but for one. */
function sortKey(name: string): string {
  return name === 'existing' ? 'groupmap_' : name;
}

function longOption(options: OptionTable, name: string): string | undefined {
  if (ownRsyncKeys.includes(name) || name in shortFlagLetters || name.startsWith('_')) return undefined;
  const option = `--${name.replaceAll('_', '-')}`;
  if (valueOptions.has(name)) {
    const value = options.text(name);
    return value === undefined ? undefined : `${option}=${value}`;
  }
  return options.flag(name) === true ? option : undefined;
}

function checkRsyncKeys(table: LuaTable, place: Place): void {
  for (const name of table.entries.keys()) {
    if (typeof name === 'string' && (isRsyncKey(name) || name === '_verbatim' || name === '_merge')) continue;
    throw unknownRsyncKey(String(name), place);
  }
  if (table.get('recursive') === false) throw unknownRsyncKey('recursive', place);
}

function unknownRsyncKey(name: string, place: Place): ConfigProblem {
  const managed = managedOptions[name.replace(/^no_/, '')];
  const hint =
    managed !== undefined
      ? `; ${managed}`
      : name === 'recursive'
        ? '; tsyncd always mirrors whole trees (subdirs = false in the sync watches the source alone)'
        : didYouMean(name, { known: rsyncKeys, prefix: 'rsync.' });
  return new ConfigProblem(`Parameter "rsync.${name}" unknown (${place.part}: rsync.${name})${hint}`);
}

function withOldFlags(flags: string, old: string | undefined): string {
  if (old === undefined) return flags;
  return [...new Set((old + flags).split(''))].join('');
}
