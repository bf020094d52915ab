import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Settings, SyncSpec } from '../../src/config/sync-spec.ts';
import { builtIn, errorOf, loadText, makeDirectory, noOptions, warningsOf } from './load-text.ts';
import type { TextOptions } from './load-text.ts';

const sync = 'sync { default.rsync, BASE }';

function settingsOf(text: string, options: TextOptions = {}): Settings {
  return loadText(`${text} ${sync}`, options).config.settings;
}

function syncOf(text: string, options: TextOptions = {}): SyncSpec {
  return builtIn(loadText(text, options).config.syncs[0]);
}

describe('settings', () => {
  test('have their defaults', () => {
    expect(settingsOf('')).toEqual({
      logfile: undefined,
      pidfile: undefined,
      nodaemon: false,
      onepass: false,
      insist: false,
      statusFile: undefined,
      statusIntervalSeconds: 10,
      logfacility: 'user',
      logident: 'tsyncd',
      inotifyMode: 'CloseWrite',
      maxProcesses: undefined,
      log: [],
      logformat: 'lsyncd',
    });
  });

  test.each<readonly [string, Partial<Settings>]>([
    ['settings{ nodaemon = true } settings{ insist = true }', { nodaemon: true, insist: true }],
    ['settings{ "nodaemon", "insist", "onepass" }', { nodaemon: true, insist: true, onepass: true }],
    [
      'settings{ nodaemon = "true", insist = 1, onepass = "1" }',
      { nodaemon: true, insist: true, onepass: true },
    ],
    ['settings{ nodaemon = true } settings{ nodaemon = false }', { nodaemon: false }],
    ['settings{ statusInterval = "20" }', { statusIntervalSeconds: 20 }],
    ['settings{ statusInterval = 0 }', { statusIntervalSeconds: 0 }],
    ['settings{ inotifyMode = "CloseWrite or Modify" }', { inotifyMode: 'CloseWrite or Modify' }],
    [
      'settings{ logfacility = "LOCAL3", logident = "mirror" }',
      { logfacility: 'local3', logident: 'mirror' },
    ],
    ['settings{ logfacility = 3 }', { logfacility: 3 }],
    ['settings{ maxProcesses = "4" }', { maxProcesses: 4 }],
    ['settings{ log = "all" }', { log: ['all'] }],
    ['settings{ log = { "Exec", "Delay" } }', { log: ['Exec', 'Delay'] }],
    ['settings{ log = { Exec = true, Delay = false } }', { log: ['Exec'] }],
    ['settings{ logformat = "json" }', { logformat: 'json' }],
    ['settings{ log = all, delay = running; insist = nill }', { log: [], insist: false }],
    ['settings{ insist = true; nodaemon = true; }', { insist: true, nodaemon: true }],
    [`${sync} settings{ insist = true }`, { insist: true }],
    [`settings{ insist = true, ${sync} }`, { insist: true }],
  ])('%s', (text, expected) => {
    expect(settingsOf(text)).toMatchObject(expected);
  });

  test('are a getter too', () => {
    const text =
      'settings{ insist = true, delay = 3 } print(settings("insist"), settings("delay"), settings("nosuch"), settings.insist)';
    expect(loadText(`${text} ${sync}`).printed).toBe('true\t3\tnil\ttrue\n');
  });

  test('paths are absolute, below the directory where it was started', () => {
    const { config, directory } = loadText(
      `settings{ logfile = "log", statusFile = "/run/s", pidfile = "./p" } ${sync}`,
    );
    expect(config.settings).toMatchObject({
      logfile: `${directory}/log`,
      statusFile: '/run/s',
      pidfile: `${directory}/p`,
    });
  });

  test('the command line wins over them', () => {
    const cli = {
      insist: true,
      nodaemon: true,
      onepass: true,
      logfile: '/l',
      pidfile: '/p',
      log: ['Exec'],
    } as const;
    const text =
      'settings{ insist = false, nodaemon = false, logfile = "/x", pidfile = "/y", log = "Delay" }';
    expect(settingsOf(text, { cli })).toMatchObject({ ...cli, log: ['Exec', 'Delay'] });
  });

  test.each([
    [
      'settings = { insist = true }',
      '"settings = { … }" is an old spelling; write settings{ … }, without the equal sign',
    ],
    ['settings.insist = true', '"settings.insist = …" is an old spelling; write settings{ insist = … }'],
    ['settings{ statusIntervall = 2 }', '"statusIntervall" is an old spelling; write "statusInterval"'],
    ['settings{ statusfile = "/x" }', '"statusfile" is an old spelling; write "statusFile"'],
  ])('%s loads with a warning, and not with -strict', (text, warning) => {
    expect(warningsOf(`${text}\n${sync}`)).toEqual([`DIR/conf.lua:1: settings: ${warning}`]);
    expect(errorOf(`${text}\n${sync}`, { cli: { strict: true } })).toBe(
      `error preparing DIR/conf.lua: DIR/conf.lua:1: settings: ${warning} (-strict)`,
    );
  });

  test('a text that is true by Lua and hardly meant so is warned of', () => {
    expect(warningsOf(`settings{ insist = "false" }\n${sync}`)).toEqual([
      'DIR/conf.lua:1: settings: insist = "false" counts as true; write true or false',
    ]);
  });
});

describe('precedence', () => {
  const own = 'sync { default.rsync, BASE, delay = 2, maxDelays = 20 }';
  const inherited = 'base = { default.rsync, delay = 3 } sync { base, BASE }';
  const afterDefault = 'sync { default.rsync, { delay = 4 }, BASE }';

  test.each([
    ['the default of rsync', sync, 15_000],
    ['the default of direct', 'sync { default.direct, BASE }', 1000],
    [
      'the default of rsyncssh',
      'sync { default.rsyncssh, source = "DIR/src", host = "h", targetdir = "x" }',
      15_000,
    ],
    ['settings before the default', `settings{ delay = 7 } ${sync}`, 7000],
    ['settings after the sync', `${sync} settings{ delay = 7 }`, 7000],
    ['the sync before settings', `settings{ delay = 7 } ${own}`, 2000],
    ['a base table before settings', `settings{ delay = 7 } ${inherited}`, 3000],
    ['a base table behind default.rsync', afterDefault, 4000],
    ['a fraction', 'sync { default.rsync, BASE, delay = 0.25 }', 250],
    ['the config’s own default', `default.rsync.delay = 6 ${sync}`, 6000],
  ])('of delay: %s', (_name, text, delayMs) => {
    expect(syncOf(text).delayMs).toBe(delayMs);
  });

  test('of delay: the command line before all', () => {
    expect(syncOf(`settings{ delay = 7 } ${own}`, { cli: { delaySeconds: 9 } }).delayMs).toBe(9000);
  });

  test.each([
    [sync, 1000],
    [`settings{ maxDelays = 5 } ${sync}`, 5],
    [`settings{ maxDelays = 5 } ${own}`, 20],
  ])('of maxDelays: %s', (text, maxDelays) => {
    expect(syncOf(text).maxDelays).toBe(maxDelays);
  });

  test('settings{maxProcesses} is a limit over all syncs, and none for each', () => {
    const text = `settings{ maxProcesses = 5 } sync { default.rsyncssh, source = "DIR/src", host = "h", targetdir = "x" }`;
    const { config } = loadText(text);
    expect(config.settings.maxProcesses).toBe(5);
    expect(config.syncs[0]?.maxProcesses).toBe(1);
  });

  test('delete = false in a table behind default.rsync is not lost', () => {
    expect(syncOf('sync { default.rsync, { delete = false }, BASE }').delete).toBe(false);
  });
});

describe('syncs of the command line', () => {
  test('of all kinds, mixed', () => {
    const directory = makeDirectory();
    const { syncs, file, settings } = loadConfig({
      cli: {
        ...noOptions,
        delaySeconds: 3,
        sshopts: '-p 2222 -4',
        insist: true,
        monitor: 'chokidar',
        syncs: [
          { kind: 'rsync', source: 'src', target: 'trg' },
          { kind: 'rsyncssh', source: 'src', host: 'h', targetdir: 'x' },
          { kind: 'direct', source: './src', target: './trg/' },
        ],
      },
      programName: 'lsyncd',
      monitors: ['chokidar'],
      cwd: directory,
    });
    expect(file).toBeUndefined();
    expect(settings.insist).toBe(true);
    expect(syncs).toMatchObject([
      {
        kind: 'rsync',
        index: 1,
        name: 'Sync1',
        where: 'command line',
        target: `${directory}/trg/`,
        delayMs: 3000,
        monitor: 'chokidar',
      },
      {
        kind: 'rsyncssh',
        host: 'h',
        targetdir: 'x/',
        ssh: { args: ['-p', '2222', '-4'] },
        rsync: { longOptions: ['--rsh=ssh -p 2222 -4'] },
      },
      { kind: 'direct', source: `${directory}/src/`, target: `${directory}/trg/` },
    ]);
  });

  test('-script runs before the config', () => {
    const { directory } = loadText(sync);
    expect(errorOf(sync, { directory, cli: { script: `${directory}/nosuch.lua` } })).toBe(
      "Cannot find config file at 'DIR/nosuch.lua'.",
    );
    expect(
      loadText('print(1) sync { default.rsync, BASE }', {
        directory,
        cli: { script: `${directory}/conf.lua` },
      }).printed,
    ).toBe('1\n1\n');
  });
});
