// A declaration with the settings and the command line to the SyncSpec it means. Command line before sync, sync before
// settings, settings before default.

import type { Declaration } from './declaration.ts';
import { completeTable } from './complete-table.ts';
import { toCrontab } from './crontab.ts';
import { ConfigProblem } from './diagnostics.ts';
import { defaultRsyncExitCodes, defaultSshExitCodes } from './exit-codes.ts';
import { findFault, toFilterLines } from './filter-lines.ts';
import type { FilterLines } from './filter-lines.ts';
import { kindOfFunction } from './inherit.ts';
import { didYouMean } from './nearest-name.ts';
import { checkOverlap } from './overlap.ts';
import { toRsyncOptions } from './rsync-options.ts';
import { toSshOptions, toXargsOptions, withRsh } from './ssh-options.ts';
import { warnOfSuspicious } from './suspicious.ts';
import type {
  AnySyncSpec,
  DeleteMode,
  DirectSpec,
  ExitCodes,
  RsyncSpec,
  RsyncSshSpec,
  ScriptSpec,
  SyncSpec,
} from './sync-spec.ts';
import { isRemote, looksLikeOption, resolveTarget, resolveTargetdir } from './target.ts';
import { readTunnel } from './tunnel-spec.ts';
import { SyncReader } from './sync-reader.ts';
import type { ResolveSyncOptions } from './sync-reader.ts';
import { kinds } from './value-kinds.ts';
import { readUnlessFalse, refuse } from './values.ts';

const msInSecond = 1000;

/** Seconds between two looks at what cannot be watched. */
const defaultRescanSeconds = 60;
const maxDelaysOfLsyncd = 1000;

/** With pauses of 1, 2, 4, 8 and 16 s: what is wrong for half a minute is worth a line in the log. */
const DEFAULT_MAX_RETRIES = 5;

/** About 100 MB of memory a sync; fewer than a build or an unpacked archive changes at one time. */
const DEFAULT_MAX_PATHS = 100_000;

/** @throws ConfigProblem, ConfigError for what cannot be used */
export function resolveSync(declaration: Declaration, options: ResolveSyncOptions): AnySyncSpec {
  const reader = new SyncReader(declaration, options);
  if (declaration.isScript) return toScript(reader);
  const spec = toSpec(reader);
  checkSpec(declaration, spec);
  return spec;
}

function checkSpec(declaration: Declaration, spec: SyncSpec): void {
  warnOfSuspicious(declaration, spec);
  if (spec.kind !== 'rsyncssh' && !isRemote(spec.target)) checkOverlap(spec, declaration.place);
}

/** What a script falls back on need not be there if its own prepare says so. */
function toScript(reader: SyncReader): ScriptSpec {
  const { declaration } = reader;
  const base = declaration.kind !== undefined && declaration.hasNeeds ? toSpec(reader) : undefined;
  const acts = kindOfFunction(declaration.config.get('action')) !== undefined;
  if (base !== undefined && acts) checkSpec(declaration, base);
  if (base !== undefined) {
    completeTable(declaration.config, { ...base, ssh: base.kind === 'rsyncssh' ? base.ssh : undefined });
  }
  const isMove = declaration.config.get('onMove');
  return {
    ...commonOf(reader),
    kind: 'script',
    base,
    config: declaration.config,
    takesMoves: isMove !== undefined && isMove !== false,
    inlet: declaration.inlet,
  };
}

function toSpec(reader: SyncReader): SyncSpec {
  const { kind } = reader.declaration;
  if (kind === 'rsyncssh') return toRsyncSsh(reader);
  if (kind === 'direct') return toDirect(reader);
  return {
    ...baseOf(reader),
    kind: 'rsync',
    target: targetOf(reader),
    batchSizeLimit: batchSizeLimitOf(reader),
  };
}

type Common = Omit<ScriptSpec, 'kind' | 'base' | 'config' | 'takesMoves' | 'inlet'>;
type Base = Omit<DirectSpec, 'kind' | 'target'>;

function commonOf(reader: SyncReader): Common {
  const { declaration, options } = reader;
  const { settings, cli } = options;
  const delay =
    cli.delaySeconds ?? delayOf(reader) ?? settings.delaySeconds ?? reader.preset('delay', kinds.seconds);
  const maxDelays =
    reader.own('maxDelays', kinds.count) ?? settings.maxDelays ?? reader.preset('maxDelays', kinds.count);
  return {
    index: declaration.index,
    name: reader.own('name', kinds.text) ?? `Sync${declaration.index}`,
    where: declaration.place.where,
    source: declaration.source,
    delayMs: (delay ?? 0) * msInSecond,
    maxDelays: maxDelays ?? maxDelaysOfLsyncd,
    maxProcesses: reader.own('maxProcesses', kinds.count) ?? reader.preset('maxProcesses', kinds.count) ?? 1,
    subdirs: reader.flag('subdirs') ?? true,
    ...rulesOf(reader),
    monitor: monitorOf(reader),
    childTimeoutMs: secondsOf(reader, 'childTimeout'),
    rescanIntervalMs: secondsOf(reader, 'rescanInterval'),
    crontab: toCrontab(reader.key('crontab'), reader.value('crontab')),
    tunnel: readTunnel(reader.key('tunnel'), reader.value('tunnel')),
  };
}

function rulesOf(reader: SyncReader): FilterLines {
  const { filters, excludes } = reader.declaration.rules;
  for (const [key, lines] of Object.entries({ filter: filters, exclude: excludes })) {
    const fault = findFault(lines);
    if (fault !== undefined) refuse(reader.key(key), fault.line, fault.reason);
  }
  return toFilterLines(filters, excludes);
}

function baseOf(reader: SyncReader): Base {
  const { inherited, place, isScript } = reader.declaration;
  const { settings } = reader.options;
  return {
    ...commonOf(reader),
    init: isScript || (reader.flag('init') ?? true),
    delete: deleteOf(reader),
    maxDelete: maxDeleteOf(reader),
    maxRetries: reader.own('maxRetries', kinds.amount) ?? settings.maxRetries ?? DEFAULT_MAX_RETRIES,
    maxPaths: reader.own('maxPaths', kinds.count) ?? settings.maxPaths ?? DEFAULT_MAX_PATHS,
    allowEmptySource: reader.flag('allowEmptySource') ?? settings.allowEmptySource,
    rsync: toRsyncOptions(inherited, place),
    rsyncExitCodes: rsyncExitCodesOf(reader),
  };
}

function targetOf(reader: SyncReader): RsyncSpec['target'] {
  const target = reader.own('target', kinds.bytes) ?? '';
  if (isRemote(target) && looksLikeOption(target)) {
    refuse(reader.key('target'), target, 'a host does not begin with a dash');
  }
  return resolveTarget(target, reader.options.cwd);
}

function toDirect(reader: SyncReader): DirectSpec {
  const target = targetOf(reader);
  if (isRemote(target))
    refuse(reader.key('target'), target, 'default.direct needs a directory of this machine');
  return { ...baseOf(reader), kind: 'direct', target };
}

function toRsyncSsh(reader: SyncReader): RsyncSshSpec {
  const { inherited, place } = reader.declaration;
  const base = baseOf(reader);
  const batchSizeLimit = batchSizeLimitOf(reader);
  if (base.maxProcesses !== 1 && batchSizeLimit === undefined)
    throw new ConfigProblem('default.rsyncssh must have maxProcesses set to 1.');
  const sshopts = (reader.options.cli.sshopts ?? '').split(/\s+/).filter((word) => word !== '');
  const ssh = toSshOptions(inherited, { place, sshopts });
  const host = reader.own('host', kinds.text) ?? '';
  if (looksLikeOption(host)) refuse(reader.key('host'), host, 'a host does not begin with a dash');
  return {
    ...base,
    kind: 'rsyncssh',
    host,
    targetdir: resolveTargetdir(reader.own('targetdir', kinds.bytes) ?? ''),
    rsync: withRsh(base.rsync, ssh),
    ssh,
    xargs: toXargsOptions(inherited, place),
    sshExitCodes: reader.exitCodes('sshExitCodes', defaultSshExitCodes),
    batchSizeLimit,
  };
}

/** lsyncd's sentence; unlike other numbers a delay may not be a text. */
function delayOf(reader: SyncReader): number | undefined {
  const value = reader.value('delay');
  if (value === undefined || (typeof value === 'number' && value >= 0 && Number.isFinite(value)))
    return value;
  throw new ConfigProblem('delay must be a number and >= 0');
}

/** 0 and false switch off what settings{} says. */
function secondsOf(reader: SyncReader, key: 'childTimeout' | 'rescanInterval'): number | undefined {
  const own = reader.value(key);
  const { childTimeoutSeconds, rescanIntervalSeconds = defaultRescanSeconds } = reader.options.settings;
  const ofAll = { childTimeout: childTimeoutSeconds, rescanInterval: rescanIntervalSeconds }[key];
  const seconds = own === undefined ? ofAll : readUnlessFalse(reader.key(key), kinds.seconds, own);
  return seconds === undefined || seconds === 0 ? undefined : seconds * msInSecond;
}

/** Like lsyncd, nothing but true deletes: 1 and "true" do not. */
function deleteOf(reader: SyncReader): DeleteMode {
  const value = reader.value('delete') ?? reader.declaration.inherited.defaults.get('delete');
  if (value === undefined || value === true || value === 'startup' || value === 'running')
    return value ?? true;
  const isMistyped = value === 'true' || value === 'false' || value === 0 || value === 1;
  if (value !== false && !isMistyped) {
    return refuse(reader.key('delete'), value, 'expected true, false, "startup" or "running"');
  }
  if (isMistyped) reader.warnUnclearDelete(value);
  return false;
}

/** false switches off what settings{} says. */
function maxDeleteOf(reader: SyncReader): number | undefined {
  const own = reader.value('maxDelete');
  if (own === undefined) return reader.options.settings.maxDelete;
  return readUnlessFalse(reader.key('maxDelete'), kinds.amount, own);
}

function batchSizeLimitOf(reader: SyncReader): number | undefined {
  return readUnlessFalse(reader.key('batchSizeLimit'), kinds.bytesCount, reader.value('batchSizeLimit'));
}

/** default.rsyncssh and default.direct call them rsyncExitCodes, default.rsync exitcodes; either name does. */
function rsyncExitCodesOf(reader: SyncReader): ExitCodes {
  const own = reader.value('rsyncExitCodes') === undefined ? 'exitcodes' : 'rsyncExitCodes';
  const preset = reader.declaration.kind === 'rsync' ? 'exitcodes' : 'rsyncExitCodes';
  const defaults = reader.exitCodesOf(preset, {
    value: reader.presetValue(preset),
    over: defaultRsyncExitCodes,
  });
  return reader.exitCodesOf(own, { value: reader.value(own), over: defaults });
}

function monitorOf(reader: SyncReader): string | undefined {
  const { cli, monitors } = reader.options;
  const monitor = cli.monitor ?? reader.own('monitor', kinds.text);
  if (monitor === undefined || monitors.includes(monitor)) return monitor;
  throw new ConfigProblem(
    `event monitor "${monitor}" unknown.${didYouMean(monitor, { known: monitors }).replace('; did', ' Did')}`,
  );
}
