// The same sync{} through the real lsyncd and through loadConfig: what its startup rsync gets as options and on its stdin
// must be what the SyncSpec says. The order of short flags and of excludes is random in lsyncd; everything else counts.

import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SyncSpec } from '../../src/config/sync-spec.ts';
import { builtIn, loadText, makeDirectory } from './load-text.ts';

const hasLsyncd = spawnSync('lsyncd', ['--version']).error === undefined;
const mustRun = process.env['TSYNCD_TEST_NO_SKIP'] === '1';

/** Writes its arguments, one a line, and its stdin; ends the lsyncd that started it. */
const recorder = `#!/bin/sh
for word; do printf '%s\\n' "$word"; done >"$0.argv"
case $(readlink /proc/self/fd/0) in pipe:*) cat >"$0.stdin";; *) : >"$0.stdin";; esac
kill $PPID
`;

interface Startup {
  /** Sorted letters of the first word with one dash. */
  readonly flags: string;
  /** `_extra` and long options, in their order. */
  readonly words: readonly string[];
  readonly target: string;
  readonly deletes: boolean;
  readonly rules: readonly string[];
}

function startupOfLsyncd(text: string, directory: string): Startup {
  const binary = join(directory, 'recorder');
  writeFileSync(binary, recorder);
  chmodSync(binary, 0o755);
  const file = join(directory, 'oracle.lua');
  writeFileSync(
    file,
    text.replaceAll('BASE', 'source = "DIR/src", target = "DIR/trg"').replaceAll('DIR', directory),
  );
  const run = spawnSync('lsyncd', ['-nodaemon', file], { encoding: 'utf8', timeout: 10_000, input: '' });
  const argv = readLines(`${binary}.argv`, run.stdout + run.stderr);
  const own = new Set(['--delete', '--ignore-errors', '--exclude-from=-', '--filter=. -', '-r']);
  const words = argv.slice(0, -2).filter((word) => !own.has(word));
  const [first = '', ...others] = words;
  return {
    flags: sorted(first.slice(1)),
    words: others,
    target: argv.at(-1) ?? '',
    deletes: argv.includes('--delete'),
    rules: readLines(`${binary}.stdin`, '').toSorted(),
  };
}

function readLines(file: string, otherwise: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch (error) {
    throw new Error(`lsyncd started no rsync: ${otherwise}`, { cause: error });
  }
}

function startupOfSpec(spec: SyncSpec): Startup {
  const signed = spec.filters.length > 0;
  return {
    flags: sorted(spec.rsync.shortFlags),
    words: [...spec.rsync.extra, ...spec.rsync.longOptions],
    target: spec.kind === 'rsyncssh' ? `${spec.host}:${spec.targetdir}` : spec.target,
    deletes: spec.delete === true || spec.delete === 'startup',
    rules: [
      ...spec.filters,
      ...spec.excludes.map((pattern) => (signed ? `- ${pattern}` : pattern)),
    ].toSorted(),
  };
}

function sorted(letters: string): string {
  return letters.split('').toSorted().join('');
}

const rsync = (options: string): string =>
  `sync { default.rsync, BASE, rsync = { binary = "DIR/recorder", ${options} } }`;
const common = 'source = "DIR/src", host = "h", rsync = { binary = "DIR/recorder" }';
const rsyncssh = (fields: string): string => `sync { default.rsyncssh, ${common}, ${fields} }`;

const flags = `acls append append_verify archive backup checksum compress copy_dirlinks copy_links cvs_exclude dry_run
  executability existing group hard_links ignore_times inplace ipv4 ipv6 keep_dirlinks links one_file_system omit_dir_times
  omit_link_times owner perms protect_args prune_empty_dirs quiet sparse times update verbose whole_file xattrs`;

const values = `backup_dir="/b" bwlimit=2000 chmod="D755,F644" chmod=666 chown="root:root" groupmap="0:0" usermap="0:0"
  password_file="/pw" rsh="ssh_-p_1" rsync_path="rsync" suffix=".bak" temp_dir="/tmp" timeout=7 timeout=false`;

const everything = `archive = false, ${flags
  .split(/\s+/)
  .filter((name) => name !== 'archive')
  .map((name) => `${name} = true`)
  .join(', ')}, ${values
  .split(/\s+/)
  .filter((value) => value !== 'chmod=666' && value !== 'timeout=false')
  .join(', ')}, _extra = { "--stats", "-h" }`;

const cases: readonly string[] = [
  ...flags
    .split(/\s+/)
    .flatMap((name) => [rsync(`${name} = true`), rsync(`archive = true, ${name} = false`)]),
  ...values.split(/\s+/).map((value) => rsync(value.replaceAll('_-', ' -').replaceAll('_1', ' 1'))),
  rsync(everything),
  rsync('archive = 1, compress = "false"'),
  rsync('archive = true, perms = false, owner = false, _extra = { "--stats", "-v", 5, "a b" }'),
  rsync('links = false, times = false'),
  `sync { default.rsync, source = "DIR/src", target = "localhost:", rsync = { binary = "DIR/recorder" } }`,
  `sync { default.rsync, source = "DIR/src", target = "u@h::m", rsync = { binary = "DIR/recorder" } }`,
  `sync { default.rsync, source = "DIR/src", target = "h:x/", rsync = { binary = "DIR/recorder" } }`,
  `sync { default.rsync, source = "DIR/src", target = "rsync://u@h:9/m", rsync = { binary = "DIR/recorder" } }`,
  `sync { default.direct, BASE, rsync = { binary = "DIR/recorder", compress = true } }`,
  ...['true', 'false', '"startup"', '"running"', '"false"', '"true"', '1', '0'].flatMap((mode) =>
    ['rsync', 'direct'].map(
      (kind) => `sync { default.${kind}, BASE, delete = ${mode}, rsync = { binary = "DIR/recorder" } }`,
    ),
  ),
  `sync { default.rsync, BASE, exclude = { "*.o", "/rmdir", "d2/" }, rsync = { binary = "DIR/recorder" } }`,
  `sync { default.rsync, BASE, exclude = "*.o", rsync = { binary = "DIR/recorder" } }`,
  `local f = io.open("DIR/ex", "w") f:write("# c\\n\\n*.o\\n- /minus\\n  # i\\n  spaced\\n/rmdir \\n") f:close()
   sync { default.rsync, BASE, excludeFrom = "DIR/ex", exclude = { "mod" }, rsync = { binary = "DIR/recorder" } }`,
  `local f = io.open("DIR/ff", "w") f:write("# c\\n- /rmdir\\n  + *.o\\n") f:close()
   sync { default.rsync, BASE, filterFrom = "DIR/ff", filter = { "-/x", "+ /y" }, exclude = "mod", rsync = { binary = "DIR/recorder" } }`,
  rsyncssh('targetdir = "/w/trg", ssh = { port = 22, identityFile = "/id", options = { A = "b" } }'),
  rsyncssh('targetdir = "rel", ssh = { port = "2222" }'),
  rsyncssh('targetdir = "~", ssh = { identityFile = "/id" }'),
  rsyncssh('targetdir = "~/x/"'),
  `local base = { default.rsync, delete = false, exclude = { "x", "y" }, rsync = { compress = true, archive = true, _extra = { "-h", "-i" } } }
   local mid = { base, exclude = { "z" }, rsync = { compress = false, bwlimit = 3, _extra = { "-P" } } }
   sync { mid, BASE, rsync = { binary = "DIR/recorder", verbose = true, bwlimit = 2, _extra = { "--stats" } } }`,
  `local one, two = { rsync = { compress = true, bwlimit = 1 } }, { rsync = { archive = true, bwlimit = 2 } }
   sync { one, two, default.rsync, BASE, rsync = { binary = "DIR/recorder" } }`,
  `sync { { default.rsync, exclude = { "a" } }, BASE, exclude = "b", rsync = { binary = "DIR/recorder" } }`,
  `sync { { default.rsync, exclude = { "a", _verbatim = true } }, BASE, exclude = { "b" }, rsync = { binary = "DIR/recorder" } }`,
  `sync { { default.rsync, rsync = { compress = true } }, BASE, rsync = { _verbatim = true, binary = "DIR/recorder" } }`,
  `default.rsync.delete = false default.rsync.rsync.compress = true
   sync { default.rsync, BASE, rsync = { binary = "DIR/recorder" } }`,
];

describe.skipIf(!hasLsyncd && !mustRun)(
  'the startup rsync of lsyncd and of the SyncSpec are the same for',
  () => {
    let directory: string;
    beforeAll(() => {
      directory = makeDirectory();
    });

    test.each(cases)('%s', (text) => {
      const spec = builtIn(loadText(text, { directory }).config.syncs[0]);
      expect(startupOfSpec(spec)).toEqual(startupOfLsyncd(text, directory));
    });
  },
);
