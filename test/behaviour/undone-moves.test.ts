// Moves that the target cannot do, in a batch with others that it can.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { undoneAsChanges } from '../../src/behaviour/undone-moves.ts';
import { differences } from '../helpers/trees.ts';
import { delay, makeBench, move, type Bench } from './bench.ts';

describe('undoneAsChanges()', () => {
  const undone = move('/a/f', '/b/f');
  const ends = ['/a/f', '/b/f'];
  it.each([
    ['nothing else was moved', [undone], []],
    ['its origin was taken along', [undone, move('/a/', '/c/')], ['/c/f']],
    ['its destination was taken along', [undone, move('/b/', '/d/')], ['/d/f']],
    [
      'both were, and once more',
      [undone, move('/a/', '/c/'), move('/b/', '/d/'), move('/c/', '/e/')],
      ['/e/f', '/d/f'],
    ],
    ['what is there was itself moved on', [undone, move('/b/f', '/g')], ['/g']],
    ['another came in its place', [undone, move('/x', '/b/f'), move('/y/', '/a/')], []],
    ['a directory went there and on before', [move('/a/', '/c/'), undone], []],
  ])('names it by each name it has when %s', (_what, moves, others) => {
    const changes = undoneAsChanges(moves, new Set([undone]));
    expect(changes.map(({ path }) => path)).toEqual([...ends, ...others]);
  });

  it('does not trust what moved out of a directory that should have been another', () => {
    const directory = move('/a/', '/b/');
    const changes = undoneAsChanges([directory, move('/b/d/', '/e/')], new Set([directory]));
    expect(changes).toMatchObject([
      { kind: 'Delete', path: '/a/', whole: false },
      { kind: 'Create', path: '/b/', whole: true },
      { kind: 'Create', path: '/e/', whole: true },
    ]);
  });

  it('does not follow moves that were not done either', () => {
    const next = move('/a/', '/c/');
    const changes = undoneAsChanges([undone, next], new Set([undone, next]));
    expect(changes.map(({ path }) => path)).toEqual([...ends, '/a/', '/c/']);
  });
});

describe('default.direct', () => {
  let bench: Bench;
  afterEach(() => bench.end());

  it('removes what was left in a directory that was moved afterwards', async () => {
    bench = makeBench({ kind: 'direct' });
    bench.shell('mkdir d; echo 1 >d/f; echo 2 >d/g; cp -a . "$TRG/"; mkdir n; mv d/f n/f; mv d e');
    const moves = [move('/d/f', '/n/f'), move('/d/', '/e/')];
    expect(await bench.batch({ moves, changes: [delay('Create', '/n/')] })).toEqual({ verdict: 'ok' });
    expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
  });

  it('brings what was to come into a directory that was moved afterwards', async () => {
    bench = makeBench({ kind: 'direct' });
    bench.shell('mkdir d; cp -a . "$TRG/"; echo 1 >d/f; mv d e');
    expect(await bench.batch({ moves: [move('/unknown', '/d/f'), move('/d/', '/e/')] })).toEqual({
      verdict: 'ok',
    });
    expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
  });

  it('leaves a directory as it is into which it could not move, and that is a file by now', async () => {
    bench = makeBench({ kind: 'direct' });
    bench.shell('mkdir d; echo 1 >d/f; cp -a . "$TRG/"; mv d e; echo file >d');
    expect(await bench.batch({ moves: [move('/unknown', '/d/g')] })).toEqual({ verdict: 'ok' });
    expect(existsSync(join(bench.target, 'd/f'))).toBe(true);
    const told = { moves: [move('/d/', '/e/')], changes: [delay('Create', '/d')] };
    expect(await bench.batch(told)).toEqual({ verdict: 'ok' });
    expect(differences(bench.source, bench.target, ['-rlptD'])).toBe('');
  });
});
