// Each file of examples/ is loaded as it is, but for its absolute paths, which lie below a fresh directory here.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { builtIn, loadText, makeDirectory, noOptions } from './load-text.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { AnySyncSpec, Config } from '../../src/config/sync-spec.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
/** scripts/csync2.lua wants configurations of csync2: integration/csync2.test.ts has them. */
const names = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.lua') && name !== 'scripts/csync2.lua',
);

/** What the syncs of an example come to: their kinds, sources and targets, and the number of warnings. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'base-table.lua': [
    'rsync /etc/ -> /mnt/backup/etc/',
    'rsync /home/ -> /mnt/backup/home/',
    'rsync /srv/mail/ -> backup.example.com:/srv/mail/',
  ],
  'conf.d.lua': ['direct /srv/one/ -> /mnt/one/', 'direct /srv/two/ -> /mnt/two/'],
  'demo.lua': ['rsync /source/ -> /target/'],
  'direct.lua': ['direct /home/me/notes/ -> /home/me/public/notes/'],
  'local-mirror.lua': ['rsync /srv/data/ -> /mnt/backup/data/'],
  'lsyncd-2.0.lua': ['rsyncssh /var/www/ -> web2.example.com:/var/www/'],
  'nightly.lua': ['rsync /srv/data/ -> /mnt/backup/data/'],
  'rsync-daemon.lua': ['rsync /srv/incoming/ -> backup@archive.example.com::incoming/'],
  'scripts/alarms.lua': ['script /source/'],
  'scripts/convert-images.lua': ['script /source/'],
  'scripts/copy-with-shell.lua': ['script /source/'],
  'scripts/echo.lua': ['script /source/'],
  'scripts/lftp.lua': ['script /source/'],
  'scripts/notice.lua': ['script /source/'],
  'scripts/once-quiet.lua': ['script /source/'],
  'scripts/over-ssh.lua': ['rsyncssh /source/ -> web1.example.com:/srv/www/'],
  'scripts/post-command.lua': ['script /source/'],
  'scripts/rsync-by-hand.lua': ['script /source/'],
  'scripts/s3.lua': ['script /source/'],
  'scripts/touch.lua': ['script /source/'],
  'tunnel.lua': ['rsync /srv/data/ -> rsync://^localhost:^localport/data/'],
  'two-way.lua': ['rsync /srv/shared/ -> sync@server-b.example.com:/srv/shared/'],
  'web-servers.lua': ['web1', 'web2', 'web3'].map(
    (host) => `rsyncssh /var/www/html/ -> deploy@${host}.example.com:/var/www/html/`,
  ),
};

function loadExample(name: string, strict = false): { config: Config; directory: string } {
  const directory = makeDirectory();
  for (const source of [
    'source',
    'srv/data',
    'srv/incoming',
    'srv/shared',
    'srv/mail',
    'srv/one',
    'srv/two',
    'var/www/html',
    'home/me/notes',
    'etc',
  ]) {
    mkdirSync(join(directory, source), { recursive: true });
  }
  const code = readFileSync(join(examples, name), 'utf8')
    .replaceAll(/\b(source\s*=\s*")\//g, `$1${directory}/`)
    .replaceAll(/\b(target\s*=\s*")\//g, `$1${directory}/`);
  const file = join(directory, 'conf.lua');
  vi.stubEnv('TSYNCD_DEMO', directory);
  vi.stubEnv('SOURCE', join(directory, 'source'));
  writeFileSync(file, code);
  writeConfD(directory);
  return {
    config: loadConfig({
      cli: { ...noOptions, configFile: file, strict },
      programName: 'tsyncd',
      monitors: [],
    }),
    directory,
  };
}

function writeConfD(directory: string): void {
  const confD = join(directory, 'conf.d');
  mkdirSync(confD);
  for (const name of ['two', 'one']) {
    writeFileSync(
      join(confD, `${name}.lua`),
      `sync { default.direct, source = "${directory}/srv/${name}", target = "${directory}/mnt/${name}" }`,
    );
  }
  writeFileSync(join(confD, 'README'), 'not Lua');
  mkdirSync(join(confD, 'old.lua'));
}

function shown(sync: AnySyncSpec, directory: string): string {
  if (sync.kind === 'script') return `script ${sync.source}`.replaceAll(directory, '');
  const target = sync.kind === 'rsyncssh' ? `${sync.host}:${sync.targetdir}` : sync.target;
  return `${sync.kind} ${sync.source} -> ${target}`.replaceAll(directory, '');
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('examples/', () => {
  test('each one has its expectation here', () => {
    expect(names.toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  test.each(names)('%s loads', (name) => {
    const { config, directory } = loadExample(name);
    expect(config.syncs.map((sync) => shown(sync, directory))).toEqual(expected[name]);
  });

  test.each(names.filter((name) => name !== 'lsyncd-2.0.lua'))('%s loads without a warning', (name) => {
    expect(loadExample(name, true).config.warnings).toEqual([]);
  });

  test('lsyncd-2.0.lua warns of each old spelling, with its line and the new form', () => {
    const { config, directory } = loadExample('lsyncd-2.0.lua');
    const file = join(directory, 'conf.lua');
    expect(config.warnings).toEqual([
      `${file}:8: settings: "settings = { … }" is an old spelling; write settings{ … }, without the equal sign`,
      `${file}:8: settings: "statusIntervall" is an old spelling; write "statusInterval"`,
      `${file}:10: sync 1: "Delay" is an old spelling; write "delay"`,
      `${file}:10: sync 1: "rsyncOpts" is an old spelling; write rsync = { … }, flags that have no key of their own in rsync._extra`,
      `${file}:10: sync 1: "xargs" is an old spelling; deletes over ssh need no xargs = { … } any more`,
    ]);
    expect(config.syncs[0]).toMatchObject({
      delayMs: 5000,
      rsync: { shortFlags: 'ltvupgo', extra: ['--chmod=Dg+s'] },
      xargs: { binary: '/usr/bin/xargs', delimiter: '\0' },
    });
    expect(() => loadExample('lsyncd-2.0.lua', true)).toThrow('-strict');
  });

  test('tunnel.lua and nightly.lua: what they are there for', () => {
    expect(loadExample('tunnel.lua').config.syncs[0]).toMatchObject({
      tunnel: { parallel: 2, retryDelayMs: 10_000 },
      batchSizeLimit: 31_457_280,
    });
    expect(loadExample('nightly.lua').config.syncs[0]?.crontab).toEqual(['0 30 2 * * 1-6', '0 0 5 * * 0']);
  });

  test('base-table.lua: what a sync says wins, and lists are joined', () => {
    const [etc, home, mail] = loadExample('base-table.lua').config.syncs;
    expect(etc).toMatchObject({ delayMs: 10_000, delete: 'running', excludes: ['*.bak', '/tmp'] });
    expect(home).toMatchObject({ delayMs: 60_000, excludes: ['.cache/', '*.bak', '/tmp'] });
    expect(builtIn(mail).rsync).toMatchObject({ shortFlags: 'lptgozsD', extra: ['--numeric-ids'] });
  });
});

/** The configurations of five documents in the wild (what they deploy, and how), with their paths below DIR. */
describe('configurations from the wild', () => {
  test('filters given by _extra, over ssh (MaxScale)', () => {
    const { config } = loadText(`
settings{ logfile = "DIR/maxscale-ha.log", statusFile = "DIR/maxscale-ha-status.log" }
sync{
default.rsyncssh,
-- This is where it is copied from.
source="DIR/src",
host="user@127.0.0.1",
targetdir="/etc",
-- ssh={port=2222},
rsync={
      compress=true,
	  _extra = {[[--filter=+ *maxscale.cnf]],
                [[--filter=- **]]
               }
      }
}`);
    expect(config.warnings).toEqual([]);
    expect(builtIn(config.syncs[0]).rsync).toMatchObject({
      shortFlags: 'ltzs',
      extra: ['--filter=+ *maxscale.cnf', '--filter=- **'],
      longOptions: [],
    });
  });

  test('rsync.rsh and ssh._extra for one ssh, the old statusIntervall (training)', () => {
    const { config } = loadText(`
settings {
        logfile         = "DIR/lsyncd.log",
        statusFile      = "DIR/lsyncd.stat",
        statusIntervall = 1,
        nodaemon        = false,
}
sync {
        default.rsyncssh,
        source = "DIR/src",
        host = "192.168.33.20",
        targetdir = "/var/www/html",
        delay           = 5,
        rsync = { rsh="/usr/bin/ssh -l webuser -i /home/webuser/.ssh/id_rsa -o StrictHostKeyChecking=no"},
        ssh = {
       		_extra = {'-l','webuser','-i','/home/webuser/.ssh/id_rsa','-o','StrictHostKeyChecking=no'}
       	}
}`);
    expect(config.warnings).toHaveLength(1);
    expect(config.settings).toMatchObject({ statusIntervalSeconds: 1, nodaemon: false });
    expect(config.syncs[0]).toMatchObject({
      rsync: {
        longOptions: [
          '--rsh=/usr/bin/ssh -l webuser -i /home/webuser/.ssh/id_rsa -o StrictHostKeyChecking=no',
        ],
      },
      ssh: { args: ['-l', 'webuser', '-i', '/home/webuser/.ssh/id_rsa', '-o', 'StrictHostKeyChecking=no'] },
    });
  });

  test('a generated list of slaves', () => {
    const { config } = loadText(`
settings = { delay = 1, maxDelays = 5, statusFile = "DIR/status", logfile = "DIR/log" }
targetlist = { "10.0.0.1:/d", "10.0.0.2:/d" }
for _, server in ipairs(targetlist) do
  sync{ default.rsync, source="DIR/src", target=server, rsyncOpts={"-rltvupgo"} }
end`);
    expect(config.syncs.map((sync) => (sync.kind === 'rsync' ? sync.target : ''))).toEqual([
      '10.0.0.1:/d/',
      '10.0.0.2:/d/',
    ]);
    expect(config.syncs[0]).toMatchObject({ delayMs: 1000, maxDelays: 5, rsync: { shortFlags: 'ltvupgo' } });
  });

  test.each(['a', 'b'])('the two-way pair, host %s', (host) => {
    const { config } = loadText(`
settings {
  logfile        = "DIR/lsyncd.log",
  statusFile     = "DIR/lsyncd.status",
  statusInterval = 30,
  insist         = true,
  inotifyMode    = "Modify",
  delay          = 0,
  maxProcesses   = 8
}
lcv_rsh = "/usr/bin/ssh -i /home/webmgr/.ssh/tgt-${host}-sync-rsa2048.key"
lcv_tgtimg = "imgcms@tgt-b.host.local:/home/imgcms/images"
sync {
  default.rsync,
  source = "DIR/src/",
  target = lcv_tgtimg,
  delete = "running",
  -- init = false,
  rsync  = {
    temp_dir = "/home/imgcms/tmpdir",
    update   = true,
    archive  = true,
    compress = true,
    rsh      = lcv_rsh,
  }
}`);
    expect(config.warnings).toEqual([]);
    expect(config.settings).toMatchObject({ maxProcesses: 8, inotifyMode: 'Modify', insist: true });
    expect(config.syncs[0]).toMatchObject({
      delayMs: 0,
      maxProcesses: 1,
      delete: 'running',
      rsync: {
        shortFlags: 'lptgozusD',
        longOptions: [
          `--rsh=/usr/bin/ssh -i /home/webmgr/.ssh/tgt-${host}-sync-rsa2048.key`,
          '--temp-dir=/home/imgcms/tmpdir',
        ],
      },
    });
  });
});
