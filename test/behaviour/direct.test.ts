// default.direct: what fails is said and comes back, nothing is written through a symlink, nothing is deleted that should stay.

import { existsSync, lstatSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { differences } from '../helpers/trees.ts';
import { delay, makeBench, move, rsyncOptions, type Bench, type SpecPatch } from './bench.ts';

let bench: Bench;
afterEach(() => bench.end());

function make(spec: SpecPatch = {}): Bench {
  bench = makeBench({ kind: 'direct', spec });
  return bench;
}

const isRoot = process.getuid?.() === 0;
const there = (path: string): boolean => existsSync(join(bench.target, path));

describe('default.direct', () => {
  it('takes no process for many files in many directories', async () => {
    make();
    bench.shell('for d in $(seq 40); do mkdir $d; for f in $(seq 25); do echo $f >$d/$f; done; done');
    const directories = Array.from({ length: 40 }, (_, index) => index + 1);
    const changes = directories.flatMap((d) => [
      delay('Create', `/${d}/`),
      ...Array.from({ length: 25 }, (_, f) => delay('Create', `/${d}/${f + 1}`)),
    ]);
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect(bench.ran.map(({ command }) => command.binary)).toEqual(['direct']);
    expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
  });

  it('says nothing at the default level', async () => {
    make();
    bench.shell('echo 1 >a; mkdir d; echo x >"$TRG/gone"');
    await bench.batch({ changes: [delay('Create', '/a'), delay('Create', '/d/'), delay('Delete', '/gone')] });
    expect(bench.lines.filter((line) => /^(Normal|Warn|Error)/.test(line))).toEqual([]);
    expect(bench.lines.filter((line) => line.startsWith('Exec')).length).toBeGreaterThan(0);
  });

  it('never writes through a symlink that lies at the target', async () => {
    make();
    bench.shell(
      'echo new >f; mkdir d; echo new >d/f; mkdir "$OUT/out"; echo old >"$OUT/out/f"; ln -s "$OUT/out/f" "$TRG/f"; ln -s "$OUT/out" "$TRG/d"',
    );
    expect(await bench.batch({ changes: [delay('Modify', '/f'), delay('Create', '/d/f')] })).toEqual({
      verdict: 'ok',
    });
    expect(readFileSync(join(bench.folder, 'out/f'), 'utf8')).toBe('old\n');
    expect(differences(bench.source, bench.target)).toBe('');
  });

  it('never deletes or moves through a symlink that lies at the target', async () => {
    make();
    bench.shell(
      'mkdir d x; echo 1 >d/f; echo 2 >d/g; mkdir "$OUT/out"; cp d/f d/g "$OUT/out"; cp -a x "$TRG/"; ln -s "$OUT/out" "$TRG/d"; rm d/f; mv d/g x/g',
    );
    await bench.batches({ moves: [move('/d/g', '/x/g')], changes: [delay('Delete', '/d/f')] });
    expect([
      existsSync(join(bench.folder, 'out/f')),
      existsSync(join(bench.folder, 'out/g')),
      there('x/g'),
    ]).toEqual([true, true, true]);
  });

  it('gives a directory its time in which something came and went', async () => {
    make();
    bench.shell('mkdir d; touch -d 2020-01-01 d; cp -a d "$TRG/"; echo 1 >d/f; rm d/f');
    expect(await bench.batch({ changes: [delay('Delete', '/d/f')] })).toEqual({ verdict: 'ok' });
    expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
  });

  it('deletes what comes to its place only by a move of the same batch', async () => {
    make();
    bench.shell('mkdir d2; echo 1 >d2/gone; echo 2 >d2/stays; rsync -a d2/ "$TRG/d1/"; rm d2/gone');
    const batch = { moves: [move('/d1/', '/d2/')], changes: [delay('Delete', '/d2/gone')] };
    expect(await bench.batch(batch)).toEqual({ verdict: 'ok' });
    expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
  });

  it.each([
    ['a file that is another one', 'echo 2 >b', true],
    ['a symlink in place of a file', 'ln -sf x b', true],
    ['the file that was moved', 'mv a b', false],
    ['nothing', 'rm a', false],
    ['a directory', 'mkdir b', false],
  ])('after a move, compares the file with the source, which has %s', async (_what, shell, isCopied) => {
    make();
    bench.shell(`echo 1 >a; cp -a a "$TRG/"; ${shell}`);
    expect(await bench.batch({ moves: [move('/a', '/b')] })).toEqual({ verdict: 'ok' });
    const kinds = bench.ran.flatMap(({ command }) => command.files?.operations.map(({ kind }) => kind));
    expect(kinds.includes('copy')).toBe(isCopied);
    if (isCopied)
      expect(lstatSync(join(bench.target, 'b')).size).toBe(lstatSync(join(bench.source, 'b')).size);
  });

  it('brings back what it could not copy in place of a moved file, by the name it has after all moves', async () => {
    bench = makeBench({
      kind: 'direct',
      pretend: ({ files }) =>
        files?.operations.some(({ kind }) => kind === 'copy') === true
          ? { files: { tried: 0, problems: [] }, exitCode: 1 }
          : undefined,
    });
    bench.shell('mkdir d; echo 1 >a; cp -a . "$TRG/"; mv d e; rm a; echo other >e/x');
    const outcome = await bench.batch({ moves: [move('/a', '/d/x'), move('/d/', '/e/')] });
    expect(outcome).toMatchObject({ verdict: 'again' });
    const paths = outcome.verdict === 'again' ? outcome.remaining.changes.map(({ path }) => path) : [];
    expect(paths).toContain('/e/x');
  });

  it('copies at once again what became a directory after it was looked at', async () => {
    let isReplaced = false;
    const replace = (): void => {
      if (!isReplaced) bench.shell('rm a; mkdir a; echo 1 >a/f; chmod 700 a');
      isReplaced = true;
    };
    bench = makeBench({ kind: 'direct', before: replace });
    bench.shell('echo 1 >a; cp -a a "$TRG/"; chmod 600 a');
    const outcome = await bench.batch({ changes: [delay('Attrib', '/a')] });
    expect(outcome).toMatchObject({ verdict: 'again', exitCode: 0 });
    expect(statSync(join(bench.target, 'a')).isFile()).toBe(true);
  });

  it('leaves alone what vanished after it was looked at', async () => {
    bench = makeBench({ kind: 'direct', before: () => bench.shell('rm -rf a d') });
    bench.shell('echo 1 >a; mkdir d; echo 2 >d/b');
    const changes = ['/a', '/d/', '/d/b'].map((path) => delay('Create', path));
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect([there('a'), there('d/b')]).toEqual([false, false]);
  });

  it('gives a directory its time again from which something was moved, and which was moved itself then', async () => {
    make();
    bench.shell('mkdir a; echo 1 >a/f; cp -a a "$TRG/"; mv a/f c; touch -d 2020-01-01 a; mv a b; mkdir a');
    const moves = [move('/a/f', '/c'), move('/a/', '/b/')];
    expect(await bench.batch({ moves, changes: [delay('Create', '/a/')] })).toEqual({ verdict: 'ok' });
    expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
  });

  it('leaves a symlink a symlink, also one to a directory or to nothing', async () => {
    make();
    bench.shell('mkdir d; ln -s d l; ln -s nowhere n');
    await bench.batch({ changes: ['/d/', '/l', '/n'].map((path) => delay('Create', path)) });
    expect([readlinkSync(join(bench.target, 'l')), readlinkSync(join(bench.target, 'n'))]).toEqual([
      'd',
      'nowhere',
    ]);
  });

  it('skips fifos unless rsync would take them, and never hangs on one', async () => {
    make({ rsync: rsyncOptions({ shortFlags: 'lts' }) });
    bench.shell('mkfifo p');
    expect(await bench.batch({ changes: [delay('Create', '/p')] })).toEqual({ verdict: 'ok' });
    expect(there('p')).toBe(false);
  });

  it('sets attributes alone without copying again', async () => {
    make();
    bench.shell('echo 1 >a; cp -a a "$TRG/"; chmod 640 a');
    await bench.batch({ changes: [delay('Attrib', '/a')] });
    const kinds = bench.ran.flatMap(({ command }) => command.files?.operations.map(({ kind }) => kind));
    expect(new Set(kinds)).toEqual(new Set(['attributes']));
    expect(statSync(join(bench.target, 'a')).mode & 0o777).toBe(0o640);
  });

  it.each([
    ['the target', 'target'],
    ['the source', 'source'],
  ] as const)(
    'waits with everything when %s is not there, and makes no directory in its place',
    async (_what, which) => {
      make();
      bench.shell('echo 1 >a; echo 2 >"$TRG/b"; echo 3 >"$TRG/c"');
      rmSync(bench[which], { recursive: true });
      const batch = { moves: [move('/b', '/d')], changes: [delay('Modify', '/a'), delay('Delete', '/c')] };
      expect(await bench.batch(batch)).toMatchObject({ verdict: 'again', exitCode: 11, remaining: batch });
      expect([bench.ran.length, existsSync(bench[which])]).toEqual([0, false]);
      if (which === 'source') expect(there('c')).toBe(true);
    },
  );

  it('brings back only what may not be done, with the reason', async () => {
    make({ delete: false });
    bench.shell('echo 1 >a; echo 2 >b; mkdir -p "$TRG/b/in"');
    const outcome = await bench.batch({ changes: [delay('Modify', '/a'), delay('Modify', '/b')] });
    expect(outcome).toMatchObject({
      verdict: 'again',
      exitCode: 23,
      remaining: { moves: [], changes: [{ path: '/b' }] },
    });
    expect(outcome).toHaveProperty('reason', 'Cannot replace "/b" at the target: deleting is switched off');
    expect([there('a'), there('b/in')]).toEqual([true, true]);
  });

  it.skipIf(!isRoot)('says why a path failed, and brings back the paths that did not arrive', async () => {
    make();
    bench.shell('mkdir d; echo 1 >d/a; echo 2 >b; mkdir "$TRG/d" "$TRG/d/a" "$TRG/d/a/in"');
    bench.shell('mkdir "$OUT/mnt"; mount --bind "$OUT/mnt" "$TRG/d/a"');
    const outcome = await bench
      .batch({ changes: [delay('Modify', '/d/a'), delay('Modify', '/b')] })
      .finally(() => bench.shell('umount "$TRG/d/a"'));
    expect(outcome).toMatchObject({
      verdict: 'again',
      exitCode: 23,
      reason: 'Cannot delete "/d/a": resource busy or locked (EBUSY)',
      remaining: { changes: [{ path: '/d/a' }] },
    });
    expect(there('b')).toBe(true);
  });

  it.each([[false], ['startup' as const]])('deletes nothing with delete = %s', async (mode) => {
    make({ delete: mode });
    bench.shell(
      'mkdir A B; echo 1 >a; echo 2 >A/f; rsync -a ./ "$TRG/"; echo 4 >"$TRG/B/own"; rm a; mv -T A B',
    );
    expect(
      (await bench.batches({ moves: [move('/A/', '/B/')], changes: [delay('Delete', '/a')] })).verdict,
    ).toBe('ok');
    expect(['a', 'B/own', 'B/f'].map(there)).toEqual([true, true, true]);
  });

  it('keeps what is excluded out of a directory that is sent whole', async () => {
    make({ excludes: ['*.o'] });
    bench.shell(
      'mkdir d; echo 1 >d/f; echo 2 >d/x.o; mkdir "$TRG/d"; echo 3 >"$TRG/d/kept.o"; echo 4 >"$TRG/d/stale"',
    );
    await bench.batch({ changes: [delay('Create', '/d/', { whole: true })] });
    expect(['d/f', 'd/kept.o', 'd/x.o', 'd/stale'].map(there)).toEqual([true, true, false, false]);
  });

  it('writes a file anew rather than into a hard link of the target', async () => {
    make();
    bench.shell('echo old >a; cp -a a "$TRG/"; ln "$TRG/a" "$OUT/snapshot"; echo newer >a');
    await bench.batch({ changes: [delay('Modify', '/a')] });
    expect(readFileSync(join(bench.folder, 'snapshot'), 'utf8')).toBe('old\n');
    expect(lstatSync(join(bench.target, 'a')).nlink).toBe(1);
  });
});
