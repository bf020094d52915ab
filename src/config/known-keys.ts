// The keys of settings{} and sync{}: what they are, which behaviour has them, how they were once spelled.

export const settingKeys = [
  'logfile',
  'pidfile',
  'nodaemon',
  'onepass',
  'insist',
  'statusFile',
  'statusInterval',
  'logfacility',
  'logident',
  'inotifyMode',
  'maxProcesses',
  'maxDelays',
  'delay',
  'log',
  'logformat',
  'childTimeout',
  'maxDelete',
  'allowEmptySource',
  'maxRetries',
  'maxPaths',
  'rescanInterval',
] as const;

export type SettingKey = (typeof settingKeys)[number];

/** Settings that may stand as a bare text: `settings{"nodaemon"}`. */
export const flagSettings: readonly SettingKey[] = ['nodaemon', 'onepass', 'insist', 'allowEmptySource'];

export type SyncKind = 'rsync' | 'rsyncssh' | 'direct';

export const syncKinds: readonly SyncKind[] = ['rsync', 'rsyncssh', 'direct'];

const commonKeys = [
  'source',
  'delay',
  'maxDelays',
  'maxProcesses',
  'init',
  'delete',
  'exclude',
  'excludeFrom',
  'filter',
  'filterFrom',
  'name',
  'subdirs',
  'exitcodes',
  'rsyncExitCodes',
  'monitor',
  'rsync',
  'checkgauge',
  'crontab',
  'childTimeout',
  'maxDelete',
  'allowEmptySource',
  'maxRetries',
  'maxPaths',
  'rescanInterval',
] as const;

/** What a sync of each behaviour may have. */
export const syncKeys: Readonly<Record<SyncKind, readonly string[]>> = {
  rsync: [...commonKeys, 'target', 'batchSizeLimit', 'tunnel'],
  rsyncssh: [
    ...commonKeys,
    'host',
    'targetdir',
    'batchSizeLimit',
    'tunnel',
    'ssh',
    'sshExitCodes',
    'xargs',
    'onMove',
  ],
  direct: [...commonKeys, 'target', 'onMove'],
};

/** 2.0's and 2.1's texts and tables of rsync flags, which replace the default flags. */
export const oldRsyncKeys: readonly string[] = ['rsyncOps', 'rsyncOpts'];

/** Spellings of old versions and old manuals; wrong capitals are found without this table. */
export const oldSpellings: Readonly<Record<string, string>> = { statusIntervall: 'statusInterval' };

export const sshKeys: readonly string[] = [
  'binary',
  'identityFile',
  'options',
  'port',
  '_extra',
  'transport',
  'multiplex',
];

export const xargsKeys: readonly string[] = ['binary', 'delimiter', '_extra'];

/** Keys of a text or a function for one kind of event: layers 3 and 2. */
export const eventKeys: readonly string[] = [
  'onAttrib',
  'onCreate',
  'onModify',
  'onDelete',
  'onMove',
  'onStartup',
  'onFull',
];

/** Keys of functions that do the whole work: layer 1. */
export const functionKeys: readonly string[] = ['action', 'collect', 'init', 'full'];
