import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { toFilterLines, toFilterRules } from '../../src/config/filter-lines.ts';
import { nearestName } from '../../src/config/nearest-name.ts';
import {
  flagOptions,
  managedOptions,
  ownRsyncKeys,
  shortFlagLetters,
  valueOptions,
} from '../../src/config/rsync-option-table.ts';
import type { RsyncOptions, RsyncSshSpec, SyncSpec } from '../../src/config/sync-spec.ts';
import { builtIn, errorOf, loadText, makeDirectory, warningsOf } from './load-text.ts';

function specOf(text: string, directory = makeDirectory()): SyncSpec {
  return builtIn(loadText(text, { directory }).config.syncs[0]);
}

const rsyncOf = (fields: string): RsyncOptions => specOf(`sync { default.rsync, BASE, ${fields} }`).rsync;

function sshOf(fields: string): RsyncSshSpec {
  const spec = specOf(`sync { default.rsyncssh, source = "DIR/src", host = "h", ${fields} }`);
  if (spec.kind !== 'rsyncssh') throw new Error('another kind');
  return spec;
}

const help = spawnSync('rsync', ['--help'], { encoding: 'utf8' });

const inSync = (fields: string): string => `sync { default.rsync, BASE, ${fields} }`;

describe('rsync = {}', () => {
  test.each<readonly [string, Partial<RsyncOptions>]>([
    [
      '',
      {
        binary: 'rsync',
        shortFlags: 'lts',
        longOptions: [],
        extra: [],
        deleteExcluded: false,
        fileList: undefined,
      },
    ],
    ['rsync = { archive = true }', { shortFlags: 'lptgosD' }],
    ['rsync = { archive = true, devices = false }', { shortFlags: 'lptgos', longOptions: ['--specials'] }],
    ['rsync = { archive = true, specials = false }', { shortFlags: 'lptgos', longOptions: ['--devices'] }],
    ['rsync = { devices = true }', { shortFlags: 'lts', longOptions: ['--devices'] }],
    ['rsync = { links = false, times = false, protect_args = false }', { shortFlags: '' }],
    ['rsync = { mkpath = true, info = "progress2" }', { longOptions: ['--info=progress2', '--mkpath'] }],
    [
      'rsync = { copy_unsafe_links = true, delete_excluded = true }',
      { longOptions: ['--copy-unsafe-links'], deleteExcluded: true },
    ],
    [
      'rsync = { no_implied_dirs = true, no_perms = true }',
      { longOptions: ['--no-implied-dirs', '--no-perms'] },
    ],
    ['rsync = { file_list = false }', { fileList: false }],
    ['rsync = { binary = "/opt/rsync" }', { binary: '/opt/rsync' }],
    ['rsync = { recursive = true }', { shortFlags: 'lts', longOptions: [] }],
    ['rsync = { bwlimit = 1000.0, timeout = "30" }', { longOptions: ['--bwlimit=1000', '--timeout=30'] }],
    ['rsync = { suffix = "\\xc3\\xa4" }', { longOptions: ['--suffix=ä'] }],
    ['rsyncOps = "-ltz --delete-delay"', { shortFlags: 'ltz', extra: ['--delete-delay'] }],
    [
      'rsyncOpts = { "-rltvupgo", "-e", "ssh" }, rsync = { compress = true }',
      { shortFlags: 'ltvupgoz', extra: ['-e', 'ssh'] },
    ],
  ])('%s', (fields, expected) => {
    expect(rsyncOf(fields)).toMatchObject(expected);
  });

  test.skipIf(help.error !== undefined && process.env['TSYNCD_TEST_NO_SKIP'] !== '1')(
    'every option of the installed rsync is known',
    () => {
      const offered = [...help.stdout.matchAll(/^ *--([a-z0-9][\w-]*)(=?)/gm)]
        .map(([, name = '', value]) => ({ name: name.replaceAll('-', '_'), takesValue: value === '=' }))
        .filter(({ name }) => !name.startsWith('no_OPT'));
      expect(offered.length).toBeGreaterThan(100);
      const unknown = offered.filter(({ name, takesValue }) => {
        if (name in managedOptions || name in shortFlagLetters || ownRsyncKeys.includes(name)) return false;
        return takesValue ? !valueOptions.has(name) : !flagOptions.has(name);
      });
      expect(unknown).toEqual([]);
    },
  );

  test('_extra as a text is split, with a warning: lsyncd ignores it', () => {
    expect(rsyncOf('rsync = { _extra = "-a  --stats" }').extra).toEqual(['-a', '--stats']);
    expect(warningsOf('sync { default.rsync, BASE, rsync = { _extra = "-a --stats" } }')).toEqual([
      'DIR/conf.lua:1: sync 1: rsync._extra is a text; it is split at spaces, where lsyncd ignores it; write { "-a", "--stats" }',
    ]);
  });
});

describe('ssh = {}', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['', [], []],
    ['ssh = { port = "22" }', ['-p', '22'], ['--rsh=ssh -p 22']],
    ['ssh = { binary = "/opt/ssh" }', [], ['--rsh=/opt/ssh']],
    ['ssh = { identityFile = "/a b" }', ['-i', '/a b'], ["--rsh=ssh -i '/a b'"]],
    ['ssh = { options = { A = "b c" } }', ['-o', 'A=b c'], ["--rsh=ssh -o 'A=b c'"]],
    ['ssh = { options = { A = \'"b c"\' } }', ['-o', 'A="b c"'], ['--rsh=ssh -o A="b c"']],
    ['ssh = { options = { A = true } }', ['-o', 'A=yes'], ['--rsh=ssh -o A=yes']],
    ['ssh = { options = { "A=b" } }', ['-o', 'A=b'], ['--rsh=ssh -o A=b']],
    ['ssh = { _extra = { "-l", "u" }, port = 1 }', ['-p', '1', '-l', 'u'], ['--rsh=ssh -p 1 -l u']],
    ['ssh = { port = 1 }, rsync = { rsh = "my -x" }', ['-p', '1'], ['--rsh=my -x']],
  ])('%s', (fields, args, longOptions) => {
    const spec = sshOf(`targetdir = "x", ${fields}`);
    expect(spec.ssh.args).toEqual(args);
    expect(spec.rsync.longOptions).toEqual(longOptions);
  });

  test('transport is one of two', () => {
    expect(sshOf('targetdir = "x", ssh = { transport = "ssh2" }').ssh.transport).toBe('ssh2');
    expect(
      errorOf(
        'sync { default.rsyncssh, source = "DIR/src", host = "h", targetdir = "x", ssh = { transport = "x" } }',
      ),
    ).toContain('expected "openssh" or "ssh2"');
  });

  test('multiplex makes every ssh of the sync, and of its rsync, go over the control path of the daemon', () => {
    const { rsync, ssh } = sshOf('targetdir = "x", ssh = { port = 1, multiplex = true }');
    expect(ssh.args.join(' ')).toBe('-o ControlMaster=no -o ControlPath=^controlpath -p 1');
    expect(rsync.longOptions).toEqual([`--rsh=ssh ${ssh.args.join(' ')}`]);
    expect(sshOf('targetdir = "x", ssh = { multiplex = false }').ssh.args).toEqual([]);
  });

  test.each([
    [
      'ssh = { multiplex = true, options = { ControlPath = "/s" } }',
      'Cannot use ssh.multiplex true: ssh.options has "ControlPath=/s" (DIR/conf.lua:1, sync 1)',
    ],
    ['ssh = { multiplex = {} }', 'Cannot use ssh.multiplex (a table): expected true or false'],
    [
      'ssh = { multiplex = true, port = "^localport" }, tunnel = tunnel { command = { "t", "^localport" } }',
      'Cannot use ssh.multiplex with a tunnel: the port of the tunnel may change',
    ],
  ])('multiplex cannot be used: %s', (fields, message) => {
    const text = `sync { default.rsyncssh, source = "DIR/src", host = "h", targetdir = "x", ${fields} }`;
    expect(errorOf(text)).toContain(message);
    expect(errorOf(text)).toContain('DIR/conf.lua:1');
  });
});

describe('targets', () => {
  test.each([
    ['/abs', '/abs/'],
    ['/abs/', '/abs/'],
    ['rel', 'DIR/rel/'],
    ['./rel', 'DIR/rel/'],
    ['../up', 'DIR/../up/'],
    ['host:path', 'host:path/'],
    ['u@host:', 'u@host:'],
    ['host::module', 'host::module/'],
    ['rsync://u@h:9/m', 'rsync://u@h:9/m/'],
    ['/with:colon', '/with:colon/'],
    ['./with:colon', 'DIR/with:colon/'],
    ['-rf', 'DIR/-rf/'],
  ])('%s is %s', (target, expected) => {
    const directory = makeDirectory();
    const spec = specOf(`sync { default.rsync, source = "DIR/src", target = "${target}" }`, directory);
    expect(spec.kind === 'rsync' ? spec.target.replace(directory, 'DIR') : '').toBe(expected);
  });

  test.each([
    ['/abs', '/abs/'],
    ['rel', 'rel/'],
    [':', ''],
    ['.', ''],
    ['~', '~/'],
    ['~u/x', '~u/x/'],
  ])('targetdir %s is %s', (targetdir, expected) => {
    expect(sshOf(`targetdir = "${targetdir}"`).targetdir).toBe(expected);
  });
});

describe('exit codes', () => {
  test('23 is tried again by default', () => {
    expect(specOf('sync { default.rsync, BASE }').rsyncExitCodes.get(23)).toBe('again');
  });

  test.each<readonly [string, number, string | undefined]>([
    ['exitcodes = { [23] = "ok" }', 23, 'ok'],
    ['exitcodes = { [23] = "ok" }', 12, 'again'],
    ['exitcodes = { [23] = "ok", _verbatim = true }', 12, undefined],
    ['exitcodes = { [23] = "ok", _verbatim = true }', 0, 'ok'],
    ['rsyncExitCodes = { [99] = "again" }', 99, 'again'],
    ['{ exitcodes = { [1] = "ok", [2] = "ok" } }, exitcodes = { [2] = "again" }', 2, 'again'],
    ['{ exitcodes = { [1] = "ok", [2] = "ok" } }, exitcodes = { [2] = "again" }', 1, 'ok'],
  ])('%s: %i is %s', (fields, code, verdict) => {
    expect(specOf(`sync { default.rsync, BASE, ${fields} }`).rsyncExitCodes.get(code)).toBe(verdict);
  });

  test('of ssh', () => {
    const { sshExitCodes } = sshOf('targetdir = "x", sshExitCodes = { [1] = "again" }');
    expect([...sshExitCodes].toSorted(([a], [b]) => a - b)).toEqual([
      [0, 'ok'],
      [1, 'again'],
      [255, 'again'],
    ]);
  });
});

describe('excludes and filters', () => {
  test('come from the table and the file, in this order', () => {
    const directory = makeDirectory();
    writeFileSync(join(directory, 'ex'), '# c\r\n\r\n*.o\r\n- /minus\n  spaced \n;x\n');
    expect(
      specOf('sync { default.rsync, BASE, exclude = { "a", "b" }, excludeFrom = "DIR/ex" }', directory),
    ).toMatchObject({
      excludes: ['a', 'b', '*.o', '/minus', 'spaced '],
      filters: [],
    });
  });

  test('bytes that are not UTF-8 stay', () => {
    expect(specOf('sync { default.rsync, BASE, exclude = "\\228" }').excludes).toEqual(['\xe4']);
  });

  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['an include among them', ['+ /keep', '*'], ['+ /keep', '- *']],
    ['a name that would be a comment', ['#*#'], ['- #*#']],
    ['an exclude of a name that begins like an include', ['- + a', '+ b'], ['- + a', '+ b']],
    ['a mark that clears the list', ['a', '!', 'b', '+ c'], ['- b', '+ c']],
  ])(
    'excludes are written as filters where rsync would read them otherwise: %s',
    (_name, excludes, filters) => {
      expect(toFilterLines([], excludes)).toEqual({ filters, excludes: [] });
    },
  );

  test('toFilterRules() has the filters first, then the excludes', () => {
    expect(toFilterRules({ filters: ['+ /a', '- b'], excludes: ['c'] })).toEqual([
      { action: 'include', pattern: '/a' },
      { action: 'exclude', pattern: 'b' },
      { action: 'exclude', pattern: 'c' },
    ]);
  });

  test('may be changed by what sync{} returns', () => {
    const text = `local s = sync { default.rsync, BASE, exclude = { "a", "b" } }
      s.rmExclude("a") s.addExclude("c") print(table.concat(s.getExcludes(), " "), s.getConfig().target ~= nil)
      print((select(2, pcall(function() return s.nosuch end)):gsub("^.-: ", "")))`;
    const { config, printed } = loadText(text);
    expect(config.syncs[0]?.excludes).toEqual(['b', 'c']);
    expect(printed).toBe('b c\ttrue\ninlet does not have function "nosuch"\n');
  });
});

describe('warnings', () => {
  test.each([
    [inSync('Delay = 5'), '"Delay" is an old spelling; write "delay"'],
    [inSync('rsync = { Compress = true }'), '"rsync.Compress" is an old spelling; write "rsync.compress"'],
    [
      inSync('delete = "false"'),
      'delete = "false" deletes nothing, as in lsyncd; write delete = true or delete = false',
    ],
    [inSync('delete = 1'), 'delete = 1 deletes nothing, as in lsyncd; write delete = true or delete = false'],
    [
      inSync('rsync = { compress = "false" }'),
      'rsync.compress = "false" counts as true; write true or false',
    ],
    [inSync('rsync = { compress = 0 }'), 'rsync.compress = 0 counts as true; write true or false'],
    [inSync('exclude = "./x"'), 'exclude "./x" can never match; write "/x"'],
    [
      inSync('exclude = "DIR/src/x"'),
      'exclude "DIR/src/x" can never match: it is taken relative to the source "DIR/src/"; write "/x"',
    ],
    [
      inSync('exclude = "/etc/passwd"'),
      'exclude "/etc/passwd" can never match: it is taken relative to the source "DIR/src/"',
    ],
    [
      inSync('rsync = { update = true, owner = true, perms = true }'),
      'rsync.update with rsync.owner and rsync.perms: a file that is newer on the target keeps its own attributes there',
    ],
    [
      'sync { default.rsync, source = "DIR", target = "DIR/trg", exclude = "/trg" }',
      'Cannot use target "DIR/trg/": it lies in its own source "DIR/", and would be copied into itself, but for its exclude',
    ],
    [
      'sync { default.rsync, source = "DIR/src", target = "DIR", delete = false }',
      'Cannot use target "DIR/": its source "DIR/src/" lies in it',
    ],
  ])('%s', (text, warning) => {
    expect(warningsOf(text)).toEqual([`DIR/conf.lua:1: sync 1: ${warning}`]);
  });

  test.each([
    'exclude = { "/tmp", "*.o", "/x/y", "/etc/*" }',
    'rsync = { update = true, archive = true }',
    'name = "a", subdirs = false',
  ])('none for %s', (fields) => {
    expect(warningsOf(inSync(fields))).toEqual([]);
  });

  test('each is told when it is found', () => {
    const { config } = loadText(
      'sync { default.rsync, BASE, Delay = 1 }\nsync { default.rsync, BASE, Delay = 1 }',
    );
    expect(config.warnings).toHaveLength(2);
  });
});

describe('inheritance', () => {
  test.each<readonly [string, Partial<SyncSpec>]>([
    ['sync { default.rsync, { { { delay = 3 } } }, BASE }', { kind: 'rsync', delayMs: 3000 }],
    ['sync { { delay = 3 }, { delay = 4 }, default.rsync, BASE }', { delayMs: 3000 }],
    ['sync { default.direct, false, BASE }', { kind: 'direct' }],
    ['local t = { default.rsync } t[2] = t sync { t, BASE }', { kind: 'rsync' }],
    [
      'local t = {} for k, v in pairs(default.rsync) do t[k] = v end t.delete = false sync { t, BASE }',
      { kind: 'rsync', delete: false },
    ],
    [
      'local t = {} for k, v in pairs(default.rsync) do t[k] = v end t.name = "x" sync { t, BASE }',
      { name: 'x', delayMs: 15_000 },
    ],
    ['sync { action = default.direct.action, BASE, delay = 2 }', { kind: 'direct', delayMs: 2000 }],
    [
      'default.rsync.exclude = { "x" } sync { default.rsync, BASE, exclude = { "y" } }',
      { excludes: ['y', 'x'] },
    ],
    ['default.maxDelays = 7 sync { default.rsync, BASE }', { maxDelays: 7 }],
  ])('%s', (text, expected) => {
    expect(specOf(text)).toMatchObject(expected);
  });
});

describe('nearestName()', () => {
  test.each([
    ['exlude', 'exclude'],
    ['excldue', 'exclude'],
    ['DELAY', 'delay'],
    ['frobnicate', undefined],
    ['x', undefined],
  ])('of %s is %s', (name, expected) => {
    expect(nearestName(name, ['exclude', 'delay', 'source'])).toBe(expected);
  });
});
