// default.rsyncssh: moves and deletes over a real ssh, and what becomes of them when the connection or the target fails.

import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fromText } from '../../src/byte-path.ts';
import { changeDirectory } from '../../src/behaviour/remote-directory.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { differences } from '../helpers/trees.ts';
import {
  delay,
  makeBench,
  move,
  rsyncOptions,
  type Bench,
  type BenchOptions,
  type SpecPatch,
} from './bench.ts';

let folder: string;
let sshd: TestSshd;
let bench: Bench;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tsyncd-sshd-'));
  sshd = await startSshd(folder);
});
afterEach(() => bench.end());
afterAll(async () => {
  await sshd.stop();
  rmSync(folder, { recursive: true, force: true });
});

function real(spec: SpecPatch = {}, rsync: Parameters<typeof rsyncOptions>[0] = {}): Bench {
  const rsh = `--rsh=${['ssh', ...sshd.sshArgs].join(' ')}`;
  bench = makeBench({
    kind: 'rsyncssh',
    spec: {
      host: sshd.host,
      ssh: { binary: 'ssh', args: sshd.sshArgs, transport: 'openssh', isShared: false },
      rsync: rsyncOptions({ ...rsync, longOptions: [rsh, ...(rsync.longOptions ?? [])] }),
      ...spec,
    },
  });
  return bench;
}

function pretending(pretend: NonNullable<BenchOptions['pretend']>, spec: SpecPatch = {}): Bench {
  bench = makeBench({ kind: 'rsyncssh', spec, pretend });
  return bench;
}

const normal = (): string[] =>
  bench.lines
    .filter((line) => line.startsWith('Normal'))
    .map((line) => line.slice(8).replaceAll(bench.folder, 'W'));
const binaries = (): string[] => bench.ran.map(({ command }) => command.binary);

describe('moves and deletes', () => {
  it('go by one ssh, then rsync sets the times of where something was deleted; logged as lsyncd logs them', async () => {
    real();
    bench.shell(
      'mkdir sub d; echo 1 >a; echo 2 >b; echo 3 >sub/c; rsync -a ./ "$TRG/"; mv a a2; mv d d2; rm b; rm -r sub',
    );
    const changes = ['/b', '/sub/c', '/sub/'].map((path) => delay('Delete', path));
    expect(await bench.batch({ moves: [move('/a', '/a2'), move('/d/', '/d2/')], changes })).toEqual({
      verdict: 'ok',
    });
    expect(binaries()).toEqual(['ssh', 'rsync']);
    expect(normal()).toEqual([
      'Moving a -> a2',
      'Moving d/ -> d2/',
      'Finished Move W/src//a: 0',
      'Finished Move W/src//d/: 0',
      'Calling rsync with filter-list of new/modified files/dirs\n/',
      'Finished (list): 0',
    ]);
    expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
  });

  it('put no path into the command line of ssh', async () => {
    real();
    bench.shell(`echo 1 >'$(touch pwned)'; rsync -a ./ "$TRG/"; mv '$(touch pwned)' "';touch pwned;'"`);
    await bench.batch({ moves: [move('/$(touch pwned)', "/';touch pwned;'")] });
    expect(bench.ran[0]?.command.args.join(' ')).not.toContain('pwned');
    expect(differences(bench.source, bench.target)).toBe('');
  });

  it.each([[false], ['startup' as const]])('delete nothing with delete = %s', async (mode) => {
    real({ delete: mode });
    bench.shell(
      'mkdir A B; echo 1 >a; echo 2 >A/f; echo 3 >"$TRG/own"; rsync -a ./ "$TRG/"; echo 4 >"$TRG/B/own"; rm a; mv -T A B',
    );
    expect(await bench.batches({ moves: [move('/A/', '/B/')], changes: [delay('Delete', '/a')] })).toEqual({
      verdict: 'ok',
    });
    expect(['a', 'own', 'B/own', 'B/f'].map((path) => existsSync(join(bench.target, path)))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  const UNFIT: readonly (readonly [string, SpecPatch])[] = [
    '--filter=- x',
    '--dry-run',
    '-n',
    '--backup',
    '--max-delete=1',
    '-R',
    '-x',
    '--iconv=.',
    '--unheard-of',
  ].map((word) => [word, { rsync: rsyncOptions({ extra: [word] }) }]);
  it.each(UNFIT)('are left to rsync with %s', async (_word, spec) => {
    pretending(() => ({}), spec);
    expect(bench.behaviour.takesMoves).toBe(false);
    expect(await bench.batch({ changes: [delay('Delete', '/a')] })).toEqual({ verdict: 'ok' });
    expect(binaries()).toEqual(['rsync']);
  });

  it("never touch what the user's own filters shut out", async () => {
    real({}, { extra: ['--filter=+ *maxscale.cnf', '--filter=- **'] });
    bench.shell('echo 1 >maxscale.cnf; echo 2 >passwd; cp -a . "$TRG/"; rm passwd; echo new >maxscale.cnf');
    await bench.batch({ changes: [delay('Delete', '/passwd'), delay('Modify', '/maxscale.cnf')] });
    expect(existsSync(join(bench.target, 'passwd'))).toBe(true);
  });

  it('that the target cannot do are done by rsync', async () => {
    real();
    bench.shell('mkdir -p d/e n; echo 1 >d/e/f; echo 2 >g; mv d n/d');
    const moves = [move('/d/', '/n/d/'), move('/g', '/h')];
    expect(await bench.batches({ moves })).toEqual({ verdict: 'ok' });
    expect(normal()).toContain('Cannot move d/ at the target; sending n/d/ instead');
    expect(bench.lines.some((line) => /^(Warn|Error)/.test(line))).toBe(false);
  });

  it('that the target cannot do are no failure, and come back', async () => {
    real();
    bench.shell('mkdir d; echo 1 >d/f; echo 2 >d/g; cp -a . "$TRG/"; mkdir n; mv d/f n/f; mv d e');
    const moves = [move('/d/f', '/n/f'), move('/d/', '/e/')];
    const left = [
      { kind: 'Delete', path: '/d/f' },
      { kind: 'Create', path: '/n/f' },
    ];
    expect(await bench.batch({ moves, changes: [delay('Create', '/n/')] })).toMatchObject({
      verdict: 'again',
      exitCode: 0,
      remaining: { moves: [], changes: left },
    });
    expect(existsSync(join(bench.target, 'e/g'))).toBe(true);
  });

  const ONE = 1_600_000_000;
  it.each<readonly [string, string, string, Parameters<typeof rsyncOptions>[0], readonly string[]]>([
    ['of another size', `2 ${ONE}`, '', {}, ['./b']],
    ['of another time', `3 ${ONE - 1}`, '', {}, ['./b']],
    ['of another time, where rsync keeps none', `3 ${ONE - 1}`, '', { shortFlags: 'lp' }, []],
    ['of the same size and time', `3 ${ONE}`, '', {}, []],
    ['that is gone by now', `2 ${ONE}`, 'rm b', {}, []],
    ['that is a directory by now', `2 ${ONE}`, 'rm b; mkdir b', {}, []],
    [
      'that is a symlink, made in the same tick of the clock',
      `3 ${ONE}`,
      `ln -sfn one b; touch -hd @${ONE} b`,
      {},
      ['./b'],
    ],
  ])('bring another file than the source has: one %s', async (_what, stats, then, rsync, sent) => {
    pretending(({ binary }) => (binary === 'ssh' ? { stdout: `ok 0\nat 0\n${stats}\n` } : {}), {
      rsync: rsyncOptions({ fileList: true, ...rsync }),
    });
    bench.shell(`echo 11 >b; touch -d @${ONE} b; ${then}`);
    expect(await bench.batch({ moves: [move('/a', '/b')] })).toEqual({ verdict: 'ok' });
    const list = bench.ran[1]?.command.stdin?.toString('latin1').split('\0') ?? [];
    expect(list).toEqual(sent);
  });

  it('wait when the source is gone', async () => {
    real();
    bench.shell('echo 1 >a; cp -a . "$TRG/"');
    rmSync(bench.source, { recursive: true });
    const changes = [delay('Delete', '/a')];
    expect(await bench.batch({ changes })).toMatchObject({ verdict: 'again', remaining: { changes } });
    expect(existsSync(join(bench.target, 'a'))).toBe(true);
  });

  it('wait when the target directory is gone', async () => {
    real();
    bench.shell('echo 1 >a; echo 2 >c');
    rmSync(bench.target, { recursive: true });
    bench.shell('mv a b; rm c');
    const outcome = await bench.batch({ moves: [move('/a', '/b')], changes: [delay('Delete', '/c')] });
    // rsync makes the directory itself if its parent is there; in no case is the batch lost.
    expect(outcome.verdict === 'ok' ? existsSync(join(bench.target, 'b')) : outcome.verdict).toBe(
      outcome.verdict === 'ok' ? true : 'again',
    );
  });
});

const cut = (stdout: string) => (): object => ({
  exitCode: 255,
  stderr: 'ssh: connect to host h port 22: Connection refused\n',
  stdout,
});

describe('a connection that breaks', () => {
  it('keeps everything for later, and says it as lsyncd does', async () => {
    pretending(cut(''));
    bench.shell('echo >new');
    const batch = { moves: [move('/a', '/b')], changes: [delay('Delete', '/x'), delay('Create', '/new')] };
    expect(await bench.batch(batch)).toEqual({
      verdict: 'again',
      exitCode: 255,
      reason:
        'ssh ended with 255 (ssh could not connect or was cut off): ssh: connect to host h port 22: Connection refused',
      remaining: batch,
      rescan: [],
    });
    expect(bench.behaviour.sentences.batchRetry(255).replace(bench.folder, 'W')).toBe(
      'Retrying Move W/src//a: 255',
    );
  });

  it('does not move again what was moved', async () => {
    pretending(cut('ok 0\n'));
    const outcome = await bench.batch({ moves: [move('/a', '/b'), move('/c', '/d')] });
    expect(outcome).toMatchObject({
      remaining: { moves: [{ path: '/c' }], changes: [{ kind: 'Modify', path: '/b', whole: false }] },
    });
  });

  it('does not repeat moves that would move the wrong thing the second time', async () => {
    pretending(cut(''));
    const outcome = await bench.batch({ moves: [move('/a/', '/b/'), move('/c', '/a')] });
    expect(outcome).toMatchObject({
      remaining: {
        moves: [],
        changes: [
          { kind: 'Delete', path: '/a/', whole: false },
          { kind: 'Create', path: '/b/', whole: true },
          { kind: 'Delete', path: '/c', whole: false },
          { kind: 'Create', path: '/a', whole: false },
        ],
      },
    });
  });

  it('of which only the deletes knew says so', async () => {
    pretending(cut(''));
    await bench.batch({ changes: [delay('Delete', '/x')] });
    expect(bench.behaviour.sentences.batchRetry(255)).toBe('Retrying (list): 255');
  });
});

describe('a target without what the script needs', () => {
  it('gets everything by rsync', async () => {
    pretending((command) =>
      command.binary === 'ssh' ? { exitCode: 127, stderr: 'xargs: not found\n' } : {},
    );
    bench.shell('echo 1 >b');
    expect(await bench.batches({ moves: [move('/a', '/b')], changes: [delay('Delete', '/x')] })).toEqual({
      verdict: 'ok',
    });
    const sent = bench.ran.filter(({ command }) => command.binary === 'rsync');
    const list = sent.flatMap(({ command }) => command.stdin?.toString('latin1').split('\0') ?? []);
    expect(list.map((path) => path.replace(/^\.?/, '')).toSorted()).toEqual(
      expect.arrayContaining(['/a', '/b', '/x']),
    );
  });

  it('is asked again for what it could not delete', async () => {
    pretending(() => ({ stdout: 'kept\n' }));
    const changes = [delay('Delete', '/x')];
    expect(await bench.batch({ changes })).toMatchObject({
      verdict: 'again',
      exitCode: 23,
      remaining: { changes },
    });
  });
});

describe('xargs = {} of old configs', () => {
  it('deletes by the words of the user, and gives rsync what its list cannot hold', async () => {
    real({ xargs: { binary: '/usr/bin/xargs', delimiter: '\n', extra: ['rm', '-rf'] } });
    bench.shell(
      `mkdir d; echo 1 >d/f; echo 2 >a; echo 3 >'sp ace'; echo 4 >$'n\\nl'; rsync -a ./ "$TRG/"; rm -r ./*`,
    );
    expect(
      await bench.batch({ changes: ['/d/', '/a', '/sp ace', '/n\nl'].map((path) => delay('Delete', path)) }),
    ).toEqual({ verdict: 'ok' });
    expect(bench.ran[0]?.command.args.at(-1)).toMatch(/ && exec '\/usr\/bin\/xargs' 'rm' '-rf'$/);
    expect(bench.ran[0]?.command.stdin?.toString()).toBe('./d\n./a\n');
    expect(differences(bench.source, bench.target)).toBe('');
  });
});

describe('targetdir', () => {
  it.each([
    ['', ''],
    ['/srv/a b/', `cd '/srv/a b/' && `],
    ["/it's/", `cd '/it'\\''s/' && `],
    ['rel/', `cd './rel/' && `],
    ['-rf/', `cd './-rf/' && `],
    ['~', 'cd ~ && '],
    ['~/', 'cd ~/ && '],
    ['~/a b/', `cd ~/'a b/' && `],
    ['~bob/$(id)/', `cd ~bob/'$(id)/' && `],
    ['~;id/', `cd './~;id/' && `],
    ['$HOME/', `cd './$HOME/' && `],
  ])('%j becomes %j', (targetdir, text) => {
    expect(changeDirectory(fromText(targetdir))).toBe(text);
  });

  it('may lie in the remote home', async () => {
    const home = mkdtempSync(join(homedir(), '.tsyncd-test-'));
    try {
      real({ targetdir: fromText(`~/${relative(homedir(), home)}/`) });
      mkdirSync(join(home, 'd'));
      bench.shell('echo 1 >keep');
      await bench.batch({ changes: [delay('Delete', '/d/')] });
      expect(existsSync(join(home, 'd'))).toBe(false);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
