// Many new directories at once: rsync is given their names, not those of their files, and the target is as if it had been given each.

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { toBuffer } from '../../src/byte-path.ts';
import type { Delay } from '../../src/queue/delay.ts';
import { differences } from '../helpers/trees.ts';
import { delay, makeBench, rsyncOptions, type Bench, type BenchOptions } from './bench.ts';

const DIRECTORIES = 12;
const FILES = 100;

let bench: Bench;
afterEach(() => bench.end());

const src = (path: string): string => join(bench.source, path);
const trg = (path: string): string => join(bench.target, path);

/** Makes them below `top` in the source; returns what the queue would have of it. */
function makeDirectories(options: Partial<BenchOptions> = {}, top = 'a/b'): Delay[] {
  bench = makeBench({ kind: 'rsync', ...options });
  mkdirSync(src(top), { recursive: true });
  const changes: Delay[] = [];
  for (let at = top; at !== '.' && at !== ''; at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '')
    changes.unshift(delay('Create', `/${at}/`));
  for (let d = 0; d < DIRECTORIES; d++) {
    mkdirSync(src(`${top}/d${d}`));
    changes.push(delay('Create', `/${top}/d${d}/`));
    for (let f = 0; f < FILES; f++) {
      writeFileSync(src(`${top}/d${d}/f${f}`), `${d} ${f}`);
      changes.push(delay('Create', `/${top}/d${d}/f${f}`));
    }
  }
  return changes;
}

const stdins = (): readonly (readonly string[])[] =>
  bench.ran.map(({ command }) => (command.stdin?.toString('latin1') ?? '').split('\0'));
const isTrees = ({ command }: Bench['ran'][number]): boolean => command.args.includes('-r');

describe('many new directories with all that is in them', () => {
  it('are named, and their files are not', async () => {
    const changes = makeDirectories();
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect(differences(src(''), trg(''))).toBe('');
    expect(bench.ran.map(isTrees)).toEqual([true]);
    expect(stdins()[0]).toEqual(Array.from({ length: DIRECTORIES }, (_, d) => `./a/b/d${d}`));
    expect(bench.lines.join('\n')).toContain('\n/a/b/d11/f99');
  });

  it('may have names that are not UTF-8, or have a newline', async () => {
    const changes = makeDirectories();
    mkdirSync(src('a/b/\n'));
    writeFileSync(toBuffer(src('a/b/\n/\xff\xfe')), 'odd');
    changes.push(delay('Create', '/a/b/\n/'), delay('Create', '/a/b/\n/\xff\xfe'));
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect(stdins()[0]).toContain('./a/b/\n');
    expect(differences(src(''), trg(''))).toBe('');
  });

  it('keep what the target has in such a directory', async () => {
    const changes = makeDirectories();
    mkdirSync(trg('a/b/d3/own'), { recursive: true });
    writeFileSync(trg('a/b/d3/kept'), '');
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect(readdirSync(trg('a/b/d3'))).toEqual(expect.arrayContaining(['own', 'kept', 'f0']));
  });

  it.each([
    ['a file nobody told of yet', () => writeFileSync(src('a/b/d5/untold'), '')],
    ['a subdirectory', () => mkdirSync(src('a/b/d5/below'))],
    ['a file that is gone', () => rmSync(src('a/b/d5/f7'))],
  ])('but for one with %s', async (what, change) => {
    const changes = makeDirectories();
    change();
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    const isNamed = stdins()[0]?.includes('./a/b/d5');
    expect(isNamed).toBe(what === 'a file that is gone');
    expect(readdirSync(trg('a/b/d5')).toSorted()).toEqual(
      readdirSync(src('a/b/d5'))
        .filter((name) => /^f\d+$/.test(name))
        .toSorted(),
    );
  });

  it('nor for one that was there before', async () => {
    const changes = makeDirectories().map((change) =>
      change.path === '/a/b/d5/' ? delay('Attrib', change.path) : change,
    );
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect(stdins()).toHaveLength(1);
    expect(stdins()[0]).not.toContain('./a/b/d5');
    expect(stdins()[0]).toContain('./a/b/d5/f99');
    expect(differences(src(''), trg(''))).toBe('');
  });

  it('bring nothing that is excluded, though it came after the look', async () => {
    const before = (): void => writeFileSync(src('a/b/d2/late.o'), 'x');
    const changes = makeDirectories({ before, spec: { excludes: ['*.o'] } });
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect(isTrees(bench.ran[0] ?? expect.unreachable())).toBe(true);
    expect(existsSync(trg('a/b/d2/f0'))).toBe(true);
    expect(existsSync(trg('a/b/d2/late.o'))).toBe(false);
  });

  it('are not followed where a symlink took the place of one', async () => {
    const before = (): void => {
      renameSync(src('a/b/d2'), join(bench.folder, 'outside'));
      symlinkSync(join(bench.folder, 'outside'), src('a/b/d2'));
    };
    let isFirst = true;
    const changes = makeDirectories({
      before: () => {
        if (isFirst) before();
        isFirst = false;
      },
    });
    await bench.batch({ changes });
    expect(execFileSync('readlink', [trg('a/b/d2')], { encoding: 'utf8' })).toBe(
      `${join(bench.folder, 'outside')}\n`,
    );
  });

  it('arrive though they were written again within the second', async () => {
    const changes = makeDirectories();
    await bench.batch({ changes });
    writeFileSync(src('a/b/d1/f1'), '9 9');
    execFileSync('touch', ['-r', trg('a/b/d1/f1'), src('a/b/d1/f1')]);
    await bench.batch({ changes });
    expect(readFileSync(trg('a/b/d1/f1'), 'utf8')).toBe('9 9');
  });

  it('go with what else is in the batch, but for directories that are no parents of it, and much content', async () => {
    const changes = makeDirectories();
    bench.shell(
      'mkdir -p old/full sub; echo 1 >old/full/f; echo 2 >sub/f; echo 3 >gone; ln -s x link; cp -a old sub gone "$TRG/"',
    );
    bench.shell('chmod 700 old; echo 22 >sub/f; rm gone; echo new >old/full/f');
    changes.push(delay('Attrib', '/old/'), delay('Attrib', '/sub/'), delay('Modify', '/sub/f'));
    changes.push(delay('Delete', '/gone'), delay('Create', '/link'));
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect(stdins().map((names) => names.filter((name) => !name.startsWith('./a')))).toEqual([
      ['./sub/f', './gone', './link'],
      ['./old'],
    ]);
    expect(readFileSync(trg('old/full/f'), 'utf8')).toBe('1\n');
    expect(readFileSync(trg('sub/f'), 'utf8')).toBe('22\n');
    expect([existsSync(trg('gone')), readlinkSync(trg('link'))]).toEqual([false, 'x']);

    writeFileSync(src('large'), '');
    truncateSync(src('large'), 33 * 1024 * 1024);
    await bench.batch({ changes: [...changes, delay('Create', '/large')] });
    expect(stdins()[2]).not.toContain('./large');
    expect(stdins()[3]).toContain('./large');
  });

  it('leave to another rsync what is gone where there are rules: it might take a directory for a file that is excluded', async () => {
    const changes = makeDirectories({ spec: { filters: ['+ */', '+ f*', '- *'] } });
    bench.shell('mkdir gone; echo 1 >gone/f; cp -a gone "$TRG/"; rm -r gone');
    changes.push(delay('Delete', '/gone/f'), delay('Delete', '/gone/'));
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect(bench.ran.map(isTrees)).toEqual([true, false]);
    expect(existsSync(trg('gone'))).toBe(false);
    expect(differences(src(''), trg(''))).toBe('');
  });

  it('of which one file failed go back, and the next batch names all files', async () => {
    const stderr = (): string =>
      `rsync: [sender] send_files failed to open "${src('a/b/d1/f1')}": Permission denied (13)\nrsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1)\n`;
    const changes = makeDirectories({
      pretend: (command) => (command.args.includes('-r') ? { exitCode: 23, stderr: stderr() } : undefined),
    });
    expect(await bench.batch({ changes })).toMatchObject({
      verdict: 'again',
      exitCode: 0,
      remaining: { changes: expect.objectContaining({ length: changes.length }) },
    });
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    await bench.batch({ changes });
    expect(bench.ran.map(isTrees)).toEqual([true, false, true]);
  });

  it('go by the filter list where the other side takes no file list', async () => {
    const stderr = 'rsync: --delete-missing-args: unknown option\n';
    const changes = makeDirectories({
      pretend: (command) => (command.args.includes('--files-from=-') ? { exitCode: 1, stderr } : undefined),
    });
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect(differences(src(''), trg(''))).toBe('');
  });

  it.each([
    ['the config wants a filter list', { rsync: rsyncOptions({ fileList: false }) }],
    ['the rules cannot be arguments', { excludes: ['\xff'] }],
  ])('are named with all their files where %s', async (_why, spec) => {
    const changes = makeDirectories({ spec });
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect(stdins()).toHaveLength(1);
    expect(stdins()[0]?.length).toBeGreaterThan(DIRECTORIES * FILES);
    expect(differences(src(''), trg(''))).toBe('');
  });
});
