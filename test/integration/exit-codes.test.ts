// Exit code and message of every way to start or not to start, as lsyncd 2.2.3/2.3.1 were seen to behave.
// A row with `differs` is better than lsyncd on purpose: docs/compatibility.md says why.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkplace, startDaemon, type Workplace } from '../helpers/daemon.ts';

interface Row {
  readonly name: string;
  /** `W` stands for the workplace in args, config and expectations. */
  readonly args: readonly string[];
  /** Written to W/conf.lua. */
  readonly config?: string;
  readonly exit: number | 'runs on';
  /** Lines of stdout, exactly, times as `T`; or a pattern. */
  readonly stdout?: string | RegExp;
  /** The same of stderr; `''` = nothing at all. */
  readonly stderr?: string | RegExp;
  /** What differs from lsyncd. */
  readonly differs?: string;
}

const NODAEMON = 'settings { nodaemon = true }\n';
const MIRROR = 'sync { default.rsync, source = "W/src", target = "W/trg" }';

function syncWith(what: string): string {
  return `${NODAEMON}sync { default.rsync, source = "W/src", target = "W/trg", ${what} }`;
}

function startupExits(code: number, behaviour = 'rsync'): string {
  const target = behaviour === 'rsyncssh' ? 'host = "h", targetdir = "W/trg"' : 'target = "W/trg"';
  return `${NODAEMON}sync { default.${behaviour}, source = "W/src", ${target}, rsync = { binary = "W/exit${code}" } }`;
}

const STARTS = 'T Normal: --- Startup ---\n';
const ARROW = 'W/src/ -> W/trg/';
const BEGINS = `${STARTS}T Normal: recursive full rsync: ${ARROW}\n`;
const FINISHED = `${BEGINS}T Normal: Startup of ${ARROW} finished.\n`;
const FINISHED_DIRECT = `${BEGINS}T Normal: Startup of "W/src/" finished: 0\n`;

const COMMAND_LINE: readonly Row[] = [
  { name: 'version', args: ['--version'], exit: 0, stdout: /^Version: \d+\.\d+\.\d+\n$/, stderr: '' },
  {
    name: 'version, one dash',
    args: ['-version'],
    exit: 0,
    stdout: /^Version: \d+\.\d+\.\d+\n$/,
    stderr: '',
  },
  { name: 'help', args: ['--help'], exit: 255, stdout: /^tsyncd version: [\s\S]*-nodaemon/, stderr: '' },
  { name: 'help, one dash', args: ['-help'], exit: 255, stdout: /USAGE[\s\S]*OPTIONS/, stderr: '' },
  { name: 'no arguments', args: [], exit: 255, stdout: /USAGE/, stderr: '' },
  {
    name: 'an unknown option',
    args: ['--frobnicate'],
    exit: 255,
    stdout: '',
    stderr: 'Error: unknown option command line option --frobnicate\n',
  },
  {
    name: 'an unknown option, one dash',
    args: ['-frobnicate', 'W/conf.lua'],
    exit: 255,
    stderr: 'Error: unknown option command line option -frobnicate\n',
  },
  {
    name: 'a short option',
    args: ['-h'],
    exit: 255,
    stderr: 'Error: unknown option command line option -h\n',
  },
  {
    name: 'an option that lacks its argument',
    args: ['-logfile'],
    exit: 255,
    stderr: 'Error: logfile needs 1 arguments\n',
  },
  {
    name: 'an option that lacks one of two',
    args: ['-rsync', 'W/src'],
    exit: 255,
    stderr: 'Error: rsync needs 2 arguments\n',
  },
  {
    name: 'a delay that is no number',
    args: ['-nodaemon', '-delay', 'abc', '-direct', 'W/src', 'W/trg'],
    exit: 255,
    stderr: /^Error: Cannot use delay "abc": expected seconds >= 0/,
    differs: 'lsyncd: a Lua error',
  },
  {
    name: 'a missing config',
    args: ['W/nothere.lua'],
    exit: 255,
    stderr: "Error: Cannot find config file at 'W/nothere.lua'.\n",
  },
  {
    name: 'a missing config, in the foreground',
    args: ['-nodaemon', 'W/nothere.lua'],
    exit: 255,
    stderr: "Error: Cannot find config file at 'W/nothere.lua'.\n",
  },
  {
    name: 'a config that is a directory',
    args: ['-nodaemon', 'W/src'],
    exit: 255,
    stderr: 'Error: error loading W/src: cannot read W/src: Is a directory\n',
  },
  {
    name: 'two configs',
    args: ['W/a.lua', 'W/b.lua'],
    exit: 255,
    stderr: 'Error: There can only be one config file in the command line.\n',
  },
  {
    name: 'a config and syncs of the command line',
    args: ['-rsync', 'W/src', 'W/trg', 'W/a.lua'],
    exit: 255,
    stderr: 'Error: There cannot be command line syncs and a config file together.\n',
  },
  {
    name: 'a log category in lower case',
    args: ['-log', 'lower', '-nodaemon', '-direct', 'W/src', 'W/trg'],
    exit: 255,
    stderr: "Error: 'lower' is not a valid logging category\n",
  },
  {
    name: 'a log category nobody uses',
    args: ['-log', 'Nosuch', '-nodaemon', '-direct', 'W/src', 'W/trg'],
    exit: 'runs on',
    stdout: FINISHED_DIRECT,
    stderr: '',
  },
  {
    name: 'the list of monitors',
    args: ['-monitor'],
    exit: 255,
    stdout: 'This Tsyncd supports these monitors:\n   inotify\n   chokidar\n\n',
    differs: 'one more monitor',
  },
  {
    name: 'an unknown monitor',
    args: ['-monitor', 'nosuch', '-nodaemon', '-direct', 'W/src', 'W/trg'],
    exit: 255,
    stderr: /^Error: .*event monitor "nosuch" unknown/,
  },
  {
    name: 'the monitor inotify',
    args: ['-monitor', 'inotify', '-nodaemon', '-direct', 'W/src', 'W/trg'],
    exit: 'runs on',
    stdout: FINISHED_DIRECT,
    stderr: '',
  },
  {
    name: '-runner',
    args: ['-runner', 'W/x.lua', 'W/conf.lua'],
    exit: 255,
    stderr: /^Error: .*runner/,
    differs: 'there is no Lua runner to replace',
  },
  {
    name: 'a source of the command line that is not there',
    args: ['-nodaemon', '-rsync', 'W/nosrc', 'W/trg'],
    exit: 255,
    stderr:
      'Error: failure getting absolute path of [W/nosrc]\nError: Cannot access source directory: W/nosrc\n',
  },
  {
    name: 'onepass, rsync',
    args: ['-nodaemon', '-onepass', '-rsync', 'W/src', 'W/trg'],
    exit: 0,
    stdout: `${FINISHED}T Normal: onepass config set, exiting\n`,
    stderr: '',
  },
  {
    name: 'onepass, direct',
    args: ['-nodaemon', '-onepass', '-direct', 'W/src', 'W/trg'],
    exit: 0,
    stdout: `${FINISHED_DIRECT}T Normal: onepass config set, exiting\n`,
    stderr: '',
    differs: 'lsyncd says it for rsync only',
  },
  {
    name: 'relative paths',
    args: ['-nodaemon', '-rsync', 'src', 'trg'],
    exit: 'runs on',
    stdout: /recursive full rsync: W\/src\/ -> /,
    stderr: '',
  },
  {
    name: '-delay',
    args: ['-nodaemon', '-delay', '.5', '-rsync', 'W/src', 'W/trg'],
    exit: 'runs on',
    stdout: FINISHED,
    stderr: '',
  },
  {
    name: '-log scarce',
    args: ['-nodaemon', '-log', 'scarce', '-rsync', 'W/src', 'W/trg'],
    exit: 'runs on',
    stdout: '',
    stderr: '',
  },
];

const CONF = ['-nodaemon', 'W/conf.lua'];

const CONFIGS: readonly Row[] = [
  {
    name: 'a syntax error',
    args: CONF,
    config: 'sync { default.rsync, source = "a", target = "b"\n',
    exit: 255,
    stdout: '',
    stderr:
      /^Error: error loading W\/conf\.lua: W\/conf\.lua:2: '}' expected \(to close '{' at line 1\) near <eof>\n$/,
  },
  {
    name: 'an error while it runs',
    args: CONF,
    config: 'local x = nil\nprint(x.y)\n',
    exit: 255,
    stderr:
      /^Error: error preparing W\/conf\.lua: W\/conf\.lua:2: attempt to index a nil value \(local 'x'\)\n/,
    differs: '2.3.1 aborts (134)',
  },
  { name: 'an empty config', args: CONF, config: '', exit: 255, stderr: 'Error: Nothing to watch!\n' },
  {
    name: 'no sync',
    args: ['W/conf.lua'],
    config: NODAEMON,
    exit: 255,
    stderr: 'Error: Nothing to watch!\n',
  },
  {
    name: 'an unknown setting',
    args: CONF,
    config: 'settings { nodaemon = true, frobnicate = 1 }',
    exit: 255,
    stderr: /^Error: error preparing W\/conf\.lua: W\/conf\.lua:1: setting "frobnicate" unknown\./,
  },
  {
    name: 'an unknown flag of settings',
    args: CONF,
    config: 'settings { nodaemon = true, "frobnicate" }',
    exit: 255,
    stderr: /^Error: error preparing W\/conf\.lua: W\/conf\.lua:1: setting "frobnicate" unknown\./,
  },
  {
    name: 'settings assigned',
    args: CONF,
    config: `settings = { nodaemon = true }\n${MIRROR}`,
    exit: 'runs on',
    stdout: FINISHED,
    stderr: /^Warn: W\/conf\.lua:1: .*settings\s?\{/,
    differs: 'lsyncd refuses; it is the spelling of 2.0',
  },
  {
    name: 'settings assigned, -strict',
    args: ['-strict', ...CONF],
    config: `settings = { nodaemon = true }\n${MIRROR}`,
    exit: 255,
    stderr: /^Error: .*W\/conf\.lua:1: .*settings\s?\{/,
  },
  {
    name: 'an unknown key of a sync',
    args: CONF,
    config: syncWith('frobnicate = 1'),
    exit: 255,
    stderr: /^Error: error preparing W\/conf\.lua: .*Parameter "frobnicate" unknown.*sync 1/,
  },
  {
    name: 'an unknown key of rsync',
    args: CONF,
    config: syncWith('rsync = { compres = true }'),
    exit: 255,
    stderr:
      /^Error: error preparing W\/conf\.lua: .*W\/conf\.lua:2.*Parameter "rsync\.compres" unknown.*rsync\.compress/,
  },
  {
    name: 'rsync that is no table',
    args: CONF,
    config: syncWith('rsync = "fast"'),
    exit: 255,
    stderr: /^Error: error preparing W\/conf\.lua: .*Parameter "rsync" must be a table\./,
  },
  {
    name: 'an unknown key of ssh',
    args: CONF,
    config: `${NODAEMON}sync { default.rsyncssh, source = "W/src", host = "h", targetdir = "W/trg", ssh = { frobnicate = 1 } }`,
    exit: 255,
    stderr: /^Error: error preparing W\/conf\.lua: .*Parameter "ssh\.frobnicate" unknown/,
  },
  {
    name: 'a missing source',
    args: CONF,
    config: `${NODAEMON}sync { default.rsync, target = "W/trg" }`,
    exit: 255,
    stderr: /^Error: W\/conf\.lua:2: source missing from sync\.\n/,
  },
  {
    name: 'a source that is not there',
    args: CONF,
    config: `${NODAEMON}sync { default.rsync, source = "W/nosrc", target = "W/trg" }`,
    exit: 255,
    stderr:
      /^Error: failure getting absolute path of \[W\/nosrc\]\nError: Cannot access source directory: W\/nosrc/,
  },
  {
    name: 'a source that is a file',
    args: CONF,
    config: `${NODAEMON}sync { default.rsync, source = "W/src/f", target = "W/trg" }`,
    exit: 255,
    stderr:
      /^Error: cannot get absolute path of dir 'W\/src\/f': is not a directory\nError: Cannot access source directory: W\/src\/f/,
  },
  {
    name: 'a missing target',
    args: CONF,
    config: `${NODAEMON}sync { default.rsync, source = "W/src" }`,
    exit: 255,
    stderr: /^Error: error preparing W\/conf\.lua: W\/conf\.lua:2: default\.rsync needs "target" configured/,
  },
  {
    name: 'a missing target, direct',
    args: CONF,
    config: `${NODAEMON}sync { default.direct, source = "W/src" }`,
    exit: 255,
    stderr:
      /^Error: error preparing W\/conf\.lua: W\/conf\.lua:2: default\.(rsync|direct) needs "target" configured/,
  },
  {
    name: 'a missing host',
    args: CONF,
    config: `${NODAEMON}sync { default.rsyncssh, source = "W/src", targetdir = "/x" }`,
    exit: 255,
    stderr: /^Error: error preparing W\/conf\.lua: W\/conf\.lua:2: default\.rsyncssh needs "host" configured/,
  },
  {
    name: 'a missing targetdir',
    args: CONF,
    config: `${NODAEMON}sync { default.rsyncssh, source = "W/src", host = "h" }`,
    exit: 255,
    stderr:
      /^Error: error preparing W\/conf\.lua: W\/conf\.lua:2: default\.rsyncssh needs "targetdir" configured/,
  },
  {
    name: 'rsyncssh with maxProcesses',
    args: CONF,
    config: `${NODAEMON}sync { default.rsyncssh, source = "W/src", host = "h", targetdir = "/x", maxProcesses = 2 }`,
    exit: 255,
    stderr:
      /^Error: error preparing W\/conf\.lua: W\/conf\.lua:2: default\.rsyncssh must have maxProcesses set to 1\./,
  },
  {
    name: 'a sync without a behaviour',
    args: CONF,
    config: `${NODAEMON}sync { source = "W/src", target = "W/trg" }`,
    exit: 255,
    stderr: /^Error: .*W\/conf\.lua:2/,
    differs: 'lsyncd starts and does nothing',
  },
  {
    name: 'default.nosuch',
    args: CONF,
    config: `${NODAEMON}sync { default.nosuch, source = "W/src", target = "W/trg" }`,
    exit: 255,
    stderr: /^Error: .*W\/conf\.lua:2/,
    differs: 'lsyncd starts and does nothing',
  },
  {
    name: 'a negative delay',
    args: CONF,
    config: syncWith('delay = -1'),
    exit: 255,
    stderr: /^Error: error preparing W\/conf\.lua: .*delay must be a number and >= 0/,
  },
  {
    name: 'a delay that is a word',
    args: CONF,
    config: syncWith('delay = "soon"'),
    exit: 255,
    stderr: /^Error: error preparing W\/conf\.lua: .*delay must be a number and >= 0/,
  },
  {
    name: 'a delay that is a number in quotes',
    args: CONF,
    config: syncWith('delay = "5"'),
    exit: 255,
    stderr: /^Error: error preparing W\/conf\.lua: .*delay must be a number and >= 0/,
  },
  {
    name: 'an exclude of the wrong type',
    args: CONF,
    config: syncWith('exclude = 5'),
    exit: 255,
    stderr: /^Error: error preparing W\/conf\.lua: .*type for exclude must be table or string/,
  },
  {
    name: 'an excludeFrom that is not there',
    args: CONF,
    config: syncWith('excludeFrom = "W/nofile"'),
    exit: 255,
    stderr: /^Error: Cannot open exclude file "W\/nofile": W\/nofile: No such file or directory/,
  },
  {
    name: 'a filterFrom that is not there',
    args: CONF,
    config: syncWith('filterFrom = "W/nofile"'),
    exit: 255,
    stderr: /^Error: Cannot open filter file "W\/nofile": W\/nofile: No such file or directory/,
  },
  {
    name: 'an unknown filter rule',
    args: CONF,
    config: syncWith('filter = { "P /x" }'),
    exit: 255,
    stderr: /^Error: Unknown filter rule: "P \/x"/,
  },
  {
    name: 'an unknown inotifyMode',
    args: CONF,
    config: `settings { nodaemon = true, inotifyMode = "Nosuch" }\n${MIRROR}`,
    exit: 255,
    stderr: /Error: 'Nosuch' not a valid inotfiyMode\./,
  },
  {
    name: 'a log file that cannot be written',
    args: CONF,
    config: `settings { nodaemon = true, logfile = "/nonexistent/dir/log" }\n${MIRROR}`,
    exit: 255,
    stderr: /Cannot open logfile \[\/nonexistent\/dir\/log\]!/,
  },
  {
    name: 'an unknown log facility',
    args: CONF,
    config: `settings { nodaemon = true, logfacility = "nosuch" }\n${MIRROR}`,
    exit: 255,
    stderr: /^Error: Logging facility 'nosuch' unknown\./,
  },
  {
    name: 'a pidfile that cannot be written, as a daemon',
    args: ['W/conf.lua'],
    config: `settings { pidfile = "/nonexistent/dir/pid", logfile = "W/log" }\n${MIRROR}`,
    exit: 255,
    stdout: 'T Normal: --- Startup, daemonizing ---\n',
    stderr: /Error: Cannot create pidfile; '\/nonexistent\/dir\/pid'/,
    differs: 'lsyncd exits 0',
  },
  {
    name: 'a status file that cannot be written',
    args: CONF,
    config: `settings { nodaemon = true, statusFile = "/nonexistent/dir/status" }\n${MIRROR}`,
    exit: 'runs on',
    stdout: FINISHED,
    stderr: /^T Error: Cannot open status file "\/nonexistent\/dir\/status" :/,
  },
];

const TEMPORARY = (where: string): RegExp =>
  new RegExp(
    `T Error: Temporary or permanent failure on startup of ${where}\\. Terminating since "insist" is not set\\.\nT Error: Sync1: \\S+ ended with .*\n$`,
  );

const STARTUPS: readonly Row[] = [
  {
    name: 'a startup rsync that fails',
    args: CONF,
    config: `${NODAEMON}sync { default.rsync, source = "W/src", target = "W/no/such/dir" }`,
    exit: 255,
    stdout: `${STARTS}T Normal: recursive full rsync: W/src/ -> W/no/such/dir/\n`,
    stderr: TEMPORARY('W/src/ -> W/no/such/dir/'),
  },
  {
    name: 'an rsync that is not there',
    args: CONF,
    config: syncWith('rsync = { binary = "/nonexistent/rsync" }'),
    exit: 255,
    stdout: BEGINS,
    stderr:
      /T Error: Failed executing \[ \/nonexistent\/rsync \]!\nT Error: Temporary or permanent failure on startup of/,
  },
  ...[1, 2, 4, 25].map((code): Row => ({
    name: `a startup rsync that exits ${code}`,
    args: CONF,
    config: startupExits(code),
    exit: 255,
    stdout: BEGINS,
    stderr: new RegExp(`T Error: Failure on startup of ${ARROW}\\.\n`),
  })),
  ...[3, 5, 6, 10, 11, 12, 14, 20, 21, 22, 30, 35, 255].map((code): Row => ({
    name: `a startup rsync that exits ${code}`,
    args: CONF,
    config: startupExits(code),
    exit: 255,
    stdout: BEGINS,
    stderr: TEMPORARY(ARROW),
  })),
  {
    name: 'a startup rsync that exits 23',
    args: CONF,
    config: startupExits(23),
    exit: 'runs on',
    stdout: new RegExp(`^${FINISHED}T Warn: Sync1: exit23 ended with 23`),
    stderr: '',
    differs: 'it is tried again, and named',
  },
  {
    name: 'a startup rsync that exits 24',
    args: CONF,
    config: startupExits(24),
    exit: 'runs on',
    stdout: FINISHED,
    stderr: '',
  },
  {
    name: 'a startup rsync that exits 99',
    args: CONF,
    config: startupExits(99),
    exit: 255,
    stderr: new RegExp(`T Error: Unknown exitcode "99" on startup of ${ARROW}\\.\n`),
  },
  {
    name: 'a startup rsync of direct that exits 1',
    args: CONF,
    config: startupExits(1, 'direct'),
    exit: 255,
    stderr: /T Error: Failure on startup of "W\/src\/": 1\n/,
  },
  {
    name: 'a startup rsync of rsyncssh that exits 1',
    args: CONF,
    config: startupExits(1, 'rsyncssh'),
    exit: 255,
    stderr: /^T Error: Failure on startup of "W\/src\/": 1\n/,
  },
  {
    name: 'a startup rsync of direct that exits 99',
    args: CONF,
    config: startupExits(99, 'direct'),
    exit: 255,
    stderr: /T Error: Unknown exitcode on startup of "W\/src\/: "99\n/,
  },
];

const SIGNALS: readonly (readonly [signal: NodeJS.Signals, exit: number, line: string])[] = [
  ['SIGTERM', 143, 'T Normal: --- TERM signal, fading ---\n'],
  ['SIGINT', 130, 'T Normal: --- INT signal, fading ---\n'],
  ['SIGQUIT', 131, ''],
  ['SIGUSR1', 138, ''],
];

describe('the exit code and the messages', () => {
  let place: Workplace;
  const failures: string[] = [];

  beforeAll(() => {
    place = makeWorkplace();
    for (const folder of ['src', 'trg']) mkdirSync(join(place.path, folder));
    place.write('src/f', 'content\n');
    for (let code = 1; code < 256; code++) {
      writeFileSync(join(place.path, `exit${code}`), `#!/bin/sh\nexit ${code}\n`);
      chmodSync(join(place.path, `exit${code}`), 0o755);
    }
  });
  afterAll(() => place.end(failures.length > 0));

  function fill(text: string): string {
    return text.replaceAll(/\bW(?=\/|$)/g, place.path);
  }

  function plain(text: string): string {
    return text.replaceAll(place.path, 'W').replaceAll(/^\d\d:\d\d:\d\d /gm, 'T ');
  }

  async function run(row: Row): Promise<{ exit: number | 'runs on'; stdout: string; stderr: string }> {
    if (row.config !== undefined) place.write('conf.lua', fill(row.config));
    const daemon = startDaemon({ args: row.args.map(fill), cwd: place.path });
    if (row.exit !== 'runs on') {
      const exit = await daemon.exited;
      return { exit, stdout: plain(daemon.stdout()), stderr: plain(daemon.stderr()) };
    }
    await seenAll(daemon, row);
    const seen = { stdout: plain(daemon.stdout()), stderr: plain(daemon.stderr()) };
    const exit = await daemon.stop();
    return { exit: exit === 143 ? 'runs on' : exit, ...seen };
  }

  async function seenAll(daemon: ReturnType<typeof startDaemon>, row: Row): Promise<void> {
    const quiet = row.args.includes('scarce');
    if (quiet) await new Promise((resolve) => daemon.child.once('spawn', resolve));
    else await daemon.saw(row.exit === 'runs on' && row.name.endsWith('exits 23') ? 'Warn' : 'finished');
    if (row.stderr instanceof RegExp) await daemon.saw(/Error|Warn/);
  }

  it.each([...COMMAND_LINE, ...CONFIGS, ...STARTUPS])('$name: $exit', async (row) => {
    const seen = await run(row);
    const shown = JSON.stringify(seen, undefined, 1);
    failures.push(row.name);
    expect(seen.exit, shown).toBe(row.exit);
    if (row.stdout !== undefined) expect(seen.stdout, shown).toEqual(matching(row.stdout));
    if (row.stderr !== undefined) expect(seen.stderr, shown).toEqual(matching(row.stderr));
    failures.pop();
  });

  it.each(SIGNALS)('%s ends it with %i', async (signal, exit, line) => {
    place.write('conf.lua', fill(`${NODAEMON}${MIRROR}`));
    const daemon = startDaemon({ args: [join(place.path, 'conf.lua')] });
    await daemon.saw('finished.');
    daemon.child.kill(signal);
    expect(await daemon.exited).toBe(exit);
    expect(plain(daemon.stdout())).toBe(`${FINISHED}${line}`);
  });

  function matching(expected: string | RegExp): unknown {
    return typeof expected === 'string' ? expected : expect.stringMatching(expected);
  }
});
