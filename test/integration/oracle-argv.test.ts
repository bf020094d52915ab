// Debian's lsyncd and tsyncd on the same config, with a recorder as rsync and as ssh: argv compared as sets, stdin as a set of lines or
// of paths. A recorder is not called rsync, so tsyncd uses the filter list, as lsyncd does.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkplace, startDaemon, TSYNCD, type Workplace } from '../helpers/daemon.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const RECORDER = fileURLToPath(new URL('../fixtures/recorder.sh', import.meta.url));
const LSYNCD = '/usr/bin/lsyncd';
const hasLsyncd = spawnSync(LSYNCD, ['-version']).status === 0;
if (!hasLsyncd && process.env['TSYNCD_TEST_NO_SKIP'] === '1')
  throw new Error(`Cannot test: ${LSYNCD} is missing`);

/** Options of `rsync = {}` that are on or off. */
const SWITCHES = [
  'acls', 'append', 'append_verify', 'archive', 'backup', 'checksum', 'compress', 'copy_dirlinks', 'copy_links', 'cvs_exclude',
  'dry_run', 'executability', 'existing', 'group', 'hard_links', 'ignore_times', 'inplace', 'ipv4', 'ipv6', 'keep_dirlinks', 'links',
  'one_file_system', 'omit_dir_times', 'omit_link_times', 'owner', 'perms', 'protect_args', 'prune_empty_dirs', 'quiet', 'sparse', 'times',
  'update', 'verbose', 'whole_file', 'xattrs',
]; // prettier-ignore

/** Options of `rsync = {}` with a value, in Lua. */
const VALUES: readonly (readonly [string, string])[] = [
  ['backup_dir', "'/b'"], ['bwlimit', '2000'], ['chmod', "'D755,F644'"], ['chown', "'root:root'"], ['groupmap', "'0:0'"], ['usermap', "'0:0'"],
  ['password_file', "'/pw'"], ['rsh', "'ssh -p 1'"], ['rsync_path', "'rsync'"], ['suffix', "'.bak'"], ['temp_dir', "'/tmp'"], ['timeout', '7'],
  ['_extra', "{ '-v', '--stats' }"],
]; // prettier-ignore

interface Sync {
  readonly name: string;
  /** What stands in `sync{}` behind source and target. */
  readonly keys: string;
  readonly behaviour?: 'rsync' | 'rsyncssh' | 'direct';
}

function rsyncWith(table: string): string {
  return `rsync = { binary = RECORDER, ${table} }`;
}

const SSH = (table: string): string => `ssh = { binary = RECORDER, ${table} }, ${rsyncWith('')}`;

const SYNCS: readonly Sync[] = [
  ...SWITCHES.map((name) => ({ name, keys: rsyncWith(`${name} = true`) })),
  ...VALUES.map(([name, value]) => ({ name, keys: rsyncWith(`${name} = ${value}`) })),
  { name: 'plain', keys: rsyncWith('') },
  { name: 'archive-less', keys: rsyncWith("archive = true, perms = false, owner = false, _extra = { '--stats', '-v' }") },
  { name: 'many', keys: rsyncWith("archive = true, compress = true, acls = true, xattrs = true, hard_links = true, whole_file = true, bwlimit = 1000, timeout = 5, rsync_path = 'x', temp_dir = '/t', verbose = true, update = true, checksum = true") },
  { name: 'flags-off', keys: rsyncWith('links = false, times = false') },
  { name: 'exclude', keys: `exclude = { '*.o', '/rmdir', '/newfile' }, ${rsyncWith('')}` },
  { name: 'exclude-string', keys: `exclude = '*.o', ${rsyncWith('')}` },
  { name: 'excludeFrom', keys: `excludeFrom = EXCLUDES, ${rsyncWith('')}` },
  { name: 'exclude-both', keys: `excludeFrom = EXCLUDES, exclude = { 'mod' }, ${rsyncWith('')}` },
  { name: 'filter', keys: `filter = { '+ /d1', '+ /d1/**', '- *.o', '- /rmdir' }, ${rsyncWith('')}` },
  { name: 'filterFrom', keys: `filterFrom = FILTERS, filter = { '- /x' }, exclude = 'mod', ${rsyncWith('')}` },
  { name: 'delete-true', keys: `delete = true, ${rsyncWith('')}` },
  { name: 'delete-false', keys: `delete = false, ${rsyncWith('')}` },
  { name: 'delete-startup', keys: `delete = 'startup', ${rsyncWith('')}` },
  { name: 'delete-running', keys: `delete = 'running', ${rsyncWith('')}` },
  { name: 'init-false', keys: `init = false, ${rsyncWith('')}` },
  { name: 'ssh-plain', behaviour: 'rsyncssh', keys: SSH('') },
  { name: 'ssh-port', behaviour: 'rsyncssh', keys: SSH('port = 2469') },
  { name: 'ssh-identityFile', behaviour: 'rsyncssh', keys: SSH("identityFile = '/id'") },
  { name: 'ssh-options', behaviour: 'rsyncssh', keys: SSH("options = { UserKnownHostsFile = '/known', LogLevel = 'ERROR' }") },
  { name: 'ssh-all', behaviour: 'rsyncssh', keys: SSH("port = 2469, identityFile = '/id', options = { UserKnownHostsFile = '/known' }") },
  { name: 'ssh-archive', behaviour: 'rsyncssh', keys: `ssh = { binary = RECORDER, port = 22 }, ${rsyncWith('archive = true')}` },
  { name: 'ssh-delete-false', behaviour: 'rsyncssh', keys: `delete = false, ${SSH('')}` },
  { name: 'ssh-exclude', behaviour: 'rsyncssh', keys: `exclude = { '*.o' }, ${SSH('')}` },
  { name: 'direct-plain', behaviour: 'direct', keys: rsyncWith('') },
  { name: 'direct-archive', behaviour: 'direct', keys: rsyncWith('archive = true') },
]; // prettier-ignore

/** One child that was started. */
interface Recorded {
  readonly argv: readonly string[];
  readonly stdin: string | undefined;
}

describe.skipIf(!hasLsyncd)('the children of tsyncd and of lsyncd', () => {
  let place: Workplace;
  const records = new Map<string, Recorded[]>();

  beforeAll(async () => {
    place = makeWorkplace();
    await Promise.all([record('lsyncd', LSYNCD), record('tsyncd', TSYNCD)]);
  });
  afterAll(() => place.end(false));

  async function record(name: string, program: string): Promise<void> {
    const work = join(place.path, name);
    for (const folder of ['src/d1/d2', 'src/rmdir/in', 'record', 'trg'])
      mkdirSync(join(work, folder), { recursive: true });
    for (const file of ['mod', 'rmfile', 'mvfile', 'd1/d2/deepmod', 'rmdir/in/f'])
      place.write(`${name}/src/${file}`, 'x\n');
    place.write(`${name}/excludes`, '# a comment\n*.o\n\n/rmdir\n');
    place.write(`${name}/filters`, '- /rmdir\n+ *.o\n');
    const config = place.write(`${name}/conf.lua`, configFor(work));
    const daemon = startDaemon({ program, args: [config], env: { RECORD: join(work, 'record') } });
    const withStartup = SYNCS.length - 1;
    await daemon.saw(/Startup of .* finished/, { times: withStartup, deadlineMs: 60_000 });
    // What is written in a second in which the full sync ran is sent with --ignore-times. (The kernel's clock for files is a little late.)
    const second = Math.floor(Date.now() / 1000);
    await waitUntil(() => Date.now() / 1000 > second + 1.1, { deadlineMs: 2000 });
    execFileSync('bash', ['-ec', 'echo >newfile; echo >>mod; echo >>d1/d2/deepmod; rm rmfile; rm -r rmdir; mkdir -p newdir/in; echo >newdir/in/z; echo >"st*r?[x]"; echo >new.o'], { cwd: join(work, 'src') }); // prettier-ignore
    const batches = SYNCS.filter((sync) => sync.behaviour !== 'direct').length;
    await daemon.saw(/Finished (a list|\(list\))/, { times: batches, deadlineMs: 60_000 });
    execFileSync('mv', ['mvfile', 'mv2'], { cwd: join(work, 'src') });
    const moves = SYNCS.filter((sync) => sync.behaviour === 'rsyncssh').length;
    await daemon.saw(/Finished Move|Cannot move/, { times: moves, deadlineMs: 60_000 });
    await daemon.stop();
    for (const [sync, recorded] of recordedBySync(work)) records.set(`${name} ${sync}`, recorded);
  }

  function configFor(work: string): string {
    const syncs = SYNCS.map(({ name, keys, behaviour = 'rsync' }) => {
      const target = join(work, 'trg', name);
      const where =
        behaviour === 'rsyncssh' ? `host = 'somehost', targetdir = '${target}'` : `target = '${target}'`;
      return `sync { default.${behaviour}, source = '${work}/src', ${where}, delay = 2, ${keys} }`;
    });
    return [
      'settings { nodaemon = true }',
      `RECORDER, EXCLUDES, FILTERS = '${RECORDER}', '${work}/excludes', '${work}/filters'`,
      ...syncs,
    ].join('\n');
  }

  function recordsIn(work: string): string[] {
    return readdirSync(join(work, 'record'))
      .filter((file) => file.endsWith('.argv'))
      .toSorted();
  }

  /** What was started for each sync, the workplace replaced by W. */
  function recordedBySync(work: string): Map<string, Recorded[]> {
    const bySync = new Map<string, Recorded[]>(SYNCS.map(({ name }) => [name, []]));
    for (const file of recordsIn(work)) {
      const path = join(work, 'record', file.replace(/\.argv$/, ''));
      const argv = readFileSync(`${path}.argv`, 'latin1').replaceAll(work, 'W').split('\0').slice(0, -1);
      const stdin = readdirSync(join(work, 'record')).includes(`${file.replace(/\.argv$/, '')}.stdin`)
        ? readFileSync(`${path}.stdin`, 'latin1').replaceAll(work, 'W')
        : undefined;
      const sync = /W\/trg\/([\w-]+)/.exec(argv.join(' '))?.[1] ?? '';
      bySync.get(sync)?.push({ argv, stdin });
    }
    return bySync;
  }

  function find(program: string, sync: string, what: 'startup' | 'batch' | 'ssh'): Recorded | undefined {
    return records.get(`${program} ${sync}`)?.find(({ argv }) => kindOf(argv) === what);
  }

  function kindOf(argv: readonly string[]): 'startup' | 'batch' | 'ssh' {
    if (argv.includes('--include-from=-')) return 'batch';
    return argv.includes('-r') ? 'startup' : 'ssh';
  }

  /** Short flags as letters in order, the rest as it is: a set. lsyncd leaves `ssh.binary` out of `--rsh`. */
  function asSet(argv: readonly string[]): string[] {
    return argv
      .filter((word) => word !== `--rsh=${RECORDER}`)
      .map((word) =>
        /^-[A-Za-z0-9]{2,}$/.test(word) ? `-${word.slice(1).split('').toSorted().join('')}` : word,
      )
      .map((word) => word.replace(`--rsh=${RECORDER} `, '--rsh=ssh '))
      .map((word) => (word.startsWith('--rsh=') ? word.split(' -').toSorted().join(' -') : word))
      .toSorted();
  }

  /** Paths of a filter list, without what a `DIR/***` in it covers. */
  function asPaths(stdin: string | undefined): string[] {
    const paths = (stdin ?? '').split('\0');
    const trees = paths.filter((path) => path.endsWith('/***')).map((path) => path.slice(0, -3));
    return paths
      .filter(
        (path) => !trees.some((tree) => path.startsWith(tree) && path !== tree && path !== `${tree}***`),
      )
      .toSorted();
  }

  const withInit = SYNCS.filter(({ name }) => name !== 'init-false');

  it.each(withInit)('start the same rsync at startup: $name', ({ name }) => {
    const [expected, seen] = [find('lsyncd', name, 'startup'), find('tsyncd', name, 'startup')];
    expect(asSet(seen?.argv ?? [])).toEqual(asSet(expected?.argv ?? ['lsyncd started none']));
    expect(seen?.stdin?.split('\n').toSorted()).toEqual(expected?.stdin?.split('\n').toSorted());
  });

  it('start none with init = false', () => {
    expect(find('lsyncd', 'init-false', 'startup')).toBeUndefined();
    expect(find('tsyncd', 'init-false', 'startup')).toBeUndefined();
  });

  it.each(SYNCS.filter(({ behaviour }) => behaviour !== 'direct'))(
    'start the same rsync for a batch: $name',
    ({ name, behaviour }) => {
      const [expected, seen] = [find('lsyncd', name, 'batch'), find('tsyncd', name, 'batch')];
      expect(asSet(seen?.argv ?? [])).toEqual(asSet(expected?.argv ?? ['lsyncd started none']));
      if (behaviour !== 'rsyncssh') expect(asPaths(seen?.stdin)).toEqual(asPaths(expected?.stdin));
    },
  );

  it.each(SYNCS.filter(({ behaviour }) => behaviour === 'rsyncssh'))(
    'give ssh the same options for a move: $name',
    ({ name }) => {
      const options = (program: string): string[] => {
        const argv = find(program, name, 'ssh')?.argv ?? ['none'];
        return argv.slice(0, argv.indexOf('somehost') + 1);
      };
      expect(options('tsyncd').toSorted()).toEqual(options('lsyncd').toSorted());
    },
  );
});
