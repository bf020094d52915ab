// settings{} with the command line over it and the defaults below.

import type { RunOptions } from '../cli/cli-options.ts';
import { toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { ConfigError } from '../errors.ts';
import { LuaTable } from '../lua/lua-value.ts';
import { ConfigProblem } from './diagnostics.ts';
import type { SettingKey } from './known-keys.ts';
import type { SettingsStore } from './settings-store.ts';
import { against } from './source-directory.ts';
import type { InotifyMode, Settings } from './sync-spec.ts';
import { kinds } from './value-kinds.ts';
import type { ValueKind } from './value-kinds.ts';
import { read, readFlag, readUnlessFalse, refuse, shown } from './values.ts';
import type { Key } from './values.ts';

const defaultStatusIntervalSeconds = 10;
const inotifyModes: readonly InotifyMode[] = ['CloseWrite', 'Modify', 'CloseWrite or Modify'];

/** syslog(3)'s, without LOG_; `security` is its old name for auth. */
const facilities: readonly string[] =
  `auth authpriv cron daemon ftp kern lpr mail news security syslog user uucp
   local0 local1 local2 local3 local4 local5 local6 local7`.split(/\s+/);
const facilityCount = 24;

export interface ResolveSettingsOptions {
  readonly cli: RunOptions;
  readonly cwd: BytePath;
  readonly programName: string;
}

/** Settings that only syncs use. */
export interface SyncSettings {
  readonly delaySeconds: number | undefined;
  readonly maxDelays: number | undefined;
  /** 0 = none. */
  readonly childTimeoutSeconds: number | undefined;
  /** 0 = never. */
  readonly rescanIntervalSeconds: number | undefined;
  readonly maxDelete: number | undefined;
  readonly maxRetries: number | undefined;
  readonly maxPaths: number | undefined;
  readonly allowEmptySource: boolean;
}

/** @throws ConfigProblem, ConfigError for a value that cannot be used */
export function resolveSettings(
  store: SettingsStore,
  { cli, cwd, programName }: ResolveSettingsOptions,
): Settings {
  const reader = new SettingReader(store);
  const path = (own: string | undefined, key: SettingKey): string | undefined => {
    const value = own ?? reader.optional(key, kinds.text);
    return value === undefined ? undefined : toText(against(Buffer.from(value).toString('latin1'), cwd));
  };
  return {
    logfile: path(cli.logfile, 'logfile'),
    pidfile: path(cli.pidfile, 'pidfile'),
    nodaemon: cli.nodaemon ?? reader.flag('nodaemon'),
    onepass: cli.onepass ?? reader.flag('onepass'),
    insist: cli.insist ?? reader.flag('insist'),
    statusFile: path(undefined, 'statusFile'),
    statusIntervalSeconds: reader.optional('statusInterval', kinds.seconds) ?? defaultStatusIntervalSeconds,
    logfacility: toFacility(reader),
    logident: reader.optional('logident', kinds.text) ?? programName,
    inotifyMode: toInotifyMode(reader),
    maxProcesses: reader.optional('maxProcesses', kinds.count),
    log: [...cli.log, ...toLogCategories(reader)],
    logformat: toLogFormat(reader),
  };
}

/** @throws ConfigProblem as above */
export function resolveSyncSettings(store: SettingsStore): SyncSettings {
  const reader = new SettingReader(store);
  return {
    delaySeconds: reader.optional('delay', kinds.seconds),
    maxDelays: reader.optional('maxDelays', kinds.count),
    childTimeoutSeconds: reader.optional('childTimeout', kinds.seconds),
    rescanIntervalSeconds: reader.optional('rescanInterval', kinds.seconds),
    maxDelete: reader.optional('maxDelete', kinds.amount),
    maxRetries: reader.optional('maxRetries', kinds.amount),
    maxPaths: reader.optional('maxPaths', kinds.count),
    allowEmptySource: reader.flag('allowEmptySource'),
  };
}

class SettingReader {
  readonly #store: SettingsStore;

  constructor(store: SettingsStore) {
    this.#store = store;
  }

  optional<T>(key: SettingKey, kind: ValueKind<T>): T | undefined {
    const entry = this.#store.entry(key);
    return entry === undefined
      ? undefined
      : readUnlessFalse({ place: entry.place, path: key }, kind, entry.value);
  }

  flag(key: SettingKey): boolean {
    const entry = this.#store.entry(key);
    return entry !== undefined && readFlag({ place: entry.place, path: key }, entry.value) === true;
  }

  entry(name: SettingKey) {
    const entry = this.#store.entry(name);
    if (entry === undefined || entry.value === undefined || entry.value === false) return undefined;
    const key: Key = { place: entry.place, path: name };
    return { key, value: entry.value };
  }
}

function toFacility(reader: SettingReader): string | number {
  const entry = reader.entry('logfacility');
  if (entry === undefined) return 'user';
  const { value } = entry;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < facilityCount)
    return value;
  const name = typeof value === 'string' ? value.toLowerCase() : undefined;
  if (name !== undefined && facilities.includes(name)) return name;
  throw new ConfigError(`Logging facility '${shown(value).replaceAll('"', '')}' unknown.`);
}

function toInotifyMode(reader: SettingReader): InotifyMode {
  const entry = reader.entry('inotifyMode');
  if (entry === undefined) return 'CloseWrite';
  const found = inotifyModes.find((mode) => mode === entry.value);
  if (found !== undefined) return found;
  // lsyncd's sentence with its misspelling: check scripts may look for it.
  const sentence = `'${shown(entry.value).replaceAll('"', '')}' not a valid inotfiyMode.`;
  throw new ConfigError(
    `${sentence} Expected "CloseWrite", "Modify" or "CloseWrite or Modify" (${entry.key.place.where})`,
  );
}

function toLogCategories(reader: SettingReader): readonly string[] {
  const entry = reader.entry('log');
  if (entry === undefined) return [];
  const { value, key } = entry;
  const names =
    value instanceof LuaTable
      ? [
          ...value.positional(),
          ...value
            .named()
            .filter(([, isOn]) => isOn !== false)
            .map(([name]) => name),
        ]
      : [value];
  return names.map((name) => {
    const category = read(key, kinds.text, name) ?? '';
    if (/^(?:all|scarce|[A-Z].*)$/s.test(category)) return category;
    throw new ConfigProblem(`'${category}' is not a valid logging category (${key.place.where})`);
  });
}

function toLogFormat(reader: SettingReader): Settings['logformat'] {
  const entry = reader.entry('logformat');
  if (entry === undefined || entry.value === 'lsyncd') return 'lsyncd';
  return entry.value === 'json' ? 'json' : refuse(entry.key, entry.value, 'expected "lsyncd" or "json"');
}
