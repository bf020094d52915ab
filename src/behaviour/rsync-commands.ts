// The argv and stdin of every rsync: the full sync, and a batch in its two forms. Order and spelling are lsyncd's, so that
// wrappers and recorders around rsync see what they know.

import { toBuffer, toText, type BytePath } from '../byte-path.ts';
import type { SyncSpec } from '../config/sync-spec.ts';
import type { Command } from '../run/command.ts';
import { deleteLimitOption } from './delete-limit.ts';

/** Where rsync sends to, as its last argument. */
export interface RsyncJob {
  readonly spec: SyncSpec;
  readonly target: BytePath;
}

/**
 * How rsync finds out what has changed. `quick`: by size and time. `always`: what is listed is sent, since size and time might lie.
 * `content`: for whole directories, where most may be equal.
 */
export type Comparison = 'quick' | 'always' | 'content';

const COMPARISON_OPTIONS: Readonly<Record<Comparison, readonly string[]>> = {
  quick: [],
  always: ['--ignore-times'],
  content: ['--checksum'],
};

export interface BatchOptions {
  readonly comparison: Comparison;
}

/** The full sync, with the excludes or the filters by stdin. */
export function startupCommand({ spec, target }: RsyncJob): Command {
  const rules = startupRules(spec);
  const deletes = deletesAtStartup(spec);
  const args = [
    ...rulesOption(spec),
    ...(deletes ? ['--delete', '--ignore-errors', ...deleteLimitOption(spec)] : []),
    // It implies --delete (rsync(1)), so it must not stand where nothing may be deleted.
    ...(deletes && spec.rsync.deleteExcluded ? ['--delete-excluded'] : []),
    ...ownOptions(spec),
    '-r',
    toText(spec.source),
    toText(target),
  ];
  return { binary: spec.rsync.binary, args, ...rulesInput(rules) };
}

/**
 * The full sync as a dry run that tells nothing but what it would delete, one line each. (Not counted: what lies in a directory whose
 * place a file takes.) Only for a sync that deletes at startup.
 */
export function previewCommand({ spec, target }: RsyncJob): Command {
  const args = [
    ...rulesOption(spec),
    '--delete',
    '--ignore-errors',
    ...(spec.rsync.deleteExcluded ? ['--delete-excluded'] : []),
    ...ownOptions({ rsync: withoutQuiet(spec.rsync) }),
    '--dry-run',
    // Together they leave the deletes alone (rsync(1)).
    '--existing',
    '--ignore-existing',
    '--out-format=%i',
    '-r',
    toText(spec.source),
    toText(target),
  ];
  return { binary: spec.rsync.binary, args, ...rulesInput(startupRules(spec)), keepsStdout: true };
}

function rulesOption(spec: SyncSpec): readonly string[] {
  if (startupRules(spec) === undefined) return [];
  return [spec.filters.length > 0 ? '--filter=. -' : '--exclude-from=-'];
}

function rulesInput(rules: readonly BytePath[] | undefined): Pick<Command, 'stdin'> {
  return rules === undefined ? {} : { stdin: toBuffer(rules.join('\n')) };
}

/** rsync has no option that takes -q back. */
function withoutQuiet(options: SyncSpec['rsync']): SyncSpec['rsync'] {
  const loud = (word: string): string => (/^-[^-efMTB@]+$/.test(word) ? word.replaceAll('q', '') : word);
  return {
    ...options,
    shortFlags: options.shortFlags.replaceAll('q', ''),
    extra: options.extra.map(loud).filter((word) => word !== '-' && word !== '--quiet'),
    longOptions: options.longOptions.filter((word) => word !== '--quiet'),
  };
}

/** What the full sync gives rsync by stdin; undefined when there is neither exclude nor filter. */
export function startupRules(spec: SyncSpec): readonly BytePath[] | undefined {
  if (spec.filters.length > 0) return [...spec.filters, ...spec.excludes.map((pattern) => `- ${pattern}`)];
  return spec.excludes.length > 0 ? spec.excludes : undefined;
}

/** Whether the full sync may delete at the target. */
export function deletesAtStartup({ delete: mode }: SyncSpec): boolean {
  return mode === true || mode === 'startup';
}

/** Whether a batch may delete at the target. */
export function deletesWhileRunning(spec: SyncSpec): boolean {
  return spec.delete === true || spec.delete === 'running';
}

/** A batch as `--include-from`. `closes`: false when the patterns themselves shut out everything else. */
export function filterListCommand(
  { spec, target }: RsyncJob,
  list: BatchOptions & { readonly patterns: readonly BytePath[]; readonly closes: boolean },
): Command {
  const args = [
    ...ownOptions(spec),
    ...COMPARISON_OPTIONS[list.comparison],
    '-r',
    ...(deletesWhileRunning(spec) ? ['--delete', '--ignore-errors'] : []),
    ...deleteLimitOption(spec),
    '--force',
    '--from0',
    '--include-from=-',
    ...(list.closes ? ['--exclude=*'] : []),
    toText(spec.source),
    toText(target),
  ];
  return { binary: spec.rsync.binary, args, stdin: toBuffer(list.patterns.join('\0')) };
}

/**
 * A batch as `--files-from`: exactly these paths (without trailing slash), no directory read. `./` before each keeps a name
 * from being a comment (`#`, `;`), and makes rsync set the times of the top directory too.
 */
export function fileListCommand(
  { spec, target }: RsyncJob,
  list: BatchOptions & { readonly paths: readonly BytePath[] },
): Command {
  const args = [
    ...ownOptions(spec),
    ...COMPARISON_OPTIONS[list.comparison],
    deletesWhileRunning(spec) ? '--delete-missing-args' : '--ignore-missing-args',
    ...deleteLimitOption(spec),
    '--force',
    '--ignore-errors',
    '--files-from=-',
    '--from0',
    toText(spec.source),
    toText(target),
  ];
  const stdin = toBuffer(list.paths.map((path) => `.${path}`).join('\0'));
  return { binary: spec.rsync.binary, args, stdin };
}

/**
 * As `fileListCommand`, but directories with all that is in them; a symlink that took the place of one is not followed. Nothing in them is removed.
 * `rules` keep what is excluded from being sent; each must be text.
 */
export function treeListCommand(
  job: RsyncJob,
  list: BatchOptions & { readonly paths: readonly BytePath[]; readonly rules: readonly BytePath[] },
): Command {
  const { args, ...command } = fileListCommand(job, list);
  return { ...command, args: ['-r', ...list.rules.map((rule) => `--filter=${toText(rule)}`), ...args] };
}

/**
 * Directories (`/a/d/`) by `--files-from`: their entries and, where that is allowed, no others; nothing below their subdirectories.
 * `rules` keep what is excluded from being sent or removed; each must be text.
 */
export function listingCommand(
  { spec, target }: RsyncJob,
  list: { readonly paths: readonly BytePath[]; readonly rules: readonly BytePath[] },
): Command {
  const args = [
    ...ownOptions(spec),
    ...(deletesWhileRunning(spec) ? ['--delete', '--delete-missing-args'] : ['--ignore-missing-args']),
    ...deleteLimitOption(spec),
    '--force',
    '--ignore-errors',
    ...list.rules.map((rule) => `--filter=${toText(rule)}`),
    '--files-from=-',
    '--from0',
    toText(spec.source),
    toText(target),
  ];
  const stdin = toBuffer(list.paths.map((path) => `.${path}`).join('\0'));
  return { binary: spec.rsync.binary, args, stdin };
}

/** The sync's own options: short flags (none: no empty argument), `_extra`, long options. */
function ownOptions({ rsync }: Pick<SyncSpec, 'rsync'>): readonly string[] {
  const flags = rsync.shortFlags === '' ? [] : [`-${rsync.shortFlags}`];
  return [...flags, ...rsync.extra, ...rsync.longOptions];
}
