// Directories whose entries may have come or gone unseen: they get the entries that the source has, by a real rsync, and nothing else
// is touched. Where rsync cannot do that a full sync is asked for.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Delay } from '../../src/queue/delay.ts';
import { delay, makeBench, rsyncOptions, type Bench, type BenchOptions } from './bench.ts';

let bench: Bench;
afterEach(() => bench.end());

function make(options: BenchOptions): Bench {
  bench = makeBench(options);
  return bench;
}

const there = (path: string): boolean => existsSync(join(bench.target, path));
const listing = (path: string): Delay => delay('Modify', path, { listing: true });
const fileList = { rsync: rsyncOptions({ fileList: true }) };

describe.each(['rsync', 'direct'] as const)('a listing of default.%s', (kind) => {
  async function list(path: string): Promise<void> {
    expect(await bench.batch({ changes: [listing(path)] })).toEqual({ verdict: 'ok' });
  }

  it('brings the entries that the source has, and removes the others with all that is in them', async () => {
    make({ kind, spec: fileList });
    bench.shell(`mkdir -p d/new d/kept 'd/-rf' $'d/a\\nb'; echo 1 >d/f; echo 1 >'d/x]'; ln -s nowhere d/l
      mkdir -p "$TRG"/d/{gone/deep,kept}; echo 2 >"$TRG/d/gone/deep/f"; echo 2 >"$TRG/d/old"; echo 2 >"$TRG/own"`);
    await list('/d/');
    expect(['f', 'x]', 'new', '-rf', 'a\nb'].filter((name) => !there(`d/${name}`))).toEqual([]);
    expect(['d/gone', 'd/old', 'own'].filter(there)).toEqual(['own']);
  });

  it('touches nothing below a subdirectory that both have', async () => {
    make({ kind, spec: fileList });
    bench.shell('mkdir -p d/kept/deep; echo 1 >d/kept/f; mkdir -p "$TRG/d/kept"; echo 2 >"$TRG/d/kept/own"');
    await list('/d/');
    expect(['d/kept/own', 'd/kept/f', 'd/kept/deep'].filter(there)).toEqual(['d/kept/own']);
  });

  it('puts a file where a directory was, and the reverse', async () => {
    make({ kind, spec: fileList });
    bench.shell(
      'mkdir -p d/directory; echo 1 >d/file; mkdir -p "$TRG/d/file/deep"; echo 2 >"$TRG/d/file/deep/f"; echo 2 >"$TRG/d/directory"',
    );
    await list('/d/');
    expect(readFileSync(join(bench.target, 'd/file'), 'utf8')).toBe('1\n');
    expect(there('d/directory/')).toBe(true);
  });

  it('is of the source itself too', async () => {
    make({ kind, spec: fileList });
    bench.shell(
      'echo 1 >f; mkdir d; echo 1 >d/f; mkdir "$TRG/d"; echo 2 >"$TRG/d/own"; mkdir -p "$TRG/gone/deep"',
    );
    await list('/');
    expect(['f', 'd/own', 'd/f', 'gone'].filter(there)).toEqual(['f', 'd/own']);
  });

  it.each([
    ['excludes', { excludes: ['*.o', '/d/private', 'cache/'] }],
    ['filters', { filters: ['- *.o', '- /d/private', '- cache/'] }],
    ['a filter with an exception', { filters: ['+ /d/f', '+ /d/', '- *.o', '- /d/*'] }],
  ])('neither sends nor removes what the rules hide: %s', async (_what, rules) => {
    make({ kind, spec: { ...fileList, ...rules } });
    bench.shell(`mkdir -p d/private d/cache; echo 1 >d/f; echo 1 >d/a.o; echo 1 >d/private/f
      mkdir -p "$TRG"/d/{private,cache}; echo 2 >"$TRG/d/b.o"; echo 2 >"$TRG/d/private/own"; echo 2 >"$TRG/d/cache/own"`);
    await list('/d/');
    expect(['d/f', 'd/a.o', 'd/b.o', 'd/private/own', 'd/private/f', 'd/cache/own'].filter(there)).toEqual([
      'd/f',
      'd/b.o',
      'd/private/own',
      'd/cache/own',
    ]);
  });

  it.each([[false], ['startup' as const]])('removes nothing with delete = %s', async (mode) => {
    make({ kind, spec: { ...fileList, delete: mode } });
    bench.shell('mkdir d; echo 1 >d/f; mkdir -p "$TRG/d/gone"; echo 2 >"$TRG/d/old"');
    await list('/d/');
    expect(['d/f', 'd/gone', 'd/old'].filter(there)).toEqual(['d/f', 'd/gone', 'd/old']);
  });

  it('halts when it would delete more than maxDelete', async () => {
    make({ kind, spec: { ...fileList, maxDelete: 2 } });
    bench.shell('mkdir d; mkdir "$TRG/d"; for f in 1 2 3 4; do echo >"$TRG/d/$f"; done');
    expect(await bench.batch({ changes: [listing('/d/')] })).toMatchObject({ verdict: 'halt' });
    expect(['d/1', 'd/2', 'd/3', 'd/4'].filter(there).length).toBeGreaterThanOrEqual(2);
  });

  it('of a directory that is gone deletes it', async () => {
    make({ kind, spec: fileList });
    bench.shell('mkdir -p "$TRG/d/deep"; echo 2 >"$TRG/d/deep/f"; echo 2 >"$TRG/own"');
    await list('/d/');
    expect(['d', 'own'].filter(there)).toEqual(['own']);
  });

  it.each([
    [
      'an rsync that takes no file list',
      { rsync: rsyncOptions({ fileList: false }) },
      'this rsync cannot compare single directories',
    ],
    [
      'rules that are not UTF-8',
      { ...fileList, excludes: ['caf\xe9'] },
      'its rules cannot be arguments of rsync',
    ],
  ])('asks for a full sync, and sends nothing, with %s', async (_what, spec, reason) => {
    make({ kind, spec });
    bench.shell('mkdir d; mkdir "$TRG/d"; echo 2 >"$TRG/d/old"');
    expect(await bench.batch({ changes: [listing('/d/')] })).toMatchObject({
      verdict: 'again',
      exitCode: 0,
      fullSync: reason,
      remaining: { changes: [{ path: '/d/', listing: false }] },
    });
    expect(there('d/old')).toBe(true);
  });
});

it('a listing that the other rsync refuses asks for a full sync, once', async () => {
  const refused = { exitCode: 4, stderr: 'rsync: server refuses: --delete: unknown option\n' };
  make({ kind: 'rsync', spec: fileList, pretend: () => refused });
  bench.shell('mkdir d');
  const outcome = await bench.batch({ changes: [listing('/d/')] });
  expect(outcome).toMatchObject({ exitCode: 0, fullSync: 'the other rsync does not take a file list' });
  expect(bench.ran).toHaveLength(1);
});

it('too many listings at one time ask for a full sync', async () => {
  make({ kind: 'rsync', spec: fileList });
  const changes = Array.from({ length: 5001 }, (_, index) => listing(`/d${index}/`));
  expect(await bench.batch({ changes })).toMatchObject({
    fullSync: '5001 directories would have to be compared',
  });
  expect(bench.ran).toEqual([]);
});

it('what fails in a listing brings that listing back, and no more', async () => {
  const stderr = `rsync: [sender] send_files failed to open "FOLDER/src/d/secret": Permission denied (13)
rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1338) [sender=3.2.7]\n`;
  const options: BenchOptions = {
    kind: 'rsync',
    spec: fileList,
    pretend: () => ({ exitCode: 23, stderr: stderr.replace('FOLDER', bench.folder) }),
  };
  make(options);
  bench.shell('mkdir d e; echo 1 >d/secret');
  const outcome = await bench.batch({ changes: [listing('/d/'), listing('/e/')] });
  expect(outcome).toMatchObject({ exitCode: 23, remaining: { changes: [{ path: '/d/', listing: true }] } });
});
