// default.rsync: what rsync is given, what is logged, what an exit code does, and that nothing is deleted that should stay.

import { mkdirSync, writeFileSync, existsSync, readFileSync, symlinkSync, rmSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { differences } from '../helpers/trees.ts';
import { delay, makeBench, rsyncOptions, type Bench, type BenchOptions } from './bench.ts';

let bench: Bench;
afterEach(() => bench.end());

function make(options: Partial<BenchOptions> = {}): Bench {
  bench = makeBench({ kind: 'rsync', ...options });
  return bench;
}

/** The argv of the command that ran, source and target as SRC and TRG; and its stdin. */
function seen(index = 0): { args: string[]; stdin: string | undefined } {
  const command = bench.ran[index]?.command;
  const name = (arg: string): string =>
    arg.replace(`${bench.source}/`, 'SRC/').replace(`${bench.target}/`, 'TRG/');
  return { args: (command?.args ?? []).map(name), stdin: command?.stdin?.toString('latin1') };
}

const NORMAL = (): string[] =>
  bench.lines
    .filter((line) => /^(Normal|Error|Warn)/.test(line))
    .map((line) => line.replaceAll(bench.folder, 'W'));

describe('the full sync', () => {
  it.each([
    ['nothing special', {}, ['--delete', '--ignore-errors', '-lts', '-r', 'SRC/', 'TRG/'], undefined],
    [
      'excludes',
      { excludes: ['*.o', '/d/'] },
      ['--exclude-from=-', '--delete', '--ignore-errors', '-lts', '-r', 'SRC/', 'TRG/'],
      '*.o\n/d/',
    ],
    [
      'filters and excludes',
      { filters: ['+ /k', '- /**'], excludes: ['*.o'] },
      ['--filter=. -', '--delete', '--ignore-errors', '-lts', '-r', 'SRC/', 'TRG/'],
      '+ /k\n- /**\n- *.o',
    ],
    ['delete = false', { delete: false }, ['-lts', '-r', 'SRC/', 'TRG/'], undefined],
    ['delete = "running"', { delete: 'running' as const }, ['-lts', '-r', 'SRC/', 'TRG/'], undefined],
    [
      'delete = "startup"',
      { delete: 'startup' as const },
      ['--delete', '--ignore-errors', '-lts', '-r', 'SRC/', 'TRG/'],
      undefined,
    ],
    [
      'delete_excluded',
      { rsync: rsyncOptions({ shortFlags: 'lts', deleteExcluded: true }) },
      ['--delete', '--ignore-errors', '--delete-excluded', '-lts', '-r', 'SRC/', 'TRG/'],
      undefined,
    ],
    [
      'delete_excluded where nothing may be deleted',
      { delete: false, rsync: rsyncOptions({ shortFlags: 'lts', deleteExcluded: true }) },
      ['-lts', '-r', 'SRC/', 'TRG/'],
      undefined,
    ],
    [
      '_extra and long options',
      { rsync: rsyncOptions({ shortFlags: 'lts', extra: ['--numeric-ids'], longOptions: ['--bwlimit=9'] }) },
      ['--delete', '--ignore-errors', '-lts', '--numeric-ids', '--bwlimit=9', '-r', 'SRC/', 'TRG/'],
      undefined,
    ],
    [
      'no short flag left',
      { rsync: rsyncOptions({ shortFlags: '' }) },
      ['--delete', '--ignore-errors', '-r', 'SRC/', 'TRG/'],
      undefined,
    ],
  ])('gives rsync what lsyncd gives it: %s', async (_what, spec, args, stdin) => {
    make({ spec: { rsync: rsyncOptions({ shortFlags: 'lts' }), ...spec }, pretend: () => ({}) });
    expect(await bench.run(bench.behaviour.startup())).toEqual({ verdict: 'ok' });
    expect(seen()).toEqual({ args, stdin });
  });

  it.each([
    [
      0,
      'ok',
      ['Normal: recursive full rsync: W/src/ -> W/trg/', 'Normal: Startup of W/src/ -> W/trg/ finished.'],
    ],
    [
      24,
      'ok',
      ['Normal: recursive full rsync: W/src/ -> W/trg/', 'Normal: Startup of W/src/ -> W/trg/ finished.'],
    ],
    [
      23,
      'again',
      ['Normal: recursive full rsync: W/src/ -> W/trg/', 'Normal: Startup of W/src/ -> W/trg/ finished.'],
    ],
    [10, 'again', ['Normal: recursive full rsync: W/src/ -> W/trg/']],
    [
      1,
      'die',
      ['Normal: recursive full rsync: W/src/ -> W/trg/', 'Error: Failure on startup of W/src/ -> W/trg/.'],
    ],
    [
      99,
      'die',
      [
        'Normal: recursive full rsync: W/src/ -> W/trg/',
        'Error: Unknown exitcode "99" on startup of W/src/ -> W/trg/.',
        'Error: Critical exitcode.',
      ],
    ],
  ])('ending with %i is %s', async (exitCode, verdict, lines) => {
    make({ pretend: () => ({ exitCode }) });
    expect((await bench.run(bench.behaviour.startup())).verdict).toBe(verdict);
    expect(NORMAL()).toEqual(lines);
  });

  it('logs the rules, the command and the delays as lsyncd does', async () => {
    make({
      spec: { filters: ['+ /k', '- *'], rsync: rsyncOptions({ shortFlags: 'lts' }) },
      pretend: () => ({}),
    });
    await bench.run(bench.behaviour.startup());
    expect(bench.lines.map((line) => line.replaceAll(bench.folder, 'W'))).toEqual([
      'Normal: recursive full rsync: W/src/ -> W/trg/ filtering\n+ /k\n- *',
      'Exec: rsync [<] [+ /k\n- *] [--filter=. -] [--delete] [--ignore-errors] [-lts] [-r] [W/src/] [W/trg/]',
      'Delay: collected an event',
      'Normal: Startup of W/src/ -> W/trg/ finished.',
      'Delay: Finish of Init on W/src/ = 0',
    ]);
  });

  it('says when rsync cannot be started, and is tried again', async () => {
    make({ spec: { rsync: rsyncOptions({ binary: '/nonexistent/rsync' }) } });
    expect(await bench.run(bench.behaviour.startup())).toMatchObject({ verdict: 'again', exitCode: 255 });
    expect(bench.lines).toContain('Error: Failed executing [ /nonexistent/rsync ]!');
  });

  it('has the sentences for the sync to say', () => {
    const { sentences } = make().behaviour;
    expect(
      [sentences.startupRetry(10), sentences.startupGivesUp(10), sentences.batchRetry(11)].map((line) =>
        line.replaceAll(bench.folder, 'W'),
      ),
    ).toEqual([
      'Retrying startup of W/src/ -> W/trg/: 10',
      'Temporary or permanent failure on startup of W/src/ -> W/trg/. Terminating since "insist" is not set.',
      'Retrying a list after exitcode = 11',
    ]);
  });
});

describe('a batch as a filter list', () => {
  const spec = { rsync: rsyncOptions({ shortFlags: 'lts', fileList: false }) };
  const CLOSED = ['--force', '--from0', '--include-from=-', '--exclude=*', 'SRC/', 'TRG/'];

  it('stands in the order and with the escapes of lsyncd', async () => {
    make({ spec, pretend: () => ({}) });
    bench.shell(`mkdir newdir; echo >newdir/z; echo >'st*r?[x]'; echo >'back\\slash'; echo >'a]b'`);
    const deletes = ['/rmfile', '/rmdir/in/f', '/rmdir/in/', '/rmdir/'].map((path) => delay('Delete', path));
    const creates = ['/newdir/', '/newdir/z', '/st*r?[x]', '/back\\slash', '/a]b'].map((path) =>
      delay('Create', path),
    );
    await bench.batch({ changes: [...deletes, ...creates] });
    expect(seen()).toEqual({
      args: ['-lts', '-r', '--delete', '--ignore-errors', ...CLOSED],
      stdin: [
        '/rmfile',
        '/',
        '/rmdir/in/f',
        '/rmdir/in/',
        '/rmdir/',
        '/rmdir/in/***',
        '/rmdir/***',
        '/newdir/',
        '/newdir/z',
        '/st\\*r\\?\\[x\\]',
        '/back\\slash',
        '/a]b',
      ].join('\0'),
    });
  });

  it.each([[false], ['startup' as const]])('never deletes with delete = %s', async (mode) => {
    make({ spec: { ...spec, delete: mode } });
    bench.shell('mkdir d; echo 1 >d/f; echo 2 >g; cp -a . "$TRG/"; rm -r d g');
    expect(
      await bench.batch({ changes: ['/d/f', '/d/', '/g'].map((path) => delay('Delete', path)) }),
    ).toEqual({ verdict: 'ok' });
    expect(seen().args).toEqual(['-lts', '-r', ...CLOSED]);
    expect([existsSync(join(bench.target, 'd/f')), existsSync(join(bench.target, 'g'))]).toEqual([
      true,
      true,
    ]);
  });

  it.each([
    [0, 'ok', 'Normal: Finished a list after exitcode: 0'],
    [24, 'ok', 'Normal: Finished a list after exitcode: 24'],
    [1, 'die', 'Error: Failure with a list with exitcode = 1'],
    [99, 'die', 'Error: Unknown exitcode "99" with a list'],
  ])('ending with %i is %s', async (exitCode, verdict, line) => {
    make({ spec, pretend: () => ({ exitCode }) });
    bench.shell('echo >a');
    expect((await bench.batch({ changes: [delay('Create', '/a')] })).verdict).toBe(verdict);
    expect(NORMAL().slice(0, 2)).toEqual([
      'Normal: Calling rsync with filter-list of new/modified files/dirs\n/a\n/',
      line,
    ]);
  });

  it.each([
    [
      'a code to try again',
      { exitCode: 11, stderr: 'rsync: mkdir failed\n' },
      'rsync ended with 11 (file trouble: disk full, no such directory, or no permission): rsync: mkdir failed',
    ],
    ['a partial transfer', { exitCode: 23 }, 'rsync ended with 23 (some files could not be transferred)'],
    ['a signal', { exitCode: 137, signal: 'SIGKILL' as const }, 'rsync was ended by SIGKILL'],
  ])('comes back whole after %s', async (_what, end, reason) => {
    make({ spec, pretend: () => end });
    bench.shell('echo >a');
    const changes = [delay('Create', '/a'), delay('Delete', '/b')];
    expect(await bench.batch({ changes })).toEqual({
      verdict: 'again',
      reason,
      exitCode: end.exitCode,
      remaining: { moves: [], changes },
      rescan: [],
    });
  });

  it('sends a file where what is to be whole was last seen as a directory', async () => {
    make({ spec });
    bench.shell('echo file >d; mkdir "$TRG/d"; echo 2 >"$TRG/d/stale"');
    const changes = [delay('Create', '/d/', { whole: true })];
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
  });

  it('sends a directory whole where what is to be whole was last seen as a file', async () => {
    make({ spec });
    bench.shell('mkdir -p d/e; echo 1 >d/e/f; mkdir "$TRG/d"; echo 2 >"$TRG/d/stale"');
    const changes = [delay('Modify', '/d', { whole: true })];
    expect(await bench.batch({ changes })).toEqual({ verdict: 'ok' });
    expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
  });

  it('is done again at once when rsync stumbled over what came and went meanwhile', async () => {
    const replaceByFile = (): { exitCode: number } => {
      bench.shell('rm -r d; echo >d');
      return { exitCode: 23 };
    };
    make({ spec, pretend: replaceByFile });
    bench.shell('mkdir d; echo >d/f');
    const outcome = await bench.batch({ changes: [delay('Create', '/d/f')] });
    expect(outcome).toMatchObject({ verdict: 'again', exitCode: 0 });
  });
});

describe('a batch as a file list', () => {
  const spec = { rsync: rsyncOptions({ shortFlags: 'lts', fileList: true }) };

  it('is done again when a directory becomes a file while rsync looks: its end of 2 is no reason to die', async () => {
    const torn = { exitCode: 2, stderr: 'ABORTING due to invalid path from sender: d/f\n' };
    make({ spec, pretend: () => torn });
    bench.shell('mkdir d; echo >d/f');
    const changes = [delay('Create', '/d/f')];
    const outcome = await bench.batch({ changes });
    expect(outcome).toMatchObject({ verdict: 'again', exitCode: 23, remaining: { changes } });
    expect(bench.lines.filter((line) => line.startsWith('Error'))).toEqual([]);
  });

  it('names each path once, only the topmost of what is gone, and reads no directory', async () => {
    make({ spec, pretend: () => ({}) });
    bench.shell('mkdir d; echo >d/f');
    await bench.batch({
      changes: [
        delay('Create', '/d/'),
        delay('Create', '/d/f'),
        delay('Delete', '/gone/in/f'),
        delay('Delete', '/gone/'),
      ],
    });
    expect(seen()).toEqual({
      args: [
        '-lts',
        '--delete-missing-args',
        '--force',
        '--ignore-errors',
        '--files-from=-',
        '--from0',
        'SRC/',
        'TRG/',
      ],
      stdin: './d\0./d/f\0./gone',
    });
    expect(bench.lines[0]).toBe(
      'Normal: Calling rsync with filter-list of new/modified files/dirs\n/d\n/d/f\n/gone',
    );
  });

  it('leaves what it does not name at the target', async () => {
    make({ spec });
    bench.shell('mkdir d; echo 1 >d/f; echo x >"$TRG/own"; mkdir "$TRG/d"; echo x >"$TRG/d/own"');
    await bench.batch({ changes: [delay('Create', '/d/'), delay('Create', '/d/f')] });
    expect(['own', 'd/own', 'd/f'].map((path) => existsSync(join(bench.target, path)))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it.each([[false], ['startup' as const]])('never deletes with delete = %s', async (mode) => {
    make({ spec: { ...spec, delete: mode } });
    bench.shell('mkdir d; echo 1 >d/f; echo 2 >g; cp -a . "$TRG/"; rm -r d g');
    expect(
      await bench.batch({ changes: ['/d/f', '/d/', '/g'].map((path) => delay('Delete', path)) }),
    ).toEqual({ verdict: 'ok' });
    expect([existsSync(join(bench.target, 'd/f')), existsSync(join(bench.target, 'g'))]).toEqual([
      true,
      true,
    ]);
  });

  const UNFIT: readonly (readonly [string, Partial<BenchOptions>])[] = [
    [
      'the rsync is too old',
      { context: { capability: () => Promise.resolve({ version: '3.1.3', fileList: false }) } },
    ],
    [
      'nobody knows what the binary is',
      { context: { capability: () => Promise.resolve({ version: undefined, fileList: false }) } },
    ],
    ['the config forbids it', { spec: { rsync: rsyncOptions({ fileList: false }) } }],
    ...[
      '--filter=- x',
      '-F',
      '-C',
      '-x',
      '-m',
      '--exclude=x',
      '--include=x',
      '--cvs-exclude',
      '--one-file-system',
      '--prune-empty-dirs',
      '--delete-excluded',
      '--backup',
      '-b',
      '--backup-dir=/b',
      '--max-delete=3',
      '-r',
      '--recursive',
      '-R',
      '--files-from=x',
      '--copy-links',
      '-L',
      '-K',
      '--iconv=a,b',
      '--unheard-of',
      '-n',
      '--dry-run',
      'stray',
    ].map(
      (word) =>
        [`_extra has ${word}`, { spec: { rsync: rsyncOptions({ fileList: true, extra: [word] }) } }] as const,
    ),
  ];

  it.each(UNFIT)('is not used when %s', async (_what, options) => {
    make({ ...options, pretend: () => ({}) });
    bench.shell('echo >a');
    await bench.batch({ changes: [delay('Create', '/a')] });
    expect(seen().args).toContain('--include-from=-');
  });

  it('is used with options that only shape the transfer', async () => {
    const rsync = rsyncOptions({
      shortFlags: 'lptgoDzus',
      extra: ['--omit-dir-times', '-AX'],
      longOptions: ['--bwlimit=1', '--temp-dir=/t', '--rsh=ssh -p 1', '--no-whole-file'],
    });
    make({ spec: { rsync }, pretend: () => ({}) });
    bench.shell('echo >a');
    await bench.batch({ changes: [delay('Create', '/a')] });
    expect(seen().args).toContain('--files-from=-');
  });

  it.each([
    [12, 'rsync: --delete-missing-args: unknown option\nrsync error: error in rsync protocol data stream'],
    [4, 'ERROR: The server is configured to refuse --delete\n'],
  ])(
    'gives way to the filter list for good when the other side ends with %i over an option',
    async (exitCode, stderr) => {
      make({
        spec,
        pretend: (command) => (command.args.includes('--files-from=-') ? { exitCode, stderr } : {}),
      });
      bench.shell('echo >a');
      expect(await bench.batch({ changes: [delay('Create', '/a')] })).toEqual({ verdict: 'ok' });
      expect(await bench.batch({ changes: [delay('Create', '/a')] })).toEqual({ verdict: 'ok' });
      expect(bench.ran.map(({ command }) => command.args.includes('--files-from=-'))).toEqual([
        true,
        false,
        false,
      ]);
      expect(bench.lines.filter((line) => line.startsWith('Warn'))).toHaveLength(1);
    },
  );
});

describe('what stays at the target', () => {
  it("is everything that the user's own filters shut out, whatever happens in the source", async () => {
    make({ spec: { rsync: rsyncOptions({ extra: ['--filter=+ *maxscale.cnf', '--filter=- **'] }) } });
    bench.shell(
      'echo 1 >maxscale.cnf; echo 2 >passwd; mkdir d; echo 3 >d/f; cp -a . "$TRG/"; echo new >maxscale.cnf; rm -r passwd d; echo x >other',
    );
    expect(bench.behaviour.takesMoves).toBe(false);
    await bench.batch({
      changes: [
        delay('Modify', '/maxscale.cnf'),
        delay('Delete', '/passwd'),
        delay('Delete', '/d/f'),
        delay('Delete', '/d/'),
        delay('Create', '/other'),
      ],
    });
    expect(['passwd', 'd/f', 'other'].map((path) => existsSync(join(bench.target, path)))).toEqual([
      true,
      true,
      false,
    ]);
    expect(readFileSync(join(bench.target, 'maxscale.cnf'), 'utf8')).toBe('new\n');
  });

  it('is everything when the source itself is gone', async () => {
    make({ spec: { rsync: rsyncOptions({ fileList: true }) } });
    bench.shell('echo 1 >a; cp -a . "$TRG/"');
    renameSync(bench.source, join(bench.folder, 'away'));
    const changes = [delay('Modify', '/a')];
    expect(await bench.batch({ changes })).toMatchObject({
      verdict: 'again',
      exitCode: 3,
      remaining: { changes },
    });
    expect(existsSync(join(bench.target, 'a'))).toBe(true);
    mkdirSync(bench.source);
  });

  it('is what is excluded below a directory that is sent whole, and what is excluded there is not sent', async () => {
    make({ spec: { excludes: ['*.o', '/d/own/'], rsync: rsyncOptions() } });
    bench.shell('mkdir -p d/e x; echo 1 >d/f; echo 2 >d/e/g; echo 3 >d/bad.o; echo 4 >x/new');
    bench.shell(
      'mkdir -p "$TRG/d/own" "$TRG/x"; for f in d/own/k d/kept.o d/stale x/stale top; do echo 9 >"$TRG/$f"; done',
    );
    await bench.batch({ changes: [delay('Create', '/d/', { whole: true }), delay('Create', '/x/')] });
    const there = (path: string): boolean => existsSync(join(bench.target, path));
    expect(['d/f', 'd/e/g', 'd/own/k', 'd/kept.o', 'x/stale', 'top'].map(there)).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(['d/bad.o', 'd/stale', 'x/new'].map(there)).toEqual([false, false, false]);
  });

  it('is what lies behind a symlink that took the place of a directory', async () => {
    make({ spec: { rsync: rsyncOptions({ fileList: true }) } });
    bench.shell(
      'mkdir d "$OUT/elsewhere"; echo 1 >d/f; cp -a . "$TRG/"; echo keep >"$OUT/elsewhere/f"; rm d/f',
    );
    rmSync(join(bench.target, 'd'), { recursive: true });
    symlinkSync('../elsewhere', join(bench.target, 'd'));
    await bench.batch({ changes: [delay('Delete', '/d/f')] });
    expect(existsSync(join(bench.folder, 'elsewhere/f'))).toBe(true);
  });
});

describe('content', () => {
  it.each([[true], [false]])(
    'written again with the same size within the second arrives (file list: %s)',
    async (fileList) => {
      make({ spec: { rsync: rsyncOptions({ fileList }) } });
      const file = join(bench.source, 's');
      for (const text of ['1', '2', '3', '4', '5', '6']) {
        writeFileSync(file, text);
        await bench.batch({ changes: [delay('Modify', '/s')] });
        expect(readFileSync(join(bench.target, 's'), 'utf8')).toBe(text);
      }
    },
  );

  it('written again within the second in which its directory was sent whole arrives', async () => {
    make();
    bench.shell('mkdir d; echo 1 >d/s');
    await bench.batch({ changes: [delay('Create', '/d/', { whole: true })] });
    bench.shell('echo 2 >d/s');
    await bench.batch({ changes: [delay('Modify', '/d/s')] });
    expect(readFileSync(join(bench.target, 'd/s'), 'utf8')).toBe('2\n');
  });

  it('written while the full sync ran arrives', async () => {
    make();
    writeFileSync(join(bench.source, 's'), '1');
    await bench.run(bench.behaviour.startup());
    writeFileSync(join(bench.source, 's'), '2');
    await bench.batch({ changes: [delay('Modify', '/s')] });
    expect(readFileSync(join(bench.target, 's'), 'utf8')).toBe('2');
  });

  it('that was not written again is not sent again', async () => {
    make();
    bench.shell('echo 1 >a');
    await bench.batch({ changes: [delay('Create', '/a')] });
    await bench.batch({ changes: [delay('Attrib', '/a')] });
    expect(bench.ran.map(({ command }) => command.args.includes('--ignore-times'))).toEqual([false, false]);
  });

  it('of a list far larger than a pipe arrives', async () => {
    make();
    bench.shell(
      'mkdir many; cd many; seq 6000 | sed "s/^/a-name-that-is-rather-long-so-that-the-list-is-long-/" | xargs touch',
    );
    const names = Array.from({ length: 6000 }, (_, index) =>
      delay('Create', `/many/a-name-that-is-rather-long-so-that-the-list-is-long-${index + 1}`),
    );
    expect(await bench.batch({ changes: [delay('Create', '/many/'), ...names] })).toEqual({ verdict: 'ok' });
    expect(differences(bench.source, bench.target)).toBe('');
  });
});
