import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunOptions } from '../../src/cli/cli-options.ts';
import { optionWords } from '../../src/cli/option-table.ts';
import { parseCommandLine } from '../../src/cli/parse-command-line.ts';
import { ConfigError } from '../../src/errors.ts';

const info = { programName: 'tsyncd', version: '1.2.3' };

function parse(...argv: string[]) {
  return parseCommandLine(argv, info);
}

function optionsOf(...argv: string[]): RunOptions {
  const request = parse(...argv);
  if (request.type !== 'run') throw new Error(`Cannot run: ${request.stdout}`);
  return request.options;
}

const bare: RunOptions = {
  configFile: '/etc/lsyncd.conf',
  syncs: [],
  delaySeconds: undefined,
  insist: undefined,
  log: [],
  logfile: undefined,
  nodaemon: undefined,
  onepass: undefined,
  pidfile: undefined,
  sshopts: undefined,
  script: undefined,
  monitor: undefined,
  strict: false,
};

describe('parseCommandLine()', () => {
  it('leaves every option that is not given to the config', () => {
    expect(optionsOf('/etc/lsyncd.conf')).toEqual(bare);
  });

  const single: readonly (readonly [words: string[], expected: Partial<RunOptions>])[] = [
    [['delay', '5'], { delaySeconds: 5 }],
    [['delay', '.5'], { delaySeconds: 0.5 }],
    [['delay', '0'], { delaySeconds: 0 }],
    [['insist'], { insist: true }],
    [['log', 'all'], { log: ['all'] }],
    [['log', 'scarce'], { log: ['scarce'] }],
    [['log', 'Nosuch'], { log: ['Nosuch'] }],
    [['logfile', '/w/log'], { logfile: '/w/log' }],
    [['logfile', '-nodaemon'], { logfile: '-nodaemon' }],
    [['logfile', '--'], { logfile: '--' }],
    [['logfile', ''], { logfile: '' }],
    [['logfile', 'a=b'], { logfile: 'a=b' }],
    [['monitor', 'inotify'], { monitor: 'inotify' }],
    [['monitor', 'chokidar'], { monitor: 'chokidar' }],
    [['nodaemon'], { nodaemon: true }],
    [['onepass'], { onepass: true }],
    [['pidfile', '/w/pid'], { pidfile: '/w/pid' }],
    [['script', '/w/s.lua'], { script: '/w/s.lua' }],
    [['sshopts', '-p 2222'], { sshopts: '-p 2222' }],
    [['strict'], { strict: true }],
  ];
  it.each(single)(
    'takes %j with one dash or two, before or behind the config file',
    ([name, ...values], expected) => {
      const wanted = { ...bare, ...expected };
      expect(optionsOf(`-${name}`, ...values, '/etc/lsyncd.conf')).toEqual(wanted);
      expect(optionsOf(`--${name}`, ...values, '/etc/lsyncd.conf')).toEqual(wanted);
      expect(optionsOf('/etc/lsyncd.conf', `-${name}`, ...values)).toEqual(wanted);
    },
  );

  it('keeps the order of mixed and repeated syncs, and their words as they are', () => {
    const { syncs, configFile } = optionsOf(
      // prettier-ignore
      '-rsync',
      '/a',
      'h::m/',
      '--direct',
      '/b',
      '-rf',
      '-nodaemon',
      '-rsyncssh',
      '/c',
      'host',
      'rel dir',
      '-rsync',
      '["x"]',
      '--help=',
    );
    expect(configFile).toBeUndefined();
    expect(syncs).toEqual([
      { kind: 'rsync', source: '/a', target: 'h::m/' },
      { kind: 'direct', source: '/b', target: '-rf' },
      { kind: 'rsyncssh', source: '/c', host: 'host', targetdir: 'rel dir' },
      { kind: 'rsync', source: '["x"]', target: '--help=' },
    ]);
  });

  it('takes any words as the values of a sync', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (source, host, targetdir) => {
        fc.pre(![source, host, targetdir].some((word) => word.includes('\u{FFFD}')));
        expect(optionsOf('-rsyncssh', source, host, targetdir).syncs).toEqual([
          { kind: 'rsyncssh', source, host, targetdir },
        ]);
      }),
    );
  });

  it('gathers every -log in order', () => {
    expect(optionsOf('-log', 'scarce', 'c', '--log', 'Delay', '-log', 'Exec').log).toEqual([
      'scarce',
      'Delay',
      'Exec',
    ]);
  });

  it.each([
    [
      ['all', 'Exec', 'scarce'],
      ['Exec', 'scarce'],
    ],
    [
      ['scarce', 'all', 'Exec'],
      ['all', 'Exec'],
    ],
  ])('keeps the last level of -log %j', (words, log) => {
    expect(optionsOf(...words.flatMap((word) => ['-log', word]), 'c').log).toEqual(log);
  });

  it('lets the last of a repeated single option win', () => {
    expect(optionsOf('-delay', '1', '-delay', '2', 'c').delaySeconds).toBe(2);
  });

  const errors: readonly (readonly [argv: string[], message: string])[] = [
    [['--frobnicate'], 'unknown option command line option --frobnicate'],
    [['-frobnicate', '/w/conf.lua'], 'unknown option command line option -frobnicate'],
    [['-h'], 'unknown option command line option -h'],
    [['-'], 'unknown option command line option -'],
    [['--'], 'unknown option command line option --'],
    [['---delay', '1', 'c'], 'unknown option command line option ---delay'],
    [['-logfile=x', 'c'], 'unknown option command line option -logfile=x'],
    [['-insist=1', 'c'], 'unknown option command line option -insist=1'],
    [['-__proto__', 'c'], 'unknown option command line option -__proto__'],
    [['-frob', '-version'], 'unknown option command line option -frob'],
    [['-logfile'], 'logfile needs 1 arguments'],
    [['--log'], 'log needs 1 arguments'],
    [['-rsync', '/w/src'], 'rsync needs 2 arguments'],
    [['-rsyncssh', '/w/src', 'h'], 'rsyncssh needs 3 arguments'],
    [['-rsync', '/tmp', '-frob', '-delay'], 'delay needs 1 arguments'],
    [['-rsync', '-a', '-b', '-c'], 'unknown option command line option -c'],
    [['/w/a.lua', '/w/b.lua'], 'There can only be one config file in the command line.'],
    [
      ['-rsync', '/w/src', '/w/trg', '/w/a.lua'],
      'There cannot be command line syncs and a config file together.',
    ],
    [
      ['/w/a.lua', '-direct', '/w/src', '/w/trg'],
      'There cannot be command line syncs and a config file together.',
    ],
    [['-log', 'lower', 'c'], "'lower' is not a valid logging category"],
    [['-log', '', 'c'], "'' is not a valid logging category"],
    [['-log', '1x', 'c'], "'1x' is not a valid logging category"],
    [['-log', 'Ünic', 'c'], "'Ünic' is not a valid logging category"],
    [['-delay', 'abc', 'c'], 'Cannot use delay "abc": expected seconds >= 0'],
    [['-delay', '', 'c'], 'Cannot use delay "": expected seconds >= 0'],
    [['-delay', '-1', 'c'], 'Cannot use delay "-1": expected seconds >= 0'],
    [['-delay', 'Infinity', 'c'], 'Cannot use delay "Infinity": expected seconds >= 0'],
    [['-monitor', 'nosuch', 'c'], 'event monitor "nosuch" unknown, expected inotify or chokidar'],
    [
      ['-direct', '/a\u{FFFD}', '/b'],
      'Cannot use argument "/a\u{FFFD}": it is not UTF-8 (in a config file such a path can be written)',
    ],
    [
      ['-runner', 'x.lua', 'c'],
      'Cannot use option "-runner": there is no runner in Lua to be replaced (-script FILE loads Lua before the config)',
    ],
  ];
  it.each(errors)('refuses %j with: %s', (argv, message) => {
    expect(() => parse(...argv)).toThrow(new ConfigError(message));
  });

  it.each([
    [['-version']],
    [['--version']],
    [['-version', 'extra']],
    [['-version', '-frob']],
    [['-rsync', 'a', 'b', '-version']],
    [['-monitor', 'inotify', '-version']],
  ])('prints the version for %j, exit code 0', (argv) => {
    expect(parse(...argv)).toEqual({ type: 'print', stdout: 'Version: 1.2.3\n', exitCode: 0 });
  });

  it.each([
    [[]],
    [['-help']],
    [['--help']],
    [['/w/c', '-help']],
    [['-help', '-frob']],
    [['-frob', '-help']],
    [['-version', '-help']],
    [['a', 'b', '-help']],
    [['-nodaemon']],
    [['-log', 'all', '-delay', '1']],
    [['-logfile', '-help']],
  ])('prints the help for %j, exit code 255', (argv) => {
    const request = parse(...argv);
    expect(request).toMatchObject({ type: 'print', exitCode: 255 });
    expect(request.type === 'print' && request.stdout).toMatch(/^tsyncd version: 1\.2\.3\n\nUSAGE:\n/u);
  });

  it('names every option but -runner in the help', () => {
    const request = parse();
    const stdout = request.type === 'print' ? request.stdout : '';
    const missing = [...optionWords.keys()].filter((name) => !new RegExp(` -${name}\\b`, 'u').test(stdout));
    expect(missing).toEqual(['runner']);
    expect(stdout).toMatch(/\nOPTIONS:\n.*\nLICENSE:\n {2}MIT\n\nSEE:\n/su);
  });

  it('takes -help behind -logfile as the name of the file', () => {
    expect(optionsOf('-logfile', '-help', '/etc/lsyncd.conf').logfile).toBe('-help');
  });

  it.each([[['-monitor']], [['/w/c', '--monitor']], [['-monitor', '-nodaemon', '/w/c']]])(
    'lists the monitors for %j, exit code 255',
    (argv) => {
      expect(parse(...argv)).toEqual({
        type: 'print',
        stdout: 'This Tsyncd supports these monitors:\n   inotify\n   chokidar\n\n',
        exitCode: 255,
      });
    },
  );

  it('speaks of itself by the name it was started with', () => {
    const request = parseCommandLine([], { programName: 'lsyncd', version: '1.2.3' });
    expect(request.type === 'print' && request.stdout).toContain('    lsyncd [OPTIONS] CONFIG-FILE\n');
  });
});
