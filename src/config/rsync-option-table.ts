// Every option of rsync(1) 3.5.0 that `rsync = {}` may name, with underscores for dashes: its short letter where lsyncd
// gives it by letter, whether it takes a value, and those that tsyncd gives itself and that may not be set here.

/** lsyncd gives these by letter, in one word (`-lts`). The order is ours: lsyncd's is random. */
export const shortFlagLetters: Readonly<Record<string, string>> = {
  links: 'l',
  perms: 'p',
  times: 't',
  group: 'g',
  owner: 'o',
  acls: 'A',
  backup: 'b',
  checksum: 'c',
  compress: 'z',
  copy_dirlinks: 'k',
  copy_links: 'L',
  cvs_exclude: 'C',
  dry_run: 'n',
  executability: 'E',
  hard_links: 'H',
  ignore_times: 'I',
  ipv4: '4',
  ipv6: '6',
  keep_dirlinks: 'K',
  omit_dir_times: 'O',
  omit_link_times: 'J',
  one_file_system: 'x',
  prune_empty_dirs: 'm',
  quiet: 'q',
  sparse: 'S',
  update: 'u',
  verbose: 'v',
  whole_file: 'W',
  xattrs: 'X',
  protect_args: 's',
};

/** What `archive = true` turns on unless it is false by itself; devices and specials are `D`, always the last letter. */
export const archiveKeys: readonly string[] = [
  'links',
  'perms',
  'times',
  'group',
  'owner',
  'devices',
  'specials',
];

/** Given as `--long-name=VALUE`. */
export const valueOptions: ReadonlySet<string> = new Set(
  `address backup_dir block_size bwlimit checksum_choice cc checksum_seed chmod chown compare_dest compress_choice zc
   compress_level zl compress_threads zt confine_root contimeout copy_as copy_dest debug early_input groupmap iconv
   info link_dest log_file log_file_format log_format max_alloc max_delete max_size min_size modify_window out_format
   outbuf partial_dir password_file port protocol remote_option rsh rsync_path skip_compress sockopts stderr stop_after
   stop_at suffix temp_dir time_limit timeout usermap`.split(/\s+/),
);

/** Given as `--long-name`. */
export const flagOptions: ReadonlySet<string> = new Set(
  `8_bit_output append append_verify atimes blocking_io copy_devices copy_unsafe_links crtimes delay_updates devices
   drop_D existing fake_super force fsync fuzzy human_readable ignore_errors ignore_existing ignore_missing_args
   ignore_non_existing inc_recursive inplace insecure_links itemize_changes mkpath msgs2stderr munge_links new_compress
   i_r no_i_r no_inc_recursive no_motd no_whole_file no_implied_dirs numeric_ids old_args old_compress open_noatime partial
   preallocate progress remove_source_files safe_links secluded_args size_only specials stats super trust_sender
   write_devices`.split(/\s+/),
);

const ownFilters = 'write exclude, excludeFrom, filter or filterFrom in the sync';
const ownDeletes = 'write delete = true in the sync';
const ownTree = 'tsyncd always mirrors whole trees';
const noTransfer = 'rsync would not update the target';

/** Options that tsyncd gives itself, or that would make its rsync do something else; and what to do instead. */
export const managedOptions: Readonly<Record<string, string>> = {
  delete: ownDeletes,
  del: ownDeletes,
  delete_before: ownDeletes,
  delete_during: ownDeletes,
  delete_delay: ownDeletes,
  delete_after: ownDeletes,
  delete_missing_args: ownDeletes,
  exclude: ownFilters,
  exclude_from: ownFilters,
  include: ownFilters,
  include_from: ownFilters,
  filter: ownFilters,
  files_from: ownFilters,
  from0: ownFilters,
  relative: ownTree,
  dirs: ownTree,
  old_dirs: ownTree,
  old_d: ownTree,
  list_only: noTransfer,
  only_write_batch: noTransfer,
  read_batch: noTransfer,
  write_batch: noTransfer,
  help: noTransfer,
  version: noTransfer,
  daemon: noTransfer,
};

/** Keys of `rsync = {}` that are no option of rsync. */
export const ownRsyncKeys: readonly string[] = [
  '_extra',
  'archive',
  'binary',
  'delete_excluded',
  'file_list',
  'recursive',
];

/** True for every key that `rsync = {}` may have; `no_X` where X may be turned off. */
export function isRsyncKey(key: string): boolean {
  return (
    isRsyncOption(key) || ownRsyncKeys.includes(key) || (key.startsWith('no_') && isRsyncOption(key.slice(3)))
  );
}

/** For "did you mean". */
export const rsyncKeys: readonly string[] = [
  ...ownRsyncKeys,
  ...Object.keys(shortFlagLetters),
  ...valueOptions,
  ...flagOptions,
];

function isRsyncOption(key: string): boolean {
  return key in shortFlagLetters || valueOptions.has(key) || flagOptions.has(key);
}
