// What a config means once read: plain, validated, readonly data. Everything downstream works from this, never from Lua.

import type { BytePath } from '../byte-path.ts';
import type { LiveTable } from '../lua/lua-value.ts';
import type { Inlet } from '../script/inlet.ts';
import type { ScriptLife } from '../script/script-life.ts';
import type { TunnelSpec } from './tunnel-spec.ts';

/** lsyncd's `delete`: true = at startup and while running, false = never. */
export type DeleteMode = boolean | 'startup' | 'running';

/** Which inotify events count as a change of content. */
export type InotifyMode = 'CloseWrite' | 'Modify' | 'CloseWrite or Modify';

/** What an exit code of a child means: done, try again, end the daemon. */
export type Verdict = 'ok' | 'again' | 'die';

/** Exit code → verdict. A code that is not in it is unknown, and treated as `die`. */
export type ExitCodes = ReadonlyMap<number, Verdict>;

/** One filter rule in rsync's words. An exclude is `{ action: 'exclude' }`. Order matters: the first that matches decides. */
export interface FilterRule {
  readonly action: 'include' | 'exclude';
  /** rsync's pattern, bytes, exactly as written in the config. */
  readonly pattern: BytePath;
}

/** `rsync = {}` in the form its argv has. */
export interface RsyncOptions {
  /** Path or name of the executable; default `rsync`. */
  readonly binary: string;
  /** Short option letters, e.g. `lts`, `lptgoD`; `''` when none is left. */
  readonly shortFlags: string;
  /** `_extra`, as written; stands right behind the short flags. */
  readonly extra: readonly string[];
  /** Long options in lsyncd's order, e.g. `--bwlimit=100`, `--rsh=ssh -p 1`. */
  readonly longOptions: readonly string[];
  readonly deleteExcluded: boolean;
  /** `file_list` of the config: true/false forces the form of a batch's list; undefined = by what the rsync can do. */
  readonly fileList: boolean | undefined;
}

/** `ssh = {}` of default.rsyncssh. */
export interface SshOptions {
  readonly binary: string;
  /** Everything between the binary and the host: `-i ID -o K=V -p PORT EXTRA…`, in this order, one element each. */
  readonly args: readonly string[];
  /** Which transport carries moves and deletes; undefined = chosen by the daemon. */
  readonly transport: 'openssh' | 'ssh2' | undefined;
  /** The daemon keeps one connection for all; `args` then begins with the options for that. */
  readonly isShared: boolean;
}

/** `xargs = {}` (2.0/2.1), used for deletes over ssh. */
export interface XargsOptions {
  /** Default `xargs`. */
  readonly binary: string;
  /** One byte between the paths; default `\0`. */
  readonly delimiter: string;
  /** Words behind the binary; default `['-0', 'rm', '-rf', '--']`. */
  readonly extra: readonly string[];
}

interface CommonSpec {
  /** 1 for the first `sync{}` of the config. */
  readonly index: number;
  /** `name` of the config, or `Sync1`, `Sync2`, …; unique. */
  readonly name: string;
  /** `file:line` of the `sync{}` call, for messages; for a sync of the command line `command line`. */
  readonly where: string;
  /** Absolute, symlinks resolved, with a trailing slash. */
  readonly source: BytePath;
  /** Quiet time before an event's batch starts. */
  readonly delayMs: number;
  /** So many waiting events start a batch at once. */
  readonly maxDelays: number;
  /** Children of this sync at one time. */
  readonly maxProcesses: number;
  /** false: only the source directory itself is watched. */
  readonly subdirs: boolean;
  /** `filter` then `filterFrom`, as written; for rsync's stdin and the status file. */
  readonly filters: readonly BytePath[];
  /** `exclude` then `excludeFrom`, as written; for rsync's stdin and the status file. */
  readonly excludes: readonly BytePath[];
  readonly monitor: string | undefined;
  /** When full syncs are done: `second minute hour day month weekday`, of the local time; month and weekday in digits. */
  readonly crontab: readonly string[];
  /** A child that runs longer is ended, and what it did is tried again; undefined = it may run as long as it likes. */
  readonly childTimeoutMs: number | undefined;
  /** What cannot be watched is looked at this often; undefined = never. Default 60,000. */
  readonly rescanIntervalMs: number | undefined;
  /** What must be up for its children to reach the target; the same object in each sync that shares it. */
  readonly tunnel: TunnelSpec | undefined;
}

interface SyncSpecBase extends CommonSpec {
  /** false: no startup sync (`init = false`). */
  readonly init: boolean;
  readonly delete: DeleteMode;
  /** What would delete more paths at one time halts the sync; undefined = no limit. */
  readonly maxDelete: number | undefined;
  /** A path that could not be sent is named as failed after so many tries more. */
  readonly maxRetries: number;
  /** When more paths wait, directories are sent whole instead. */
  readonly maxPaths: number;
  /** A source that is empty at start may empty its target. */
  readonly allowEmptySource: boolean;
  readonly rsync: RsyncOptions;
  readonly rsyncExitCodes: ExitCodes;
}

export interface RsyncSpec extends SyncSpecBase {
  readonly kind: 'rsync';
  /** As rsync takes it: local path, `host:path`, `host::module`, `rsync://…`; with a trailing slash unless it ends with `:`. */
  readonly target: BytePath;
  /** Bytes; a larger file gets an rsync of its own. undefined = no limit. */
  readonly batchSizeLimit: number | undefined;
}

export interface RsyncSshSpec extends SyncSpecBase {
  readonly kind: 'rsyncssh';
  readonly host: string;
  /** With a trailing slash, absolute, relative to the remote home, or beginning with `~`; `''` = the remote home. */
  readonly targetdir: BytePath;
  readonly ssh: SshOptions;
  readonly xargs: XargsOptions;
  readonly sshExitCodes: ExitCodes;
  readonly batchSizeLimit: number | undefined;
}

export interface DirectSpec extends SyncSpecBase {
  readonly kind: 'direct';
  /** A local directory, absolute, with a trailing slash. */
  readonly target: BytePath;
}

/** One `sync{}` that tsyncd does by itself. */
export type SyncSpec = RsyncSpec | RsyncSshSpec | DirectSpec;

/** One `sync{}` with actions of the user's (layers 3, 2 and 1). */
export interface ScriptSpec extends CommonSpec {
  readonly kind: 'script';
  /** What default.rsync.action(inlet) and the like do; undefined when the sync has nothing of default.rsync, rsyncssh or direct. */
  readonly base: SyncSpec | undefined;
  /** The merged table; actions are read from it when they are called. */
  readonly config: LiveTable;
  /** false: a move is a delete and a create. */
  readonly takesMoves: boolean;
  /** What sync{} returned. */
  readonly inlet: Inlet;
}

export type AnySyncSpec = SyncSpec | ScriptSpec;

/** `settings{}` with defaults filled in. */
export interface Settings {
  readonly logfile: string | undefined;
  readonly pidfile: string | undefined;
  readonly nodaemon: boolean;
  readonly onepass: boolean;
  readonly insist: boolean;
  readonly statusFile: string | undefined;
  /** Default 10. */
  readonly statusIntervalSeconds: number;
  /** syslog facility by name or number; default `user`. */
  readonly logfacility: string | number;
  /** syslog ident; default the program's name. */
  readonly logident: string | undefined;
  readonly inotifyMode: InotifyMode;
  /** Over all syncs; undefined = no limit. */
  readonly maxProcesses: number | undefined;
  /** Categories as given to `-log` (`all`, `scarce`, a category), command line first. */
  readonly log: readonly string[];
  readonly logformat: 'lsyncd' | 'json';
}

/** A warning found while reading, one line: `conf.lua:3: …`. */
export type ConfigWarning = string;

/** The whole configuration. */
export interface Config {
  readonly settings: Settings;
  readonly syncs: readonly AnySyncSpec[];
  /** The Lua that goes on at run time; undefined when no sync needs it. */
  readonly script: ScriptLife | undefined;
  readonly warnings: readonly ConfigWarning[];
  /** Absolute path of the config file; undefined when the syncs came from the command line. */
  readonly file: string | undefined;
}
