// Full syncs that would delete too much, or everything: rsync is asked first, by a dry run, and only where that can be.

import { existsSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { makeBench, rsyncOptions, type Bench, type SpecPatch } from './bench.ts';

let bench: Bench;
afterEach(() => bench.end());

/** The target has `old` and `sub/file.o`, the source is empty. */
function make(kind: 'rsync' | 'direct', spec: SpecPatch = {}): void {
  bench = makeBench({ kind, spec });
  bench.shell('cd "$TRG"; echo >old; mkdir sub; echo >sub/file.o');
}

const startup = () => bench.run(bench.behaviour.startup());
const isDryRun = ({ command }: Bench['ran'][number]): boolean => command.args.includes('--dry-run');

describe('an empty source and a target that is not', () => {
  it.each([
    ['rsync', 'rsync', {}],
    ['direct', 'direct', {}],
    ['delete at startup', 'rsync', { delete: 'startup' }],
    [
      'a quiet rsync',
      'rsync',
      { rsync: rsyncOptions({ shortFlags: 'lqts', extra: ['-q', '--quiet', '-vq'] }) },
    ],
    [
      'an rsync with formats of its own',
      'rsync',
      { rsync: rsyncOptions({ extra: ['-v', '--out-format=%n', '--stats'] }) },
    ],
    ['excludes that hide a part of the target', 'rsync', { excludes: ['*.o'] }],
    [
      'excludes, and delete_excluded',
      'rsync',
      { excludes: ['old'], rsync: rsyncOptions({ deleteExcluded: true }) },
    ],
  ] as const)('refuse the full sync, and nothing is deleted: %s', async (_name, kind, spec) => {
    make(kind, spec);
    expect(await startup()).toEqual({
      verdict: 'no source',
      reason: `is empty, but its target "${bench.target}/" is not, and "delete" is on (allowEmptySource = true lets the target be emptied)`,
      exitCode: 0,
    });
    expect(bench.ran.map(isDryRun)).toEqual([true]);
    expect(readdirSync(bench.target)).toEqual(['old', 'sub']);
    expect(existsSync(`${bench.target}/sub/file.o`)).toBe(true);
  });

  it.each([
    ['excludes hide all of the target', { excludes: ['old', '*.o', 'sub/'] }],
    ['a filter protects it', { filters: ['P *'] }],
  ])('do not, where rsync would delete nothing: %s', async (_name, spec) => {
    make('rsync', spec);
    expect(await startup()).toEqual({ verdict: 'ok' });
    expect(bench.ran.map(isDryRun)).toEqual([true, false]);
    expect(readdirSync(bench.target)).toEqual(['old', 'sub']);
  });

  it.each([
    ['no delete', { delete: false }],
    ['delete while running', { delete: 'running' }],
    ['the config allows it', { allowEmptySource: true }],
  ] as const)('do not, and rsync is not asked: %s', async (_name, spec) => {
    make('rsync', spec);
    expect(await startup()).toEqual({ verdict: 'ok' });
    expect(bench.ran.map(isDryRun)).toEqual([false]);
  });

  it('rsync is not asked where the source has something, or a local target nothing', async () => {
    bench = makeBench({ kind: 'rsync' });
    expect(await startup()).toEqual({ verdict: 'ok' });
    bench.shell('rmdir "$TRG"');
    expect(await startup()).toEqual({ verdict: 'ok' });
    bench.shell('echo >"$TRG/more"; echo >here');
    expect(await startup()).toEqual({ verdict: 'ok' });
    expect(bench.ran.map(isDryRun)).toEqual([false, false, false]);
  });
});

describe('a target on another host', () => {
  it.each([
    ['rsync', 'host:/trg/'],
    ['rsync', 'host::module/'],
    ['rsync', 'rsync://host/module/'],
    ['rsyncssh', undefined],
  ] as const)('is asked with the words of the full sync: %s %s', async (kind, target) => {
    const spec = { excludes: ['*.o'], ...(target === undefined ? {} : { target }) };
    bench = makeBench({ kind, spec, pretend: () => ({ stdout: '*deleting  \n' }) });
    expect(await startup()).toMatchObject({ verdict: 'no source' });
    const [asked] = bench.ran;
    bench.ran.length = 0;
    bench.shell('echo >here');
    await startup();
    const [full] = bench.ran;
    const isExtra = (word: string): boolean =>
      ['--dry-run', '--existing', '--ignore-existing', '--out-format=%i'].includes(word);
    expect(asked?.command.args.filter((word) => !isExtra(word))).toEqual(full?.command.args);
    expect(asked?.command.stdin).toEqual(full?.command.stdin);
    expect(asked?.command.args.filter(isExtra)).toHaveLength(4);
  });

  it.each([
    [255, 'again'],
    [10, 'again'],
    [5, 'again'],
    [1, 'die'],
  ])(
    'that cannot be asked (%i) is like one that cannot be reached at startup: %s',
    async (exitCode, verdict) => {
      bench = makeBench({ kind: 'rsync', spec: { target: 'host:/trg/' }, pretend: () => ({ exitCode }) });
      expect(await startup()).toMatchObject({ verdict, exitCode });
      expect(bench.ran.map(isDryRun)).toEqual([true]);
    },
  );
});

describe('maxDelete', () => {
  it('a full sync that would delete more deletes nothing at all', async () => {
    make('rsync', { maxDelete: 2 });
    bench.shell('echo >new');
    expect(await startup()).toMatchObject({ verdict: 'halt' });
    expect(bench.ran.map(isDryRun)).toEqual([true]);
    expect(readdirSync(bench.target)).toEqual(['old', 'sub']);
    bench.shell('mkdir sub');
    expect(await startup()).toEqual({ verdict: 'ok' });
    expect(readdirSync(bench.target)).toEqual(['new', 'sub']);
  });

  it('what the dry run cannot see is stopped by rsync itself', async () => {
    make('rsync', { maxDelete: 1, rsync: rsyncOptions({ extra: ['--force'] }) });
    bench.shell('echo >old; echo >sub; cd "$TRG/sub"; echo >1; echo >2; echo >3');
    expect(await startup()).toMatchObject({ verdict: 'halt' });
    expect(bench.ran.map(isDryRun)).toEqual([true, false]);
    expect(readdirSync(`${bench.target}/sub`).length).toBeGreaterThanOrEqual(3);
  });
});
