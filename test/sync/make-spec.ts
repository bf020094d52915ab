// A spec for the tests of one sync.

import type { DeleteMode, SyncSpec } from '../../src/config/sync-spec.ts';

export interface SpecChanges {
  readonly kind?: 'rsync' | 'direct';
  readonly source?: string;
  readonly target?: string;
  readonly delete?: DeleteMode;
  readonly deleteExcluded?: boolean;
  readonly allowEmptySource?: boolean;
  readonly delayMs?: number;
  readonly maxDelays?: number;
  readonly maxProcesses?: number;
  readonly init?: boolean;
  readonly excludes?: readonly string[];
  readonly crontab?: readonly string[];
  readonly batchSizeLimit?: number;
  readonly maxPaths?: number;
}

/** delay 1 s, maxDelays 1000, one process, delete on, a startup sync; `/nowhere/` where the test does not say. */
export function makeSpec(changes: SpecChanges): SyncSpec {
  const base = {
    index: 1,
    name: 'Sync1',
    where: 'conf.lua:1',
    source: changes.source ?? '/nowhere/src/',
    target: changes.target ?? '/nowhere/trg/',
    delayMs: changes.delayMs ?? 1000,
    maxDelays: changes.maxDelays ?? 1000,
    maxProcesses: changes.maxProcesses ?? 1,
    init: changes.init ?? true,
    delete: changes.delete ?? true,
    subdirs: true,
    filters: [],
    excludes: changes.excludes ?? [],
    monitor: undefined,
    crontab: changes.crontab ?? [],
    tunnel: undefined,
    childTimeoutMs: undefined,
    rescanIntervalMs: 60_000,
    maxDelete: undefined,
    maxRetries: 5,
    maxPaths: changes.maxPaths ?? 100_000,
    allowEmptySource: changes.allowEmptySource ?? false,
    rsync: {
      binary: 'rsync',
      shortFlags: 'lts',
      extra: [],
      longOptions: [],
      deleteExcluded: changes.deleteExcluded ?? false,
      fileList: undefined,
    },
    rsyncExitCodes: new Map(),
  };
  return changes.kind === 'direct'
    ? { ...base, kind: 'direct' }
    : { ...base, kind: 'rsync', batchSizeLimit: changes.batchSizeLimit };
}
