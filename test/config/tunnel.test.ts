// tunnel{} and the `tunnel` of a sync: what is taken, what it becomes, what is said where it cannot be.

import { describe, expect, test } from 'vitest';
import { errorOf, loadText, warningsOf } from './load-text.ts';

const inSync = (tunnel: string): string => `
sync { default.rsync, source = "DIR/src", target = "rsync://^localhost:^localport/m", tunnel = ${tunnel} }`;

describe('tunnel{}', () => {
  test('has the defaults of lsyncd', () => {
    const { config, directory } = loadText(inSync('tunnel { command = { "ssh", "-N", "host" } }'));
    expect(config.syncs[0]).toMatchObject({ target: 'rsync://^localhost:^localport/m/' });
    expect(config.syncs[0]?.tunnel).toEqual({
      where: `${directory}/conf.lua:2`,
      command: ['ssh', '-N', 'host'],
      parallel: 1,
      localport: undefined,
      localhost: 'localhost',
      retryDelayMs: 10_000,
      readyDelayMs: 5000,
    });
  });

  test('takes every option', () => {
    const { config } = loadText(
      inSync(
        `tunnel { mode = "pool", parallel = 3, command = { "t", "\${localport}" }, localhost = "::1", retryDelay = 0.5, readyDelay = "2" }`,
      ),
    );
    expect(config.warnings).toEqual([]);
    expect(config.syncs[0]?.tunnel).toMatchObject({
      command: ['t', '${localport}'],
      parallel: 3,
      localhost: '::1',
      retryDelayMs: 500,
      readyDelayMs: 2000,
    });
  });

  test('may be shared by syncs, and inherited', () => {
    const { config } = loadText(`
      local shared = tunnel { command = { "t" } }
      sync { default.rsync, source = "DIR/src", target = "h::a", tunnel = shared }
      sync { default.rsync, source = "DIR/src", target = "h::b", { tunnel = shared } }
      sync { default.rsync, source = "DIR/src", target = "h::c", tunnel = tunnel { command = { "t" } } }`);
    const [a, b, c] = config.syncs.map((sync) => sync.tunnel);
    expect(a).toBeDefined();
    expect(b).toBe(a);
    expect(c).not.toBe(a);
  });

  test('goes with the port of ssh in default.rsyncssh', () => {
    const { config } = loadText(`
      sync {
        default.rsyncssh, source = "DIR/src", host = "^localhost", targetdir = "/x",
        ssh = { port = "^localport" }, tunnel = tunnel { command = { "t" } },
      }`);
    expect(config.syncs[0]).toMatchObject({
      ssh: { args: ['-p', '^localport'] },
      rsync: { longOptions: ['--rsh=ssh -p ^localport'] },
    });
  });

  test.each([
    ['tunnel {}', 'Cannot use tunnel.command (a nil): expected a table of texts'],
    ['tunnel { command = "ssh -N" }', 'Cannot use tunnel.command "ssh -N": expected a table of texts'],
    [
      'tunnel { command = { "t" }, mode = "pol" }',
      'Cannot use tunnel.mode "pol": expected "command" or "pool"',
    ],
    [
      'tunnel { comand = { "t" } }',
      'Parameter "tunnel.comand" unknown (DIR/conf.lua:2); did you mean "tunnel.command"?',
    ],
    [
      'tunnel { command = { "t" }, retryDelay = "soon" }',
      'Cannot use tunnel.retryDelay "soon": expected a number of seconds >= 0',
    ],
    [
      'tunnel { command = { "t" }, mode = "pool", parallel = 2 }',
      'Cannot use tunnel.parallel 2: each needs a port of its own: write ^localport in command',
    ],
    ['tunnel "ssh"', 'Cannot use tunnel "ssh": expected a table'],
    [
      '{ command = { "t" } }',
      'Cannot use tunnel (a table): expected tunnel { command = { … } } (DIR/conf.lua:2, sync 1)',
    ],
  ])('%s is refused', (lua, message) => {
    expect(errorOf(inSync(lua))).toContain(`DIR/conf.lua:2: ${message}`);
  });

  test('is refused for a target of this machine', () => {
    expect(errorOf('sync { default.direct, BASE, tunnel = tunnel { command = { "t" } } }')).toContain(
      'Parameter "tunnel" unknown (sync 1: tunnel); it belongs to default.rsync and default.rsyncssh',
    );
  });

  test.each([
    ['parallel = 2', 'tunnel.parallel counts for mode = "pool" only'],
    [
      'checkExitCodes = true',
      'tunnel.checkExitCodes has no effect: a tunnel that ends is always started again',
    ],
  ])('%s is taken with a warning', (option, warning) => {
    expect(warningsOf(inSync(`tunnel { command = { "^localport" }, ${option} }`))).toEqual([
      `DIR/conf.lua:2: tunnel: ${warning}`,
    ]);
  });
});

describe('a port that is named on one side only', () => {
  const target = (port: string, tunnel: string): string =>
    `\nsync { default.rsync, source = "DIR/src", target = "rsync://localhost:${port}/m", ${tunnel} }`;

  test.each([
    [target('^localport', ''), '^localport stands for nothing: there is no tunnel'],
    [
      target('^localport', 'tunnel = tunnel { command = { "ssh", "-L", "1:h:873" } }'),
      'nobody listens on ^localport: the command of the tunnel does not name it',
    ],
    [
      target('8730', 'tunnel = tunnel { command = { "ssh", "-L", "^localport:h:873" } }'),
      'nothing goes through the tunnel: ^localport stands in its command only',
    ],
  ])('%s is warned of', (text, warning) => {
    expect(warningsOf(text)).toEqual([`DIR/conf.lua:2: sync 1: ${warning}`]);
  });

  test.each([
    target('1', 'tunnel = tunnel { command = { "ssh", "-L", "1:h:873" } }'),
    target('^localport', 'tunnel = tunnel { command = { "proxy" }, localport = 8730 }'),
    target('8730', 'tunnel = tunnel { command = { "proxy", "^localport" }, localport = 8730 }'),
  ])('%s is not', (text) => {
    expect(warningsOf(text)).toEqual([]);
  });
});

describe('batchSizeLimit', () => {
  test('lets default.rsyncssh have several processes', () => {
    const text =
      'sync { default.rsyncssh, source = "DIR/src", host = "h", targetdir = "/x", maxProcesses = 3 ';
    expect(errorOf(`${text} }`)).toContain('default.rsyncssh must have maxProcesses set to 1.');
    const { config } = loadText(`${text}, batchSizeLimit = 1024 }`);
    expect(config.warnings).toEqual([]);
    expect(config.syncs[0]).toMatchObject({ maxProcesses: 3, batchSizeLimit: 1024 });
  });
});
