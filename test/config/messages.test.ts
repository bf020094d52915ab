// What a config cannot be loaded with, and what is said: lsyncd's own sentences where it has them (as its log scrapers
// know them), with file, line, key and the near name where it has not.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { ConfigError, ConfigExit } from '../../src/errors.ts';
import { errorOf, loadText, makeDirectory, noOptions } from './load-text.ts';

const at = (line: number): string => `error preparing DIR/conf.lua: DIR/conf.lua:${line}: `;
const inSync = (fields: string): string =>
  `settings { nodaemon = true }\nsync { default.rsync, BASE, ${fields} }`;
const inSsh = (fields: string): string =>
  `settings { nodaemon = true }\nsync { default.rsyncssh, source = "DIR/src", host = "h", targetdir = "/x", ${fields} }`;

/** Config text → the message behind `Error: `. */
const lsyncdSentences: readonly (readonly [name: string, config: string, message: string])[] = [
  [
    'lua-syntax-error',
    'sync { default.rsync, source = "a", target = "b"\n',
    `error loading DIR/conf.lua: DIR/conf.lua:2: '}' expected (to close '{' at line 1) near <eof>`,
  ],
  ['lua-runtime-error', 'local x = nil\nprint(x.y)', `${at(2)}attempt to index a nil value (local 'x')`],
  ['empty-config', '', 'Nothing to watch!'],
  ['no-sync', 'settings { nodaemon = true }', 'Nothing to watch!'],
  [
    'unknown-settings-key',
    'settings { nodaemon = true, frobnicate = 1 }',
    `${at(1)}setting "frobnicate" unknown.`,
  ],
  [
    'unknown-settings-flag',
    'settings { nodaemon = true, "frobnicate" }',
    `${at(1)}setting "frobnicate" unknown.`,
  ],
  [
    'unknown-sync-key',
    inSync('frobnicate = 1'),
    `${at(2)}Parameter "frobnicate" unknown (sync 1: frobnicate)`,
  ],
  [
    'unknown-rsync-key',
    inSync('rsync = { frobnicate = 1 }'),
    `${at(2)}Parameter "rsync.frobnicate" unknown (sync 1: rsync.frobnicate)`,
  ],
  ['rsync-not-a-table', inSync('rsync = "fast"'), `${at(2)}Parameter "rsync" must be a table.`],
  [
    'unknown-ssh-key',
    inSsh('ssh = { frobnicate = 1 }'),
    `${at(2)}Parameter "ssh.frobnicate" unknown (sync 1: ssh.frobnicate)`,
  ],
  [
    'missing-source',
    '\nsync { default.rsync, target = "DIR/trg" }',
    'DIR/conf.lua:2: source missing from sync.',
  ],
  [
    'nonexistent-source',
    'sync { default.rsync, source = "DIR/nosrc", target = "DIR/trg" }',
    'failure getting absolute path of [DIR/nosrc]\nError: Cannot access source directory: DIR/nosrc',
  ],
  [
    'an empty source',
    'sync { default.rsync, source = "", target = "DIR/trg" }',
    'failure getting absolute path of []\nError: Cannot access source directory: ',
  ],
  [
    'source-is-a-file',
    'sync { default.rsync, source = "DIR/conf.lua", target = "DIR/trg" }',
    `cannot get absolute path of dir 'DIR/conf.lua': is not a directory\nError: Cannot access source directory: DIR/conf.lua`,
  ],
  [
    'missing-target',
    '\nsync { default.rsync, source = "DIR/src" }',
    `${at(2)}default.rsync needs "target" configured`,
  ],
  [
    'missing-target-direct',
    '\nsync { default.direct, source = "DIR/src" }',
    `${at(2)}default.rsync needs "target" configured`,
  ],
  [
    'missing-host',
    'sync { default.rsyncssh, source = "DIR/src", targetdir = "/x" }',
    `${at(1)}default.rsyncssh needs "host" configured`,
  ],
  [
    'missing-targetdir',
    'sync { default.rsyncssh, source = "DIR/src", host = "h" }',
    `${at(1)}default.rsyncssh needs "targetdir" configured`,
  ],
  [
    'rsyncssh-maxprocesses',
    inSsh('maxProcesses = 2'),
    `${at(2)}default.rsyncssh must have maxProcesses set to 1.`,
  ],
  ['negative-delay', inSync('delay = -1'), `${at(2)}delay must be a number and >= 0`],
  ['string-delay', inSync('delay = "5"'), `${at(2)}delay must be a number and >= 0`],
  ['exclude-wrong-type', inSync('exclude = 5'), `${at(2)}type for exclude must be table or string`],
  ['filter of a wrong type', inSync('filter = 5'), `${at(2)}type for filter must be table or string`],
  [
    'excludefrom-missing',
    inSync('excludeFrom = "DIR/no"'),
    'Cannot open exclude file "DIR/no": DIR/no: No such file or directory',
  ],
  [
    'filterfrom-missing',
    inSync('filterFrom = "DIR/no"'),
    'Cannot open filter file "DIR/no": DIR/no: No such file or directory',
  ],
  ['a filter with nothing behind its sign', inSync('filter = { "+ " }'), 'Unknown filter rule: "+ "'],
  ['filter-unknown-rule', inSync('filter = { "P /x" }'), 'Unknown filter rule: "P /x"'],
  ['filter-odd-rule', inSync('filter = { "merge /x+y" }'), 'Unknown filter rule: "merge /x+y"'],
  [
    'logfacility-unknown',
    `settings { logfacility = "nosuch" } ${inSync('')}`,
    "Logging facility 'nosuch' unknown.",
  ],
  [
    'bad-inotifymode',
    `settings { inotifyMode = "Nosuch" } ${inSync('')}`,
    `'Nosuch' not a valid inotfiyMode. Expected "CloseWrite", "Modify" or "CloseWrite or Modify" (DIR/conf.lua:1)`,
  ],
  [
    'a positional text',
    inSync('"str"'),
    `${at(2)}Parameter "1" unknown: "str" stands without a key, where only tables may`,
  ],
  [
    'a positional text in rsync',
    inSync('rsync = { "-z" }'),
    `${at(2)}Parameter "rsync.1" unknown (sync 1: rsync.1)`,
  ],
];

const better: readonly (readonly [name: string, config: string, message: string])[] = [
  [
    'default-nosuch',
    'sync { default.rsnc, BASE }',
    `${at(1)}no actions specified. "default.rsnc" is unknown; did you mean "default.rsync"?`,
  ],
  [
    'no-actions',
    'sync { BASE }',
    `${at(1)}no actions specified. A sync begins with default.rsync, default.rsyncssh or default.direct`,
  ],
  [
    'an exclude with nothing behind its sign',
    inSync('exclude = { "a", "+ " }'),
    `${at(2)}Cannot use exclude "+ ": expected a pattern behind the sign (DIR/conf.lua:2, sync 1)`,
  ],
  [
    'an exclude whose second line has nothing behind its sign',
    inSync('exclude = "a\\n- "'),
    `${at(2)}Cannot use exclude "- ": expected a pattern behind the sign (DIR/conf.lua:2, sync 1)`,
  ],
  [
    'a filter that is longer than rsync takes',
    inSync('filter = { "- " .. ("x"):rep(4096) }'),
    `${at(2)}Cannot use filter "- ${'x'.repeat(4096)}": rsync takes patterns of up to 4095 bytes (DIR/conf.lua:2, sync 1)`,
  ],
  [
    'a near key',
    inSync('rsync = { compres = true }'),
    `${at(2)}Parameter "rsync.compres" unknown (sync 1: rsync.compres); did you mean "rsync.compress"?`,
  ],
  [
    'a near key of a sync',
    inSync('exlude = "x"'),
    `${at(2)}Parameter "exlude" unknown (sync 1: exlude); did you mean "exclude"?`,
  ],
  [
    'a near setting',
    'settings { logfle = "x" }',
    `${at(1)}setting "logfle" unknown. Did you mean "logfile"?`,
  ],
  [
    'a key of another behaviour',
    inSync('host = "h"'),
    `${at(2)}Parameter "host" unknown (sync 1: host); it belongs to default.rsyncssh`,
  ],
  [
    'rsync.delete',
    inSync('rsync = { delete = true }'),
    `${at(2)}Parameter "rsync.delete" unknown (sync 1: rsync.delete); write delete = true in the sync`,
  ],
  [
    'rsync.filter',
    inSync('rsync = { filter = "- x" }'),
    `${at(2)}Parameter "rsync.filter" unknown (sync 1: rsync.filter); write exclude, excludeFrom, filter or filterFrom in the sync`,
  ],
  [
    'a value option that is true',
    inSync('rsync = { temp_dir = true }'),
    `${at(2)}Cannot use rsync.temp_dir true: expected a text in UTF-8 that is not empty (DIR/conf.lua:2, sync 1)`,
  ],
  [
    'a port that is none',
    inSsh('ssh = { port = "ssh" }'),
    `${at(2)}Cannot use ssh.port "ssh": expected a port from 1 to 65535 (DIR/conf.lua:2, sync 1)`,
  ],
  [
    'delete with another word',
    inSync('delete = "foo"'),
    `${at(2)}Cannot use delete "foo": expected true, false, "startup" or "running" (DIR/conf.lua:2, sync 1)`,
  ],
  [
    'maxProcesses = 0',
    inSync('maxProcesses = 0'),
    `${at(2)}Cannot use maxProcesses 0: expected a whole number >= 1 (DIR/conf.lua:2, sync 1)`,
  ],
  ['an endless delay', inSync('delay = math.huge'), `${at(2)}delay must be a number and >= 0`],
  [
    'an empty target',
    'sync { default.rsync, source = "DIR/src", target = "" }',
    `${at(1)}Cannot use target "": expected a text that is not empty (DIR/conf.lua:1, sync 1)`,
  ],
  [
    'an empty targetdir',
    inSsh('targetdir = ""').replace('targetdir = "/x", ', ''),
    `${at(2)}Cannot use targetdir "": expected a text that is not empty (DIR/conf.lua:2, sync 1)`,
  ],
  [
    'a host that ssh would take as an option',
    inSsh('host = "-oProxyCommand=x"').replace('host = "h", ', ''),
    `${at(2)}Cannot use host "-oProxyCommand=x": a host does not begin with a dash (DIR/conf.lua:2, sync 1)`,
  ],
  [
    'a host behind a user that ssh would take as an option',
    inSsh('host = "me@-oProxyCommand=x"').replace('host = "h", ', ''),
    `${at(2)}Cannot use host "me@-oProxyCommand=x": a host does not begin with a dash (DIR/conf.lua:2, sync 1)`,
  ],
  [
    'a remote target that rsync would take as an option',
    'sync { default.rsync, source = "DIR/src", target = "-esh:x" }',
    `${at(1)}Cannot use target "-esh:x": a host does not begin with a dash (DIR/conf.lua:1, sync 1)`,
  ],
  [
    'a remote target of default.direct',
    'sync { default.direct, source = "DIR/src", target = "h:/x" }',
    `${at(1)}Cannot use target "h:/x/": default.direct needs a directory of this machine (DIR/conf.lua:1, sync 1)`,
  ],
  [
    'two behaviours',
    'sync { default.rsync, default.direct, BASE }',
    `${at(1)}Cannot use default.rsync and default.direct in one sync`,
  ],
  [
    'one name twice',
    'sync { default.rsync, BASE, name = "a" }\nsync { default.rsync, BASE, name = "a" }',
    'error preparing DIR/conf.lua: Cannot use name "a": sync 1 has it (DIR/conf.lua:2, sync 2)',
  ],
  [
    'an unknown monitor',
    inSync('monitor = "inotifi"'),
    `${at(2)}event monitor "inotifi" unknown. Did you mean "inotify"?`,
  ],
  [
    'a code that is none',
    inSync('exitcodes = { x = "ok" }'),
    `${at(2)}Cannot use exitcodes[x] "x": expected a code from 0 to 255 (DIR/conf.lua:2, sync 1)`,
  ],
  [
    'a verdict that is none',
    inSync('exitcodes = { [1] = "retry" }'),
    `${at(2)}Cannot use exitcodes[1] "retry": expected "ok", "again" or "die" (DIR/conf.lua:2, sync 1)`,
  ],
  ['sync of a text', 'sync("x")', `${at(1)}Cannot use sync "x": expected a table`],
  [
    'a setting without its value',
    'settings{ "logfile" }',
    `${at(1)}Cannot use setting "logfile" without a value: write logfile = …`,
  ],
  [
    'a statusInterval that is none',
    `settings{ statusInterval = "often" } ${inSync('')}`,
    'error preparing DIR/conf.lua: Cannot use statusInterval "often": expected a number of seconds >= 0 (DIR/conf.lua:1, settings)',
  ],
  [
    'a log category that is none',
    `settings{ log = "lower" } ${inSync('')}`,
    "error preparing DIR/conf.lua: 'lower' is not a valid logging category (DIR/conf.lua:1)",
  ],
  [
    'onCreate beside default.rsync',
    inSync('onCreate = "touch"'),
    `${at(2)}Parameter "onCreate" unknown. ( if this is not a typo add it to checkgauge )`,
  ],
  ['spawn at load', 'spawn()', `${at(1)}calling spawn(agent, binary, ...): binary is not a string`],
];

describe('loadConfig() refuses', () => {
  test.each(lsyncdSentences)("%s with lsyncd's sentence", (_name, config, message) => {
    expect(errorOf(config)).toBe(message);
  });

  test.each(better)('%s, which lsyncd takes or says less well', (_name, config, message) => {
    expect(errorOf(config)).toBe(message);
  });

  test.each([
    ['missing-config', 'nothere.lua', "Cannot find config file at 'nothere.lua'."],
    ['config-is-a-dir', './src', 'error loading DIR/src: cannot read DIR/src: Is a directory'],
  ])("%s with lsyncd's sentence", (_name, configFile, message) => {
    expect(errorOf('', { cli: { configFile } })).toBe(message);
  });

  test.each([
    ['exclude', '- a\n+ \n', '+ '],
    ['filter', `- ${'x'.repeat(4096)}\n`, `- ${'x'.repeat(4096)}`],
  ])('a line of a file for %sFrom at which rsync would stop, or which it would drop', (key, lines, line) => {
    const directory = makeDirectory();
    const file = join(directory, 'rules');
    writeFileSync(file, lines);
    expect(() => loadText(inSync(`${key}From = "DIR/rules"`), { directory })).toThrow(
      `Cannot use "${line}" of ${key} file "${file}": `,
    );
  });

  test('a source of the command line that does not exist', () => {
    const cli = {
      configFile: undefined,
      syncs: [{ kind: 'rsync', source: '/nosuch', target: 't' }],
    } as const;
    expect(errorOf('', { cli })).toBe(
      'failure getting absolute path of [/nosuch]\nError: Cannot access source directory: /nosuch',
    );
  });

  test('a config whose pcall hides a source that does not exist', () => {
    const text =
      'pcall(function() sync { default.rsync, source = "/nosuch", target = "x" } end)\nsync { default.rsync, BASE }';
    expect(errorOf(text)).toContain('failure getting absolute path of [/nosuch]');
  });

  test('a target inside its own source, which would be copied into itself', () => {
    expect(errorOf('sync { default.rsync, source = "DIR", target = "DIR/trg" }')).toBe(
      `${at(1)}Cannot use target "DIR/trg/": it lies in its own source "DIR/", and would be copied into itself; exclude "/trg" or choose another target`,
    );
  });

  test('a source inside its target, which the startup would delete', () => {
    expect(errorOf('sync { default.direct, source = "DIR/src", target = "DIR" }')).toBe(
      `${at(1)}Cannot use target "DIR/": its source "DIR/src/" lies in it, and would be deleted; exclude "/src" or choose another target`,
    );
  });

  test('its own source as target, also through a symlink and ..', () => {
    expect(
      errorOf(
        'os.execute("ln -s src DIR/link") sync { default.rsync, source = "DIR/src", target = "DIR/trg/../link" }',
      ),
    ).toContain('it is the source itself');
  });

  test.each([
    ['"/"', '"/": it is the root directory of this machine'],
    ['"/tmp/.."', '"/tmp/../": it is the root directory of this machine'],
    ['"//"', '"//": it is the root directory of this machine'],
  ])('the root directory as target, whatever it may delete there: %s', (target, why) => {
    for (const more of ['', 'delete = false,', "exclude = '*',"]) {
      const text = `sync { default.rsync, ${more} source = "DIR/src", target = ${target} }`;
      expect(errorOf(text)).toBe(`${at(1)}Cannot use target ${why}`);
    }
  });

  test('a root directory on another host may be one', () => {
    expect(errorOf('sync { default.rsync, source = "DIR/src", target = "host:/" }')).toBe('(it loaded)');
  });

  test('an empty target', () => {
    expect(errorOf('sync { default.rsync, source = "DIR/src", target = "" }')).toMatch(
      /Cannot use target "": expected a text that is not empty \(\S+:1, sync 1\)$/,
    );
  });

  test('a trailing slash or two more', () => {
    expect(errorOf('sync { default.rsync, source = "DIR/src/", target = "DIR//src///x/" }')).toContain(
      'it lies in its own source',
    );
  });

  test.skipIf(process.getuid?.() !== 0)('a bind mount of its own source, or a place in it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tsyncd-bind-'));
    for (const name of ['src', 'src/sub', 'other']) mkdirSync(join(folder, name));
    execFileSync('mount', ['--bind', join(folder, 'src'), join(folder, 'other')]);
    const errorFor = (source: string, target: string): string =>
      errorOf(`sync { default.rsync, source = "${folder}/${source}", target = "${folder}/${target}" }`);
    try {
      expect(errorFor('src', 'other')).toContain('it is the source itself');
      expect(errorFor('src', 'other/not/yet')).toContain('it lies in its own source');
      expect(errorFor('other/sub', 'src')).toMatch(
        /its source ".*" lies in it, and would be deleted; exclude "\/sub"/,
      );
    } finally {
      execFileSync('umount', [join(folder, 'other')]);
      rmSync(folder, { recursive: true });
    }
  });

  test('not two syncs that go both ways, or one after the other', () => {
    const sync = (source: string, target: string): string =>
      `sync { default.rsync, source = "DIR/${source}", target = "DIR/${target}" }`;
    expect(errorOf(`${sync('src', 'trg')}\n${sync('trg', 'src')}\n${sync('trg', 'third')}`)).toBe(
      '(it loaded)',
    );
  });

  test.each(['remove_source_files = true', '_extra = { "--remove-source-files" }'])(
    'rsync.%s with delete',
    (option) => {
      expect(errorOf(inSync(`rsync = { ${option} }`))).toContain(
        'what was moved to the target would be deleted there',
      );
      expect(errorOf(inSync(`delete = false, rsync = { ${option} }`))).toBe('(it loaded)');
    },
  );

  test('nothing by a ConfigError that is none: each message is text of a ConfigError', () => {
    expect(() => loadText('sync { default.rsync, BASE, foo = 1 }')).toThrow(ConfigError);
  });

  test.each(['os.exit(3)', 'terminate(3)', 'pcall(terminate, 3)'])('to go on after %s', (code) => {
    expect(() => loadText(`${code} sync { default.rsync, BASE }`)).toThrow(new ConfigExit(3));
  });
});

describe('loadConfig() of an unusual path', () => {
  test('names bytes that are not UTF-8 as far as they can be shown', () => {
    const directory = makeDirectory();
    expect(errorOf('sync { default.rsync, source = "DIR/\\228", target = "x" }', { directory })).toContain(
      'DIR/\u{FFFD}',
    );
  });

  test('takes a source that is not UTF-8 as its bytes', () => {
    const directory = makeDirectory();
    mkdirSync(Buffer.from(`${directory}/\xe4\n-rf`, 'latin1'));
    const { config } = loadText('sync { default.rsync, source = "DIR/\\228\\n-rf", target = "DIR/trg" }', {
      directory,
    });
    expect(config.syncs[0]?.source).toBe(`${directory}/\xe4\n-rf/`);
  });

  test('is found by a relative name, below the given directory', () => {
    const directory = makeDirectory();
    writeFileSync(join(directory, 'rel.conf'), 'sync { default.rsync, source = "./src", target = "trg" }');
    const config = loadConfig({
      cli: { ...noOptions, configFile: './rel.conf' },
      programName: 'tsyncd',
      monitors: [],
      cwd: directory,
    });
    expect(config).toMatchObject({ file: join(directory, 'rel.conf') });
    expect(config.syncs[0]).toMatchObject({ source: `${directory}/src/`, target: `${directory}/trg/` });
  });
});
