// The global `settings`: a function, a getter, and a table to assign to, as configs of all ages use it. Values are only
// gathered here, each with its place; resolve-settings.ts reads them when the whole config is known.

import { toText } from '../byte-path.ts';
import { HostObject, LuaRaise, LuaTable } from '../lua/lua-value.ts';
import type { HostCall, HostClass, LuaValue, Position } from '../lua/lua-value.ts';
import { ConfigProblem, Place } from './diagnostics.ts';
import type { Diagnostics } from './diagnostics.ts';
import { Inlet } from '../script/inlet.ts';
import { flagSettings, oldSpellings, settingKeys } from './known-keys.ts';
import type { SettingKey } from './known-keys.ts';
import { didYouMean } from './nearest-name.ts';
import { shown } from './values.ts';

const settingsClass: HostClass = {
  name: 'settings',
  index: (object, key) => storeOf(object).get(key),
  newIndex: (object, key, call) => storeOf(object).assignField(key, call),
  call: (object, call) => storeOf(object).call(call),
  toText: () => 'settings',
};

export interface SettingEntry {
  readonly value: LuaValue;
  readonly place: Place;
}

export class SettingsStore extends HostObject {
  readonly hostClass = settingsClass;
  readonly #entries = new Map<SettingKey, SettingEntry>();
  readonly #diagnostics: Diagnostics;

  constructor(diagnostics: Diagnostics) {
    super();
    this.#diagnostics = diagnostics;
  }

  entry(key: SettingKey): SettingEntry | undefined {
    return this.#entries.get(key);
  }

  /** The value as it was set; undefined for an unknown name. */
  get(name: LuaValue): LuaValue {
    const key = settingKeys.find((known) => known === name);
    return key === undefined ? undefined : this.#entries.get(key)?.value;
  }

  /** `settings{…}` and `settings("name")`. */
  call({ args, position }: HostCall): readonly LuaValue[] {
    const [value] = args;
    if (typeof value === 'string') return [this.get(value)];
    this.#guarded(() => this.#setAll(value, this.#place(position)));
    return [];
  }

  /** `settings = {…}`, the form of 2.0. */
  assign({ args, position }: HostCall): void {
    this.#guarded(() => {
      const place = this.#place(position);
      place.oldSpelling('"settings = { … }" is an old spelling; write settings{ … }, without the equal sign');
      this.#setAll(args[0], place);
    });
  }

  /** `settings.nodaemon = true`. */
  assignField(name: LuaValue, { args, position }: HostCall): void {
    this.#guarded(() => {
      const place = this.#place(position);
      place.oldSpelling(
        `"settings.${shownName(name)} = …" is an old spelling; write settings{ ${shownName(name)} = … }`,
      );
      this.#set(shownName(name), { value: args[0], place });
    });
  }

  #setAll(value: LuaValue, place: Place): void {
    if (!(value instanceof LuaTable))
      throw new ConfigProblem(`Cannot use settings ${shown(value)}: expected a table`);
    for (const [name, item] of value.named()) this.#set(name, { value: item, place });
    for (const item of value.positional()) this.#setPositional(item, place);
  }

  /** A flag by name; the value of a sync{} that stands inside settings{} is nothing to set. */
  #setPositional(item: LuaValue, place: Place): void {
    if (item instanceof Inlet) return;
    const key = flagSettings.find((flag) => flag === item);
    if (key !== undefined) this.#entries.set(key, { value: true, place });
    else if (settingKeys.some((known) => known === item)) {
      throw new ConfigProblem(
        `Cannot use setting ${shown(item)} without a value: write ${shownName(item)} = …`,
      );
    } else throw unknownSetting(item);
  }

  #set(name: string, entry: SettingEntry): void {
    const key = settingKeys.find((known) => known === name) ?? this.#oldKey(name, entry.place);
    if (key === undefined) throw unknownSetting(name);
    this.#entries.set(key, entry);
  }

  #oldKey(name: string, place: Place): SettingKey | undefined {
    const wanted = (oldSpellings[name] ?? name).toLowerCase();
    const key = settingKeys.find((known) => known.toLowerCase() === wanted);
    if (key !== undefined) place.oldSpelling(`"${toText(name)}" is an old spelling; write "${key}"`);
    return key;
  }

  #place(position: Position | undefined): Place {
    const where = position === undefined ? 'settings' : `${toText(position.file)}:${position.line}`;
    return new Place(where, { part: 'settings', diagnostics: this.#diagnostics });
  }

  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (error instanceof ConfigProblem) throw new LuaRaise(error.message);
      throw error;
    }
  }
}

function storeOf(object: HostObject): SettingsStore {
  if (object instanceof SettingsStore) return object;
  throw new LuaRaise('settings expected');
}

function unknownSetting(name: LuaValue): ConfigProblem {
  const text = shownName(name);
  return new ConfigProblem(
    `setting "${text}" unknown.${didYouMean(text, { known: settingKeys }).replace('; did', ' Did')}`,
  );
}

function shownName(name: LuaValue): string {
  return typeof name === 'string' ? toText(name) : shown(name);
}
