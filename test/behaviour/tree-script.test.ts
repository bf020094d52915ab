// The script that moves and deletes at the target of default.rsyncssh, in each shell that may be `sh` there: right with any name, and never
// outside of the target, whatever symlink is planted there or swapped in while it works.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  parseTreeReport,
  toTreeScript,
  type TreeReport,
  type TreeWork,
} from '../../src/behaviour/tree-script.ts';
import { isSameTime } from '../../src/behaviour/landed-files.ts';
import { fromText } from '../../src/byte-path.ts';
import { move } from './bench.ts';

const SHELLS = [
  { name: 'dash', words: ['dash'] },
  { name: 'bash', words: ['bash', '--posix'] },
  { name: 'busybox', words: ['busybox', 'sh'] },
];

const NOTHING: TreeWork = { moves: [], deletes: [], times: [] };

describe.each(SHELLS)('in $name', ({ words: shellWords }) => {
  let folder: string;
  let target: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsyncd-script-'));
    target = join(folder, 'trg');
    for (const name of ['trg', 'out', 'bin']) mkdirSync(join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function shell(text: string): void {
    execFileSync('bash', ['-ec', text], { cwd: target, env: { ...process.env, OUT: join(folder, 'out') } });
  }

  function run(work: Partial<TreeWork>, where: { cwd?: string; mayDelete?: boolean } = {}): TreeReport {
    const { cwd = target, mayDelete = true } = where;
    const { words, stdin } = toTreeScript({ ...NOTHING, ...work }, { mayDelete });
    const args = words.flatMap((word, index) => (word === 'sh' && index === 3 ? shellWords : [word]));
    const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}` };
    const { stdout, status } = spawnSync('xargs', args, {
      cwd,
      input: stdin,
      env,
      encoding: 'latin1',
    });
    expect(status).toBe(0);
    return parseTreeReport(stdout);
  }

  /** When the script calls this program, `swap` is done first. */
  function swapBefore(program: string, swap: string): void {
    const real = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
    const file = join(folder, 'bin', program);
    writeFileSync(
      file,
      `#!/bin/sh\nPATH=${process.env['PATH']}\ncase "$*" in *--help*) ;; *) (cd ${target} && [ -d d ] && [ ! -L d ] && ${swap}) </dev/null ;; esac\nexec ${real} "$@"\n`,
    );
    chmodSync(file, 0o755);
  }

  const SWAP = 'mv d was && ln -s ../out d';
  const outside = (): readonly string[] => readdirSync(join(folder, 'out')).toSorted();

  it('moves and deletes whatever the names are', () => {
    const names = ['-rf', '-', 'a\nb', 'end\n', '$(id)', '`id`', `q'"`, '[*?]', 'b\\s', ' ', 'host:x', 'ü'];
    for (const name of names) {
      mkdirSync(join(target, 'x', name), { recursive: true });
      for (const file of ['f', 'g']) writeFileSync(join(target, 'x', name, file), name);
    }
    mkdirSync(join(target, 'y'));
    const moves = names.flatMap((name) => [
      move(`/x/${fromText(name)}/f`, `/x/${fromText(name)}/${fromText(name)}`),
      move(`/x/${fromText(name)}/${fromText(name)}`, `/y/${fromText(name)}`),
    ]);
    const report = run({ moves, deletes: names.map((name) => `/x/${fromText(name)}/g`) });
    expect([report.moved.size, report.failed.size, report.isSomethingKept]).toEqual([
      2 * names.length,
      0,
      false,
    ]);
    expect(readdirSync(join(target, 'y')).toSorted()).toEqual(names.toSorted());
    expect(names.flatMap((name) => readdirSync(join(target, 'x', name)))).toEqual([]);
  });

  it('does more than goes into one group, in the order it was given', () => {
    shell('mkdir d e; for i in $(seq 160); do echo $i >d/$i; done');
    const numbers = Array.from({ length: 160 }, (_, index) => index + 1);
    const moves = numbers.flatMap((number) => [
      move(`/d/${number}`, `/d/t`),
      move('/d/t', `/${number % 2 === 0 ? 'd' : 'e'}/n${number}`),
    ]);
    expect(run({ moves }).moved.size).toBe(320);
    expect([readdirSync(join(target, 'd')).length, readdirSync(join(target, 'e')).length]).toEqual([80, 80]);
    expect(readFileSync(join(target, 'e/n159'), 'utf8')).toBe('159\n');
    run({ deletes: numbers.map((number) => `/d/n${number}`) });
    expect(readdirSync(join(target, 'd'))).toEqual([]);
  });

  it.each([
    ['replaces a full directory', true, ['b/x']],
    ['replaces none that is full when nothing may be deleted', false, ['a/x', 'b/y']],
  ])('%s', (_what, mayDelete, left) => {
    shell('mkdir a b; echo 1 >a/x; echo 2 >b/y');
    expect(run({ moves: [move('/a/', '/b/')] }, { mayDelete }).moved.size).toBe(mayDelete ? 1 : 0);
    expect(left.filter((path) => !existsSync(join(target, path)))).toEqual([]);
    expect(existsSync(join(target, 'b/a'))).toBe(false);
  });

  it('gives directories their times, the target itself too', () => {
    shell('mkdir -p d/e; ln -s "$OUT" l; touch -d 2001-01-01 "$OUT"');
    run({ times: ['/d/e/', '/l/', '/'].map((path) => ({ path, mtimeSeconds: 1_000_000_000 })) });
    const seconds = ['d/e', '.', '../out'].map((path) => lstatSync(join(target, path)).mtimeMs / 1000);
    expect(seconds).toEqual([1_000_000_000, 1_000_000_000, Date.parse('2001-01-01T00:00:00') / 1000]);
  });

  it('works where the target is reached by symlinks itself, or is the root', () => {
    shell('mkdir d; echo 1 >d/f');
    symlinkSync(target, join(folder, 'link'));
    expect(run({ moves: [move('/d/f', '/g')] }, { cwd: join(folder, 'link') }).moved.size).toBe(1);
    const below = target.slice(1);
    expect(run({ moves: [move(`/${below}/g`, `/${below}/d/h`)] }, { cwd: '/' }).moved.size).toBe(1);
    expect(run({ deletes: [`/${below}/d/h`] }, { cwd: '/' }).isSomethingKept).toBe(false);
    expect(readdirSync(join(target, 'd'))).toEqual([]);
  });

  it('does not go through a symlink that is planted in the way', () => {
    shell(
      'echo 1 >f; mkdir d; ln -s "$OUT" l; ln -s "$OUT/in" d/m; mkdir "$OUT/in"; touch "$OUT/in/kept" "$OUT/kept"',
    );
    const moves = [move('/f', '/l/f'), move('/l/kept', '/g'), move('/l/kept', '/l/g'), move('/f', '/d/m/f')];
    expect(run({ moves, deletes: ['/l/kept', '/d/m/kept', '/l/in'] }).moved.size).toBe(0);
    expect([outside(), readdirSync(join(folder, 'out/in'))]).toEqual([['in', 'kept'], ['kept']]);
    expect(existsSync(join(target, 'f'))).toBe(true);
  });

  it.each<readonly [string, string, Partial<TreeWork>]>([
    ['while something in it is deleted', 'rm', { deletes: ['/d/kept', '/d/x'] }],
    ['while something in it is renamed', 'mv', { moves: [move('/d/kept', '/d/moved')] }],
    ['while something is moved into it', 'mv', { moves: [move('/f', '/d/f')] }],
    ['while something is moved out of it', 'mv', { moves: [move('/d/kept', '/g')] }],
    ['while a directory in it makes room', 'rm', { moves: [move('/e/', '/d/in/')] }],
  ])('a directory that is swapped for a symlink %s leads nothing out', (_what, program, work) => {
    shell(
      'mkdir -p d/in e "$OUT/in"; echo 1 >f; echo mine >d/kept; : >d/in/x; echo theirs >"$OUT/kept"; : >"$OUT/in/x"',
    );
    swapBefore(program, SWAP);
    run(work);
    expect(lstatSync(join(target, 'd')).isSymbolicLink()).toBe(true);
    expect([outside(), readdirSync(join(folder, 'out/in'))]).toEqual([['in', 'kept'], ['x']]);
    for (const name of ['g', 'was/moved']) {
      if (existsSync(join(target, name))) expect(readFileSync(join(target, name), 'utf8')).toBe('mine\n');
    }
  });

  it('does not move into a directory that comes to the destination at the last moment', () => {
    shell('mkdir d; echo 1 >f');
    swapBefore('mv', 'ln -s ../out here');
    expect([...run({ moves: [move('/f', '/here')] }).moved]).toEqual([0]);
    expect([outside(), readFileSync(join(target, 'here'), 'utf8')]).toEqual([[], '1\n']);
  });

  it('answers size and time of the files and symlinks it moved, whatever their names are', () => {
    const names = ['-rf', 'a\nb', '1 2\n', '$(id)', '*'];
    for (const name of names) writeFileSync(join(target, name), name);
    shell(
      'ln -s to l; mkdir d e; touch -d 1960-01-01T00:00:00.5 f; touch -d 2020-01-01T00:00:00.123456789 g',
    );
    const moves = [
      ...names.map((name) => move(`/${fromText(name)}`, `/d/${fromText(name)}`)),
      move('/f', '/x'),
      move('/l', '/m'),
      move('/none', '/y'),
      move('/g', '/t'),
      move('/e/', '/f/'),
      move('/t', '/z'),
    ];
    const { landed } = run({ moves });
    expect([...landed.keys()].toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 10]);
    for (const [index, { size, mtimeNs }] of landed) {
      const path = join(target, Buffer.from(moves[index]?.movedTo ?? '', 'latin1').toString());
      const stats = lstatSync(path, { bigint: true });
      expect([path, size, isSameTime(stats, { mtimeNs })]).toEqual([path, stats.size, true]);
    }
  });

  it('answers size and time of more than goes into one group', () => {
    shell('for i in $(seq 200); do echo $i >$i; done');
    const moves = Array.from({ length: 200 }, (_, index) => move(`/${index + 1}`, `/n${index + 1}`));
    const { landed } = run({ moves });
    expect([landed.size, landed.get(0)?.size, landed.get(199)?.size]).toEqual([200, 2n, 4n]);
  });

  it('answers nothing of them where stat says something else, or is not there', () => {
    for (const said of ['  File: "x"', 'ok 7', '']) {
      shell('echo 1 >f');
      const file = join(folder, 'bin/stat');
      writeFileSync(file, `#!/bin/sh\necho "${said}"\n`);
      chmodSync(file, 0o755);
      const { landed, moved } = run({ moves: [move('/f', '/g')] });
      expect([landed.size, [...moved]]).toEqual([0, [0]]);
    }
  });

  it.skipIf(process.getuid?.() !== 0)('answers what it could not delete', () => {
    shell('mkdir -p d/sub');
    execFileSync('mount', ['-t', 'tmpfs', 'none', join(target, 'd/sub')]);
    try {
      expect(run({ deletes: ['/d/', '/never'] }).isSomethingKept).toBe(true);
    } finally {
      execFileSync('umount', [join(target, 'd/sub')]);
    }
  });
});

describe('parseTreeReport()', () => {
  it.each([
    ['whole seconds', 'at 0\n3 1577836800\n', [[0, { size: 3n, mtimeNs: 1_577_836_800_000_000_000n }]]],
    ['a fraction', 'ok 4\nat 4\n0 1.5\nkept\n', [[4, { size: 0n, mtimeNs: 1_500_000_000n }]]],
    ['a time before 1970', 'at 0\n1 -0.500000000\n', [[0, { size: 1n, mtimeNs: -500_000_000n }]]],
    [
      'several',
      'at 1 2\n1 1\n2 2\nok 3\nat 3\n3 3\n',
      [1n, 2n, 3n].map((size) => [Number(size), { size, mtimeNs: size * 1_000_000_000n }]),
    ],
    ['a line too few', 'at 1 2\n1 1\nok 3\nat 3\n', []],
    ['something else', 'at 1\n  File: "x"\nat 2\n1 1 1\nat 3\n-1 1\n', []],
  ])('reads what was moved: %s', (_what, stdout, landed) => {
    expect([...parseTreeReport(stdout).landed]).toEqual(landed);
  });
});
