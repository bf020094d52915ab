// maxDelete: what may be deleted, and when the sync must halt.

import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { delay, makeBench, move, rsyncOptions, type Bench, type SpecPatch } from './bench.ts';

let bench: Bench;
afterEach(() => bench.end());

const HALT = {
  verdict: 'halt',
  exitCode: 25,
  reason:
    'more than 3 paths would be deleted at its target (maxDelete); put them back into the source, or raise maxDelete, and send HUP (systemctl reload): nothing is sent until then',
};

/** Five files and a tree of three at the target, of which the source has none. */
function make(kind: 'rsync' | 'direct', spec: SpecPatch = {}): void {
  bench = makeBench({ kind, spec: { maxDelete: 3, ...spec } });
  bench.shell('cd "$TRG"; touch f1 f2 f3 f4 f5; mkdir -p d/e; touch d/e/g');
}

const deletes = (...paths: readonly string[]) => ({ changes: paths.map((path) => delay('Delete', path)) });

/** Files left of f1 to f5. */
const left = (): number => readdirSync(bench.target).filter((name) => name.startsWith('f')).length;

const FORMS: readonly (readonly [string, 'rsync' | 'direct', SpecPatch])[] = [
  ['rsync, file list', 'rsync', { rsync: rsyncOptions({ fileList: true }) }],
  ['rsync, filter list', 'rsync', { rsync: rsyncOptions({ fileList: false }) }],
  ['direct', 'direct', {}],
];

describe('maxDelete = 3', () => {
  it.each(FORMS)('lets a batch delete three paths: %s', async (_name, kind, spec) => {
    make(kind, spec);
    expect(await bench.batch(deletes('/f1', '/f2', '/f3'))).toEqual({ verdict: 'ok' });
    expect(left()).toBe(2);
    expect(await bench.batch(deletes('/d/'))).toEqual({ verdict: 'ok' });
  });

  it.each(FORMS)('halts at a batch that would delete more: %s', async (_name, kind, spec) => {
    make(kind, spec);
    expect(await bench.batch(deletes('/f1', '/f2', '/f3', '/f4'))).toEqual(HALT);
    // rsync has deleted as many as it may.
    expect(left()).toBe(kind === 'direct' ? 5 : 2);
  });

  it.each(FORMS)('counts what is in a directory: %s', async (_name, kind, spec) => {
    make(kind, spec);
    expect(await bench.batch(deletes('/d/', '/f1'))).toEqual(HALT);
  });

  it.each(FORMS)('counts what makes room for something else: %s', async (_name, kind, spec) => {
    make(kind, spec);
    bench.shell('touch "$TRG/d/h" "$TRG/d/i"; echo >d');
    const whole = spec.rsync?.fileList === false;
    expect(await bench.batch({ changes: [delay('Create', '/d', { whole })] })).toEqual(HALT);
  });

  it('halts at a full sync that would delete more', async () => {
    make('rsync');
    bench.shell('cp "$TRG/f1" .');
    expect(await bench.run(bench.behaviour.startup())).toEqual(HALT);
    expect(left()).toBeGreaterThanOrEqual(2);
    bench.shell('cp -a "$TRG/." .; rm -f f1 f2');
    expect(await bench.run(bench.behaviour.startup())).toEqual({ verdict: 'ok' });
  });

  it('counts a symlink to a full directory as one path', async () => {
    make('direct');
    bench.shell(
      'mkdir "$OUT/full"; touch "$OUT"/full/{1..9}; ln -s "$OUT/full" "$TRG/l"; ln -s "$OUT/full" "$TRG/d/l"',
    );
    expect(await bench.batch(deletes('/l'))).toEqual({ verdict: 'ok' });
  });

  it('does not count what a move of default.direct takes along', async () => {
    make('direct');
    bench.shell('mkdir new; cp -a "$TRG/d/." new; touch "$TRG/d/h"; touch new/h');
    expect(await bench.batch({ moves: [move('/d/', '/new/')], changes: [] })).toEqual({ verdict: 'ok' });
  });

  it('leaves the deletes of default.rsyncssh to rsync, which counts', async () => {
    bench = makeBench({ kind: 'rsyncssh', spec: { maxDelete: 3 }, pretend: () => ({ exitCode: 25 }) });
    expect(await bench.batch(deletes('/f1'))).toEqual(HALT);
    expect(bench.ran.map(({ command }) => command.binary)).toEqual(['rsync']);
    expect(bench.ran[0]?.command.args).toContain('--max-delete=3');
  });
});

it('a limit that the user gave rsync himself ends the daemon, as in lsyncd', async () => {
  const rsync = rsyncOptions({ longOptions: ['--max-delete=3'] });
  make('rsync', { maxDelete: undefined, rsync });
  expect(await bench.batch(deletes('/f1', '/f2', '/f3', '/f4'))).toMatchObject({
    verdict: 'die',
    exitCode: 25,
  });
});

it('with delete = false the full sync gets no limit', async () => {
  bench = makeBench({ kind: 'rsync', spec: { maxDelete: 3, delete: false }, pretend: () => ({}) });
  await bench.run(bench.behaviour.startup());
  expect(bench.ran[0]?.command.args).not.toContain('--max-delete=3');
});
