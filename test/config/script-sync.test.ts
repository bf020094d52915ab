// Syncs with Lua of the user's: which ones they are, what their table holds, and what prepare may do to it.

import { describe, expect, test } from 'vitest';
import type { ScriptSpec } from '../../src/config/sync-spec.ts';
import { LuaTable } from '../../src/lua/lua-value.ts';
import { builtIn, errorOf, loadText, warningsOf } from './load-text.ts';

function scriptOf(text: string, directory?: string): ScriptSpec {
  const [spec] = loadText(text, directory === undefined ? {} : { directory }).config.syncs;
  if (spec?.kind !== 'script') throw new Error(`a ${spec?.kind} sync`);
  return spec;
}

const SOURCE = 'source = "DIR/src", target = "DIR/trg"';

describe('a sync is done by the user when it has', () => {
  test.each([
    ['an on… as text', `sync { onCreate = "touch ^pathname", ${SOURCE} }`, undefined],
    ['an on… as function', `sync { onModify = function() end, ${SOURCE} }`, undefined],
    ['onMove = true alone', `sync { onMove = true, ${SOURCE} }`, undefined],
    ['an action in a table of its own', `sync { { action = function() end }, ${SOURCE} }`, undefined],
    ['an action over that of default.rsync', `sync { default.rsync, action = print, ${SOURCE} }`, 'rsync'],
    ['init over that of default.rsync', `sync { default.rsync, init = function() end, ${SOURCE} }`, 'rsync'],
    ['collect over that of default.direct', `sync { default.direct, collect = print, ${SOURCE} }`, 'direct'],
    [
      'default.rsync.init replaced',
      `default.rsync.init = function() end sync { default.rsync, ${SOURCE} }`,
      'rsync',
    ],
    [
      'default.rsyncssh.action replaced',
      `default.rsyncssh.action = print
       sync { default.rsyncssh, source = "DIR/src", host = "h", targetdir = "d" }`,
      'rsyncssh',
    ],
    [
      'an action beside the init of default.rsync',
      `sync { action = print, init = default.rsync.init, prepare = print, ${SOURCE} }`,
      'rsync',
    ],
  ])('%s', (_name, text, base) => {
    expect(scriptOf(text).base?.kind).toBe(base);
  });

  test('but not when its own prepare fills in what default.rsync does', () => {
    const { config } = loadText(
      `sync { default.rsync, source = "DIR/src", prepare = function(config) config.target = "DIR/trg" end }`,
    );
    expect(config.syncs).toMatchObject([{ kind: 'rsync' }]);
    expect(config.script).toBeUndefined();
  });
});

describe('the table of a sync', () => {
  const dump = `
    local names = {}
    for name in pairs(config) do names[#names + 1] = tostring(name) end
    table.sort(names)
    print(table.concat(names, " "))`;

  test('has what lsyncd has when prepare is called, and `full` of 2.3', () => {
    const { printed } = loadText(
      `sync { onCreate = "true", ${SOURCE}, own = { 1 }, prepare = function(config, level) print(level) ${dump} end }`,
    );
    expect(printed).toBe(
      '4\naction checkgauge collect full init maxDelays maxProcesses onCreate own prepare source target\n',
    );
  });

  test('has what lsyncd adds once it is prepared', () => {
    const { config, directory } = loadText(`sync { onCreate = "true", ${SOURCE} }`);
    const [spec] = config.syncs;
    if (spec?.kind !== 'script') throw new Error('no script');
    const table = spec.config.copy();
    expect(table.get('_source')).toBe(`${directory}/src`);
    expect(table.get('source')).toBe(`${directory}/src/`);
    expect(table.get('target')).toBe(`${directory}/trg`);
    expect(table.get('name')).toBe('Sync1');
    expect(table.get('monitor')).toBe('inotify');
    expect(table.get('maxProcesses')).toBe(1);
  });

  test('with default.rsync has a target with a slash, and the options of rsync', () => {
    const spec = scriptOf(
      `sync { default.rsync, init = function() end, ${SOURCE}, rsync = { archive = true, _extra = { "-x" } } }`,
    );
    expect(spec.config.get('target')).toMatch(/trg\/$/);
    expect(computedOf(spec, 'rsync')).toEqual(['-lptgosD', '-x']);
  });

  test('with default.rsyncssh has the options of both', () => {
    const spec = scriptOf(
      `sync { default.rsyncssh, init = function() end, source = "DIR/src", host = "h", targetdir = "d",
         ssh = { port = 22 } }`,
    );
    expect(spec.config.get('targetdir')).toBe('d/');
    expect(computedOf(spec, 'ssh')).toEqual(['-p', '22']);
    expect(computedOf(spec, 'rsync')).toEqual(['-lts', '--rsh=ssh -p 22']);
  });

  test('is a copy: tables of the user are not shared with it', () => {
    const { printed } = loadText(
      `local own = {} sync { onCreate = "true", ${SOURCE}, own = own, prepare = function(c) print(c.own == own) end }`,
    );
    expect(printed).toBe('false\n');
  });

  test('is without keys that are neither text nor number, and without coroutines', () => {
    const { printed } = loadText(
      `sync { onCreate = "true", ${SOURCE}, own = { [true] = 1, a = coroutine.create(print), b = 2 },
         prepare = function(config) for key, value in pairs(config.own) do print(key, value) end end }`,
    );
    expect(printed).toBe('b\t2\n');
  });

  test('is what getConfig() of the inlet gives', () => {
    const { printed } = loadText(
      `local inlet = sync { onCreate = "true", ${SOURCE}, syncid = "x", checkgauge = { syncid = true } }
       print(type(inlet), inlet.getConfig().syncid, inlet.getConfig() == inlet.getConfig())`,
    );
    expect(printed).toBe('table\tx\ttrue\n');
  });
});

function computedOf(spec: ScriptSpec, key: string): readonly unknown[] {
  const options = spec.config.get(key);
  const computed = options instanceof LuaTable ? options.get('_computed') : undefined;
  return computed instanceof LuaTable ? computed.positional() : [];
}

describe('prepare', () => {
  test('of a base table fills in targetdir, excludeFrom and name of each sync', () => {
    const { config } = loadText(`
      io.open("DIR/one.exclude", "w"):write("*.bak"):close()
      local base = { default.rsyncssh, host = "h", prepare = function(config, level)
        config.targetdir = "/backup" .. config.syncid
        config.excludeFrom = "DIR/one.exclude"
        config.name = "to-" .. config.syncid
        return default.rsyncssh.prepare(config, level)
      end, checkgauge = { default.rsyncssh.checkgauge, syncid = true } }
      sync { base, source = "DIR/src", syncid = "A" }
      sync { base, source = "DIR/src", syncid = "B" }`);
    expect(config.syncs).toMatchObject([
      { kind: 'rsyncssh', name: 'to-A', targetdir: '/backupA/', excludes: ['*.bak'] },
      { kind: 'rsyncssh', name: 'to-B', targetdir: '/backupB/', excludes: ['*.bak'] },
    ]);
  });

  test('changes options of rsync, and takes defaults away', () => {
    const { config } = loadText(`sync { default.rsync, ${SOURCE}, rsync = { compress = true },
      prepare = function(config) config.rsync.perms = true config.rsync.links = nil config.delay = 3 end }`);
    expect(builtIn(config.syncs[0])).toMatchObject({ delayMs: 3000, rsync: { shortFlags: 'ptzs' } });
  });

  test('may read rsync._computed once default.rsync.prepare was called', () => {
    const { printed, config } = loadText(`sync { default.rsync, ${SOURCE}, prepare = function(config, level)
      default.rsync.prepare(config, level) print(config.rsync._computed[1], config.target) end }`);
    expect(printed).toMatch(/^-lts\t.*trg\/\n$/);
    expect(builtIn(config.syncs[0]).rsync.shortFlags).toBe('lts');
  });

  test('that does not call the default one takes any key', () => {
    const { config } = loadText(`sync { default.rsync, ${SOURCE}, own = 1, prepare = function() end }`);
    expect(config.syncs).toMatchObject([{ kind: 'rsync' }]);
  });

  test('may leave the behaviour out that the sync inherits, where the action does all', () => {
    const spec = scriptOf(
      'sync { default.rsync, source = "DIR/src", action = function() end, prepare = function() end }',
    );
    expect(spec.base).toBeUndefined();
  });
});

const at = (line: number): string => `error preparing DIR/conf.lua: DIR/conf.lua:${line}: `;
const unknown = (name: string): string =>
  `Parameter "${name}" unknown. ( if this is not a typo add it to checkgauge )`;
const withAction = (fields: string): string => `\nsync { action = function() end, ${SOURCE}, ${fields} }`;

describe('a sync of the user is refused', () => {
  test.each([
    ['with a key that no gauge has', withAction('own = 1'), at(2) + unknown('own')],
    [
      'with one in a table that a gauge has',
      withAction('own = { a = 1, b = 1 }, checkgauge = { own = { a = true } }'),
      at(2) + unknown('own.b'),
    ],
    [
      'with another value where a gauge has a table',
      withAction('own = 1, checkgauge = { own = { a = true } }'),
      `${at(2)}Parameter "own" must be a table.`,
    ],
    [
      'with a key that the gauge of default.rsync has not',
      withAction('rsync = { arxive = 1 }, checkgauge = { default.rsync.checkgauge, host = true }'),
      at(2) + unknown('rsync.arxive'),
    ],
    [
      'with onCreate beside default.rsync',
      `sync { { onCreate = "true" }, default.rsync, ${SOURCE} }`,
      at(1) + unknown('onCreate'),
    ],
    [
      'with onAttrib beside default.rsync',
      `sync { default.rsync, onAttrib = "true", ${SOURCE} }`,
      at(1) + unknown('onAttrib'),
    ],
    [
      'with onCreate beside default.rsync, its action replaced',
      `sync { default.rsync, action = function() end, onCreate = "true", ${SOURCE} }`,
      at(1) + unknown('onCreate'),
    ],
    [
      'by its own prepare at the level it was given',
      withAction('prepare = function(config, level)\n error("no way", level) end'),
      `${at(2)}no way`,
    ],
    [
      'by default.prepare that its own prepare calls',
      withAction('own = 1, prepare = function(config, level)\n\n default.prepare(config, level + 1) end'),
      at(2) + unknown('own'),
    ],
    [
      'by default.rsync.prepare that its own prepare calls',
      `\nsync { action = print, source = "DIR/src", prepare = function(config, level)
         return default.rsync.prepare(config, level) end }`,
      `${at(2)}default.rsync needs "target" configured`,
    ],
    [
      'with an action that is a text',
      `sync { action = "true", onCreate = "true", ${SOURCE} }`,
      `${at(1)}Cannot use action "true": expected a function (DIR/conf.lua:1, sync 1)`,
    ],
    [
      'with onCreate that is a number',
      `sync { onCreate = 5, ${SOURCE} }`,
      `${at(1)}Cannot use onCreate 5: expected a text or a function (DIR/conf.lua:1, sync 1)`,
    ],
    [
      'without a source',
      '\nsync { onCreate = "true", target = "x" }',
      'DIR/conf.lua:2: source missing from sync.',
    ],
    [
      'without anything to do',
      `sync { ${SOURCE} }`,
      `${at(1)}no actions specified. A sync begins with default.rsync, default.rsyncssh or default.direct`,
    ],
    ['with a delay that is none', withAction('delay = "x"'), `${at(2)}delay must be a number and >= 0`],
  ])('%s', (_name, text, message) => {
    expect(errorOf(text)).toBe(message);
  });
});

describe('a sync of the user', () => {
  test('may have what its own gauge and those in it name', () => {
    const spec = scriptOf(
      withAction(`host = 1, rsync = { archive = true }, own = { a = 1 },
        checkgauge = { default.rsync.checkgauge, host = true, own = { a = true } }`),
    );
    expect(spec.base).toBeUndefined();
  });

  test('has the common settings', () => {
    const text = withAction(
      'delay = 2, maxProcesses = 3, maxDelays = 7, exclude = { "*.o" }, name = "mine", onMove = true',
    );
    expect(scriptOf(text)).toMatchObject({
      name: 'mine',
      delayMs: 2000,
      maxProcesses: 3,
      maxDelays: 7,
      excludes: ['*.o'],
      takesMoves: true,
    });
  });

  test('splits moves without onMove, and has no delay by itself', () => {
    expect(scriptOf(withAction(''))).toMatchObject({ takesMoves: false, delayMs: 0, maxProcesses: 1 });
  });

  test('with default.rsync has its delay, and all of it as base', () => {
    const spec = scriptOf(
      `sync { default.rsync, init = function() end, ${SOURCE}, rsync = { archive = true } }`,
    );
    expect(spec).toMatchObject({
      delayMs: 15_000,
      base: { kind: 'rsync', rsync: { shortFlags: 'lptgosD' } },
    });
  });

  test('is warned of a variable within single quotes', () => {
    expect(warningsOf(`sync { onCreate = "echo '^path'", ${SOURCE} }`)).toEqual([
      'DIR/conf.lua:1: sync 1: onCreate: ^path stands within single quotes, where the shell leaves it as it is',
    ]);
  });
});

describe("a sync whose init alone is the user's", () => {
  test('may not copy into its own source either', () => {
    expect(
      errorOf('sync { default.rsync, init = function() end, source = "DIR", target = "DIR/trg" }'),
    ).toContain('it lies in its own source');
  });
});

describe('of the command line', () => {
  const cli = { syncs: [{ kind: 'rsync', source: 'src', target: 'trg' }] } as const;

  test('a sync has the init that the config gave to default.rsync', () => {
    const { config } = loadText('default.rsync.init = function() end', { cli });
    expect(config.syncs).toMatchObject([{ kind: 'script', base: { kind: 'rsync' } }]);
  });

  test('a sync is refused by a prepare that the config gave to default.rsync', () => {
    expect(errorOf('default.rsync.prepare = function() error("no", 0) end', { cli })).toBe(
      'command line: no',
    );
  });
});

describe('default', () => {
  test('.rsync replaced by a table of the user is that table', () => {
    const spec = scriptOf(
      `default.rsync = { action = function() end, prepare = function() end } sync { default.rsync, ${SOURCE} }`,
    );
    expect(spec.base).toBeUndefined();
  });

  test('.rsync is what .rsyncssh inherits from', () => {
    const text = `default.rsync.init = function() end
      sync { default.rsyncssh, source = "DIR/src", host = "h", targetdir = "d" }`;
    expect(scriptOf(text).base?.kind).toBe('rsyncssh');
  });

  test('.rsyncExitCodes is the table of .rsync and .direct too', () => {
    const { config } = loadText(`default.rsyncExitCodes[23] = "ok"
      sync { default.rsync, ${SOURCE} } sync { default.direct, ${SOURCE} }`);
    expect(config.syncs.map((spec) => builtIn(spec).rsyncExitCodes.get(23))).toEqual(['ok', 'ok']);
  });

  test.each([
    ['default.rsync', 'action full init prepare'],
    ['default.rsyncssh', 'action collect prepare'],
    ['default.direct', 'action collect init prepare'],
    ['default', 'action collect full init prepare'],
  ])('%s has its functions', (owner, names) => {
    const { printed } = loadText(`local names = {}
      for name, value in pairs(${owner}) do if type(value) == "function" then names[#names + 1] = name end end
      table.sort(names) print(table.concat(names, " ")) sync { default.rsync, ${SOURCE} }`);
    expect(printed).toBe(`${names}\n`);
  });
});
