import { describe, expect, it } from 'vitest';
import { mayRepeatMoves, moveAsChanges } from '../../src/behaviour/moves.ts';
import { move } from './bench.ts';

describe('mayRepeatMoves()', () => {
  it.each([
    ['moves that have nothing to do with each other', [move('/a', '/b'), move('/c/', '/d/')], true],
    ['one that takes what another one put', [move('/a', '/b'), move('/b', '/c')], false],
    ['one that puts where another one took', [move('/a', '/b'), move('/c', '/a')], false],
    ['one that takes from below where another one put', [move('/a/', '/b/'), move('/b/f', '/c')], false],
    ['one that puts below where another one took', [move('/a/', '/b/'), move('/c', '/a/f')], false],
    ['names that only begin alike', [move('/a', '/b'), move('/b.txt', '/a.txt')], true],
  ])('for %s', (_what, moves, may) => {
    expect(mayRepeatMoves(moves)).toBe(may);
  });
});

describe('moveAsChanges()', () => {
  it('removes the origin and sends a directory whole', () => {
    expect(moveAsChanges(move('/a/', '/b/'))).toMatchObject([
      { kind: 'Delete', path: '/a/', whole: false },
      { kind: 'Create', path: '/b/', whole: true },
    ]);
  });
});
