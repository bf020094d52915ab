// What the user's rsync options do to the way a batch is sent. Known-harmless options are listed; any other one makes the batch
// go the way lsyncd goes (the filter list), and keeps ssh from moving or deleting by hand: it may filter, keep backups,
// or change where files lie, and then only rsync itself knows what may be touched.

import type { RsyncOptions } from '../config/sync-spec.ts';

/**
 * Short flags with which a file list does what a filter list does, and which do not change what lies where.
 * `a` is among them: with --files-from it does not imply -r (rsync(1)).
 */
const HARMLESS_FLAGS = 'acghilopqstuvyzADEHISUWXJO46P';

/** Long options of the same kind, without their values. `no-X` counts as X. */
const HARMLESS_OPTIONS: ReadonlySet<string> = new Set(
  `
  acls address append append-verify archive atimes block-size blocking-io bwlimit checksum
  checksum-choice checksum-seed chmod chown compress compress-choice compress-level contimeout crtimes
  debug delay-updates devices executability fake-super fsync fuzzy group groupmap hard-links
  human-readable ignore-times info inplace ipv4 ipv6 itemize-changes links log-file log-file-format
  modify-window new-compress numeric-ids old-args old-compress omit-dir-times omit-link-times one-shot
  open-noatime out-format outbuf owner partial partial-dir password-file perms port preallocate
  progress protect-args protocol quiet remote-option rsh rsync-path secluded-args skip-compress
  sockopts sparse specials stats super temp-dir timeout times trust-sender update usermap verbose
  whole-file xattrs
  `
    .trim()
    .split(/\s+/),
);

/** How a batch of this sync may be sent. */
export interface OptionEffects {
  /** Every option is known to leave a file list right and the target's tree plain. */
  readonly isPlain: boolean;
  /** Whether rsync sets the times of directories; what is moved or deleted by hand then sets them too. */
  readonly keepsDirectoryTimes: boolean;
  /** Whether rsync sets the times of files. */
  readonly keepsTimes: boolean;
  /** Symlinks to directories on the target count as directories (-K). */
  readonly followsTargetDirectoryLinks: boolean;
  /** Names of one file in the source are names of one file at the target (-H). */
  readonly keepsHardLinks: boolean;
}

/** Looks at the short flags, `_extra` and the long options. */
export function optionEffects(options: RsyncOptions): OptionEffects {
  const words = [...options.extra, ...options.longOptions];
  const flags = options.shortFlags + words.filter(isShort).join('').replaceAll('-', '');
  const has = (flag: string, option: string): boolean =>
    flags.includes(flag) || words.some((word) => word.split('=')[0] === `--${option}`);
  const keepsTimes =
    (has('t', 'times') || has('a', 'archive')) && !words.includes('--no-times') && !words.includes('--no-t');
  return {
    isPlain: flags.split('').every((flag) => HARMLESS_FLAGS.includes(flag)) && words.every(isHarmlessWord),
    keepsDirectoryTimes: keepsTimes && !has('O', 'omit-dir-times'),
    keepsTimes,
    followsTargetDirectoryLinks: has('K', 'keep-dirlinks'),
    keepsHardLinks: has('H', 'hard-links'),
  };
}

function isShort(word: string): boolean {
  return /^-[^-]/.test(word);
}

function isHarmlessWord(word: string): boolean {
  if (isShort(word)) return true;
  const name = /^--(?:no-)?([a-z0-9-]+)/.exec(word)?.[1];
  return name !== undefined && HARMLESS_OPTIONS.has(name);
}
