// Changes below a directory that has just gone: the target keeps what it has until the event of the directory says what became of it.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { differences } from '../helpers/trees.ts';
import { delay, makeBench, move, rsyncOptions, type Bench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.end());

const FORMS = [
  ['rsync with a file list', 'rsync', { rsync: rsyncOptions({ fileList: true }) }],
  ['rsync with a filter list', 'rsync', { rsync: rsyncOptions({ fileList: false }) }],
  ['direct', 'direct', {}],
] as const;

describe.each(FORMS)('%s', (_form, kind, spec) => {
  const there = (path: string): boolean => existsSync(join(bench.target, path));

  it.each([
    ['is gone', 'rm -r d'],
    ['is a file by now', 'rm -r d; echo file >d'],
    ['is a symlink by now', 'rm -r d; ln -s x d'],
  ])(
    'leaves a directory as it is that %s, as long as only something in it was told',
    async (_what, shell) => {
      bench = makeBench({ kind, spec });
      bench.shell('mkdir -p d/e; echo 1 >d/f; echo 2 >d/e/g; cp -a . "$TRG/"');
      bench.shell(shell);
      const below = [delay('Modify', '/d/f'), delay('Delete', '/d/e/g')];
      expect(await bench.batch({ changes: below })).toEqual({ verdict: 'ok' });
      expect([there('d/f'), there('d/e/g'), bench.ran]).toEqual([true, true, []]);
      const told = [delay('Delete', '/d/'), ...(there('d') ? [delay('Create', '/d')] : [])];
      expect(await bench.batch({ changes: [...told, ...below] })).toEqual({ verdict: 'ok' });
      expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
    },
  );
});

it('a directory that moved away while a file in it was to be sent is moved at the target with all it has', async () => {
  bench = makeBench({ kind: 'direct' });
  bench.shell('mkdir d; echo 1 >d/f; echo 2 >d/g; cp -a d "$TRG/"; mv d e; echo other >d');
  expect(await bench.batch({ changes: [delay('Modify', '/d/f')] })).toEqual({ verdict: 'ok' });
  const moved = { moves: [move('/d/', '/e/')], changes: [delay('Create', '/d'), delay('Modify', '/e/f')] };
  expect(await bench.batch(moved)).toEqual({ verdict: 'ok' });
  expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
});
