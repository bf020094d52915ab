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
] as const;

export type SettingKey = (typeof settingKeys)[number];

/** Settings that may stand as a bare text: `settings{"nodaemon"}`. */
export const flagSettings: readonly SettingKey[] = ['nodaemon', 'onepass', 'insist'];

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
];

export const xargsKeys: readonly string[] = ['binary', 'delimiter', '_extra'];

/** Keys with which a sync brings Lua of its own, and lsyncd's level for it. A text as an on… is 3, a function is 2. */
export const scriptKeys: Readonly<Record<string, 'action' | 'raw' | 'none'>> = {
  onAttrib: 'action',
  onCreate: 'action',
  onModify: 'action',
  onDelete: 'action',
  onMove: 'action',
  onStartup: 'action',
  onFull: 'action',
  action: 'raw',
  collect: 'raw',
  init: 'raw',
  full: 'raw',
  prepare: 'raw',
};
