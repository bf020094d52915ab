// Odd things that configs of the wild do. What runs while a config loads is here; `elsewhere` names the tests of the rest.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AnySyncSpec } from '../../src/config/sync-spec.ts';
import { builtIn, errorOf, loadText, makeDirectory, warningsOf } from './load-text.ts';

const NODAEMON = 'settings { nodaemon = true }\n';
const SYNC = 'sync { default.rsync, BASE }';

/** The oddity → file › title of the test that shows it. */
const elsewhere: Readonly<Record<string, readonly (readonly [file: string, title: string])[]>> = {
  'settings("insist") as a getter': [['config/settings.test.ts', 'are a getter too']],
  'settings = {}, and settings after the syncs': [
    ['config/settings.test.ts', 'settings after the sync'],
    ['config/examples.test.ts', 'lsyncd-2.0.lua warns of each old spelling, with its line and the new form'],
  ],
  'what sync{} returns': [
    ['config/sync.test.ts', 'may be changed by what sync{} returns'],
    ['integration/script-oracle/layer-1.ts', 'what sync{} returns at load and at run time'],
  ],
  'a base table with default.rsyncssh and a prepare that fills it in': [
    ['config/script-sync.test.ts', 'of a base table fills in targetdir, excludeFrom and name of each sync'],
  ],
  'default.rsync.init and default.rsync replaced': [
    ['config/script-sync.test.ts', 'a sync has the init that the config gave to default.rsync'],
    ['config/script-sync.test.ts', '.rsync replaced by a table of the user is that table'],
    ['integration/script-oracle/default-values.ts', 'default.rsync.init replaced'],
  ],
  'calls into default.*': [
    ['integration/script-oracle/default-values.ts', 'a collect that calls default.collect'],
    ['integration/script-oracle/default-values.ts', 'an action that calls default.rsync.action'],
    ['integration/script-oracle/default-values.ts', 'a table on default.rsyncssh with its own action'],
    ['integration/script-oracle/default-values.ts', 'a key that its checkgauge knows'],
    ['integration/script-oracle/layer-1.ts', 'prepare writes what default.prepare needs'],
    ['integration/script-oracle/layer-1.ts', 'exitcodes = default.rsyncExitCodes'],
  ],
  'init as a predicate, init = false, init(inlet), init(event)': [
    ['integration/script-oracle/layer-1.ts', 'init as a predicate holds the events back'],
    ['integration/script-oracle/layer-1.ts', 'init = false'],
    ['integration/script-oracle/layer-1.ts', 'init(inlet) of lsyncd 2.0'],
    ['integration/script-oracle/layer-1.ts', 'init(event) starts a child'],
  ],
  'layer 3 beside default.rsync': [
    ['integration/script-oracle/layer-3.ts', 'an action beside default.rsync'],
  ],
  'spawn with stdin, nil, nested tables, a list of paths, event lists': [
    ['integration/script-oracle/layer-2.ts', 'spawn with stdin'],
    ['integration/script-oracle/layer-2.ts', 'spawn with nil among the arguments'],
    ['integration/script-oracle/layer-2.ts', 'spawn with nested tables'],
    ['integration/script-oracle/layer-1.ts', 'action: getEvents'],
    ['integration/script-oracle/layer-1.ts', 'a list can be passed to spawnShell'],
  ],
  'custom fields, rawget, event.config = config, event.inlet, getEvent(function)': [
    ['integration/script-oracle/layer-2.ts', 'custom fields'],
    ['integration/script-oracle/layer-2.ts', 'event.config and event.inlet written by the user'],
    ['integration/script-newer.test.ts', 'inlet.getEvent(test) gives the first event that passes'],
  ],
  'categories of the log that users made up': [
    ['integration/script-oracle/layer-2.ts', 'log with categories that users made up'],
  ],
  'exit codes with _verbatim': [['integration/script-oracle/layer-1.ts', 'exitcodes with _verbatim']],
  'require "socket", "json", "os"; observefd': [
    ['lua/modules.test.ts', 'require "socket"'],
    ['lua/modules.test.ts', 'require "json"'],
    ['script/script-globals.test.ts', 'hands the descriptor to its functions, until nonobservefd()'],
  ],
};

describe('an odd case', () => {
  const references = Object.entries(elsewhere).flatMap(([name, tests]) =>
    tests.map(([file, title]) => [name, file, title] as const),
  );

  test.each(references)('%s: %s has the test %s', (_, file, title) => {
    const path = new URL(`../${file}`, import.meta.url);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(title);
  });
});

/** A fresh directory with these files, by their paths. */
function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = makeDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), text.replaceAll('DIR', directory), 'latin1');
  }
  return directory;
}

const ONE = 'sync { default.rsync, source = "DIR/src", target = "DIR/one" }';
const TWO = 'sync { default.rsync, source = "DIR/src", target = "DIR/two" }';

describe('a config in parts', () => {
  const targets = (text: string, files: Readonly<Record<string, string>>): readonly string[] => {
    const directory = directoryWith(files);
    const { config } = loadText(NODAEMON + text, { directory });
    return config.syncs.map((sync) => targetOf(sync).replace(directory, ''));
  };

  test('by io.popen, package.path and require', () => {
    const text = `package.path = package.path .. ";DIR/conf.d/?.lua"
      for name in io.popen("ls DIR/conf.d"):lines() do require(name:gsub("%.lua$", "")) end`;
    expect(targets(text, { 'conf.d/one.lua': ONE, 'conf.d/two.lua': TWO })).toEqual(['/one/', '/two/']);
  });

  test('by readdir() and dofile()', () => {
    const text = `local names = {}
      for name, isdir in pairs(readdir("DIR/conf.d")) do if not isdir then names[#names + 1] = name end end
      table.sort(names) for _, name in ipairs(names) do dofile("DIR/conf.d/" .. name) end`;
    expect(targets(text, { 'conf.d/one.lua': ONE, 'conf.d/two.lua': TWO })).toEqual(['/one/', '/two/']);
  });

  test('by a helper that is a file of its own and asks the shell', () => {
    const helper = `function dodir(dir) local list = io.popen("ls -1 " .. dir .. "/*.lua")
      for file in list:lines() do dofile(file) end list:close() end`;
    expect(
      targets('dofile("DIR/dodir.lua") dodir("DIR/conf.d")', { 'dodir.lua': helper, 'conf.d/one.lua': ONE }),
    ).toEqual(['/one/']);
  });

  test('that are found beside the config, by debug.getinfo', () => {
    const text = 'dofile(debug.getinfo(1).source:match("@?(.*/)") .. "more.lua")';
    expect(targets(text, { 'more.lua': TWO })).toEqual(['/two/']);
  });
});

function targetOf(sync: AnySyncSpec): string {
  const spec = builtIn(sync);
  return spec.kind === 'rsyncssh' ? spec.targetdir : spec.target;
}

describe('settings', () => {
  test('may have a sync{} among them', () => {
    const { config } = loadText(`settings { nodaemon = true, insist = true, ${SYNC} }`);
    expect(config.syncs).toHaveLength(1);
    expect(config.settings).toMatchObject({ insist: true });
  });

  test('may be given one by one', () => {
    expect(loadText(`settings.nodaemon = true\n${SYNC}`).config.settings).toMatchObject({ nodaemon: true });
  });

  test('may be numbers and texts where others are meant', () => {
    const { config } = loadText(`settings { nodaemon = "true", insist = 1, statusInterval = "10" }\n${SYNC}`);
    expect(config.settings).toMatchObject({ nodaemon: true, insist: true, statusIntervalSeconds: 10 });
  });

  test('may have the delay of all syncs', () => {
    expect(loadText(`settings { nodaemon = true, delay = 0.5 }\n${SYNC}`).config.syncs[0]).toMatchObject({
      delayMs: 500,
    });
  });
});

describe('a sync', () => {
  const rsyncOf = (fields: string): unknown =>
    builtIn(loadText(`${NODAEMON}sync { default.rsync, BASE, ${fields} }`).config.syncs[0]).rsync;

  test.each([0.1, 0.2, 0.5])('may have a delay of %f s', (delay) => {
    const { config } = loadText(`${NODAEMON}sync { default.rsync, BASE, delay = ${delay} }`);
    expect(config.syncs[0]).toMatchObject({ delayMs: delay * 1000 });
  });

  test('may have _extra as a text, archive = 1 and chmod as a number', () => {
    expect(rsyncOf('rsync = { _extra = "-a --stats" }')).toMatchObject({ extra: ['-a', '--stats'] });
    expect(rsyncOf('rsync = { archive = 1 }')).toMatchObject({ shortFlags: 'lptgozsD'.replace('z', '') });
    expect(rsyncOf('rsync = { chmod = 666 }')).toMatchObject({ longOptions: ['--chmod=666'] });
  });

  test.each(['delete = true', 'ssh = {}'])('may not have %s within rsync = {}', (field) => {
    const key = field.split(' ')[0];
    expect(errorOf(`${NODAEMON}sync { default.rsync, BASE, rsync = { ${field} } }`)).toContain(
      `"rsync.${key}" unknown`,
    );
  });

  test('may have exit codes from 0 to 255, and _verbatim', () => {
    const codes =
      '_verbatim = true, [0] = "ok", [1] = "ok", [2] = "again", [3] = "die", [23] = "ok", [24] = "ok", [127] = "ok", [255] = "again"';
    expect(warningsOf(`${NODAEMON}sync { default.rsync, BASE, exitcodes = { ${codes} } }`)).toEqual([]);
  });

  test('may have semicolons between its keys', () => {
    expect(loadText(`${NODAEMON}sync { default.rsync; BASE; delay = 3; }`).config.syncs[0]).toMatchObject({
      delayMs: 3000,
    });
  });
});

describe('a file', () => {
  test.each([
    ['of comments only', '-- sync { default.rsync }\n--[[ settings {} ]]\n'],
    ['of settings only', NODAEMON],
  ])('%s has nothing to watch', (_, text) => {
    expect(errorOf(text)).toBe('Nothing to watch!');
  });

  test.each([
    ['with # for comments', `${NODAEMON}# my config\n${SYNC}`],
    ['saved as Markdown', `# lsyncd\n\n\`\`\`lua\n${SYNC}\n\`\`\`\n`],
    ['that lacks a comma', `${NODAEMON}sync { default.rsync BASE }`],
  ])('%s is refused with its line', (_, text) => {
    expect(errorOf(text)).toMatch(/^error loading DIR\/conf\.lua: DIR\/conf\.lua:\d+: /);
  });

  test('may have comments in any encoding', () => {
    const utf8 = Buffer.from('-- 同步目录').toString('latin1');
    expect(loadText(`${utf8}\n-- g\xe4nsef\xfc\xdfchen\n${NODAEMON}${SYNC}`).config.syncs).toHaveLength(1);
  });
});
