// What an rsync that ends with 23 complains of: its lines one by one, and a real one that is not permitted everything.

import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/behaviour/behaviour.ts';
import { failedPathsOfRsync } from '../../src/behaviour/failed-paths-of-rsync.ts';
import type { RsyncOptions } from '../../src/config/sync-spec.ts';
import type { Delay } from '../../src/queue/delay.ts';
import { delay, makeBench, rsyncOptions, type Bench } from './bench.ts';

const LAST =
  'rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1394)';

/** The paths that failed; undefined: it cannot be told. */
function failed(
  lines: readonly string[],
  { changes, target = '/trg/' }: { readonly changes: readonly Delay[]; readonly target?: string },
): readonly string[] | undefined {
  const stderr = [...lines, LAST, ''].join('\n');
  return failedPathsOfRsync(stderr, { changes, source: '/src/', target })?.map(({ change }) => change.path);
}

const modified = (...paths: readonly string[]): readonly Delay[] =>
  paths.map((path) => delay('Modify', path));

describe('failedPathsOfRsync', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['/d/x', 'rsync: [sender] link_stat "/src/d/x" failed: Permission denied (13)', ['/d/x']],
    ['/x', 'rsync: link_stat "/src/x" failed: Permission denied (13)', ['/x']],
    ['/x', 'rsync: [sender] send_files failed to open "/src/x": Permission denied (13)', ['/x']],
    ['/q"q', 'rsync: [sender] send_files failed to open "/src/q"q": Permission denied (13)', ['/q"q']],
    ['/n\nl', String.raw`rsync: [sender] link_stat "/src/n\#012l" failed: Input/output error (5)`, ['/n\nl']],
    ['/\xc3\xbc', String.raw`rsync: [sender] link_stat "/src/\#303\#274" failed: No (13)`, ['/\xc3\xbc']],
    ['/a\\#123', String.raw`rsync: [sender] link_stat "/src/a\#134#123" failed: No (13)`, ['/a\\#123']],
    ['/d/x', 'rsync: [receiver] mkstemp "/trg/d/.x.50MM9d" failed: Permission denied (13)', ['/d/x']],
    ['/d/.x', 'rsync: [receiver] mkstemp "/trg/d/.x.50MM9d" failed: Permission denied (13)', ['/d/.x']],
    ['/x', 'rsync: [receiver] rename "/trg/.x.50MM9d" -> "x": Permission denied (13)', ['/x']],
    ['/x', 'rsync: [receiver] chgrp "/trg/.x.50MM9d" failed: Operation not permitted (1)', ['/x']],
    ['/x', 'rsync: [generator] failed to set times on "/trg/x": Operation not permitted (1)', ['/x']],
    ['/x', 'rsync: [generator] symlink "/trg/x" -> "f" failed: Permission denied (13)', ['/x']],
    ['/x', 'rsync: [generator] mknod "/trg/x" failed: Permission denied (13)', ['/x']],
    ['/x', 'ERROR: x failed verification -- update discarded.', ['/x']],
    ['/x', 'rsync: [generator] delete_file: unlink(x/f) failed: Permission denied (13)', ['/x']],
    ['/x', 'could not make way for new regular file: x', ['/x']],
    ['/d/', 'cannot delete non-empty directory: d', ['/d/']],
    ['/x', 'rsync: [receiver] mkstemp "/trg/.other.50MM9d" failed: Permission denied (13)', []],
    ['/x', 'rsync: [receiver] mkstemp "/elsewhere/.x.50MM9d" failed: Permission denied (13)', []],
    ['/x', 'rsync: [generator] symlink "/trg/x" -> "a" -> "b" failed: Permission denied (13)', []],
    ['/x', 'Warning: Permanently added some host to the list of known hosts.', []],
    ['/x', 'IO error encountered -- skipping file deletion', []],
  ])('of %j, from %s', (path, line, expected) => {
    const found = failed([line], { changes: modified('/fine', path) });
    expect(found).toEqual(expected.length === 0 ? undefined : expected);
  });

  it.each([
    ['a path of another host', 'h:/trg/', '"/trg/d/x"'],
    ['one in its home', 'user@h:to/trg/', '"/home/user/to/trg/d/x"'],
    ['one in its home, by tilde', 'h:~/trg/', '"/home/user/trg/d/x"'],
    ['a folder of a module', 'rsync://h:1/mod/in/', '"/in/d/x" (in mod)'],
    ['a folder of a module, by colons', 'user@h::mod/in/', '"/in/d/x" (in mod)'],
    ['a module', 'h::mod/', '"d/x" (in mod)'],
  ])('of a target that is %s', (_what, target, shown) => {
    const line = `rsync: [generator] mknod ${shown} failed: Permission denied (13)`;
    expect(failed([line], { changes: modified('/d/x', '/x'), target })).toEqual(['/d/x']);
  });

  it.each([
    ['a home of the same name', 'h:trg/', '"/home/trg/trg/x"'],
    ['a home', 'h:/', '"/home/user/x"'],
    ['a module, and no path of it is named', 'h::mod/', '"/trg/x"'],
  ])('says nothing of a target that is %s', (_what, target, shown) => {
    const line = `rsync: [generator] mknod ${shown} failed: Permission denied (13)`;
    expect(failed([line], { changes: modified('/x'), target })).toBeUndefined();
  });

  it('names what is in doubt as a file and as a directory by both', () => {
    const line = 'rsync: [receiver] mkstemp "/trg/.d.50MM9d" failed: Permission denied (13)';
    const changes = ['/d/', '/d', '/fine'].map((path) => delay('Create', path, { whole: true }));
    expect(failed([line], { changes })).toEqual(['/d/', '/d']);
  });

  it('names all that was to come into a directory that could not be made', () => {
    const lines = [
      'rsync: [generator] recv_generator: mkdir "/trg/d" failed: Permission denied (13)',
      '*** Skipping any contents from this failed directory ***',
    ];
    const changes = modified('/d/e/f', '/fine', '/d/', '/d/e/');
    expect(failed(lines, { changes })?.toSorted()).toEqual(['/d/', '/d/e/', '/d/e/f']);
  });

  it('names a directory alone when it is there without its attributes', () => {
    const line = 'rsync: [generator] chgrp "/trg/d" failed: Operation not permitted (1)';
    expect(failed([line], { changes: modified('/d/', '/d/f') })).toEqual(['/d/']);
    expect(failed([line], { changes: modified('/d/f', '/fine') })).toEqual(['/d/']);
    const root = 'rsync: [generator] failed to set times on "/trg/.": Operation not permitted (1)';
    expect(failed([root], { changes: modified('/f') })).toEqual(['/']);
  });

  it('names what was sent or removed whole, and no other directory, for what is below it', () => {
    const open = 'rsync: [sender] send_files failed to open "/src/d/e/f": Permission denied (13)';
    expect(failed([open], { changes: [delay('Create', '/d/', { whole: true })] })).toEqual(['/d/']);
    expect(failed([open], { changes: modified('/d/') })).toBeUndefined();
    const remove = 'rsync: [generator] delete_file: rmdir(d/e) failed: Permission denied (13)';
    expect(failed([remove], { changes: [delay('Delete', '/d/'), ...modified('/fine')] })).toEqual(['/d/']);
  });

  it('names what failed of a whole directory alone, as what the source has there', () => {
    const whole = [delay('Create', '/d/', { whole: true })];
    const types = new Map([['/d/e', 'directory'], ['/d/e/f', 'other'], ['/d/.g', 'other']] as const); // prettier-ignore
    const find = (line: string): readonly Delay[] | undefined => {
      const run = { changes: whole, source: '/src/', target: '/trg/' };
      const typeAt = (path: string): 'directory' | 'other' | undefined => types.get(path as '/d/e');
      const stderr = [line, LAST, ''].join('\n');
      return failedPathsOfRsync(stderr, { ...run, typeAt })?.map(({ change, why }) => {
        expect(why).toBe(line);
        return change;
      });
    };
    expect(find('rsync: [sender] send_files failed to open "/src/d/e/f": No (13)')).toMatchObject([
      { kind: 'Modify', path: '/d/e/f', whole: false },
    ]);
    expect(find('rsync: [sender] opendir "/src/d/e" failed: No (13)')).toMatchObject([
      { kind: 'Modify', path: '/d/e/', whole: true },
    ]);
    expect(find('rsync: [generator] chgrp "/trg/d/e" failed: No (1)')).toMatchObject([
      { kind: 'Attrib', path: '/d/e/', whole: false },
    ]);
    expect(find('rsync: [receiver] mkstemp "/trg/d/.g.50MM9d" failed: No (13)')).toMatchObject([
      { kind: 'Modify', path: '/d/.g', whole: false },
    ]);
    expect(find('rsync: [generator] delete_file: rmdir(d/old) failed: No (13)')).toMatchObject([
      { kind: 'Delete', path: '/d/old/' },
      { kind: 'Delete', path: '/d/old' },
    ]);
    expect(find('rsync: [receiver] mkstemp "/trg/d/.gone.50MM9d" failed: No (13)')).toMatchObject([
      { path: '/d/' },
    ]);
  });

  it('says nothing when one line of several is not understood, or none complains', () => {
    const line = 'rsync: [sender] link_stat "/src/x" failed: Permission denied (13)';
    expect(failed([line, 'what is this'], { changes: modified('/x') })).toBeUndefined();
    expect(failed(['file has vanished: "/src/x"'], { changes: modified('/x') })).toBeUndefined();
  });

  it('says nothing when the end of stderr is missing', () => {
    const stderr = 'rsync: [sender] link_stat "/src/x" failed: Permission denied (13)\n';
    const run = { changes: modified('/x'), source: '/src/', target: '/trg/' };
    expect(failedPathsOfRsync(stderr, run)).toBeUndefined();
    expect(failedPathsOfRsync(`${stderr}${LAST}\n`, run)).toHaveLength(1);
  });
});

describe('a batch of which some paths may not be read or written', () => {
  let bench: Bench;
  let tools: string;
  beforeEach(() => {
    tools = mkdtempSync(join(tmpdir(), 'tsyncd-rsync-'));
    chmodSync(tools, 0o755);
  });
  afterEach(() => {
    bench.end();
    rmSync(tools, { recursive: true });
  });

  /** With an rsync that is no root's, also where the tests run as root. */
  function make(options: Partial<RsyncOptions>): void {
    const binary = join(tools, 'rsync');
    const isRoot = process.getuid?.() === 0;
    const nobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups';
    writeFileSync(binary, `#!/bin/sh\nexec ${isRoot ? nobody : ''} rsync "$@"\n`, { mode: 0o755 });
    bench = makeBench({ kind: 'rsync', spec: { rsync: rsyncOptions({ ...options, binary }) } });
  }

  /** The folders belong to that rsync. */
  function prepare(script: string): void {
    chmodSync(bench.folder, 0o755);
    bench.shell(`${script}\n[ "$(id -u)" != 0 ] || chown -Rh 65534:65534 . "$TRG"`);
  }

  const remaining = (outcome: Outcome): readonly string[] | undefined =>
    outcome.verdict === 'again' ? outcome.remaining.changes.map(({ path }) => path).toSorted() : undefined;

  it.each([[true], [false]])('brings back those alone (file list: %s)', async (fileList) => {
    make({ shortFlags: 'lptD', fileList });
    prepare('mkdir d shut "$TRG/kept" "$TRG/kept/in"; echo 1 >"$TRG/kept/in/f"; chmod 555 "$TRG/kept/in"');
    prepare(
      'echo 1 >fine; echo 2 >secret; echo 3 >d/fine; echo 4 >shut/x; chmod 0 secret shut "$TRG/kept/in"',
    );
    const changes = [
      ...['/fine', '/secret', '/d/', '/d/fine', '/shut/x'].map((path) => delay('Modify', path)),
      delay('Delete', '/kept/'),
    ];
    const outcome = await bench.batch({ changes });
    expect(outcome).toMatchObject({ verdict: 'again', exitCode: 23 });
    expect(remaining(outcome)).toEqual(['/kept/', '/secret', '/shut/x']);
    expect(['fine', 'd/fine'].map((path) => existsSync(join(bench.target, path)))).toEqual([true, true]);
    bench.shell('chmod 755 "$TRG/kept/in"');
  });

  it('brings back all of them where files have several names', async () => {
    make({ shortFlags: 'lptDH', fileList: true });
    prepare('echo 1 >a; ln a b; echo 2 >c; chmod 0 a');
    const changes = ['/a', '/b', '/c'].map((path) => delay('Modify', path));
    expect(remaining(await bench.batch({ changes }))).toEqual(['/a', '/b', '/c']);
  });

  it('sends the other parts of the batch all the same', async () => {
    make({ shortFlags: 'lptD', fileList: true });
    prepare('echo 1 >secret; chmod 0 secret; mkdir whole; echo 2 >whole/f');
    const changes = [delay('Modify', '/secret'), delay('Create', '/whole/', { whole: true })];
    expect(remaining(await bench.batch({ changes }))).toEqual(['/secret']);
    expect(existsSync(join(bench.target, 'whole/f'))).toBe(true);
  });
});
