import { describe, expect, it } from 'vitest';
import { isSameTime } from '../../src/behaviour/landed-files.ts';
import { landings, touchedByMoves } from '../../src/landings.ts';
import { move } from './bench.ts';

describe('landings()', () => {
  it.each([
    ['a file', [move('/a', '/b')], [['/b', 0]]],
    ['one that goes on', [move('/a', '/b'), move('/b', '/c')], [['/c', 1]]],
    [
      'a swap',
      [move('/a', '/t'), move('/b', '/a'), move('/t', '/b')],
      [
        ['/a', 1],
        ['/b', 2],
      ],
    ],
    ['one that a directory takes along', [move('/a', '/d/x'), move('/d/', '/e/f/')], [['/e/f/x', 0]]],
    ['one that a directory replaces', [move('/a', '/e'), move('/d/', '/e/')], []],
    ['one in a directory that is replaced', [move('/a', '/e/x'), move('/d/', '/e/')], []],
    ['a name that only begins alike', [move('/a', '/dd'), move('/d/', '/e/')], [['/dd', 0]]],
  ])('of %s', (_what, moves, places) => {
    expect([...landings(moves)].map(([path, last]) => [path, moves.indexOf(last)])).toEqual(places);
  });
});

describe('isSameTime()', () => {
  it.each([
    ['equal', 1_234_567_891n, 1_234_567_891n, true],
    ['a nanosecond later', 1_234_567_892n, 1_234_567_891n, false],
    ['kept to 100 ns', 1_234_567_891n, 1_234_567_800n, true],
    ['kept to the second', 1_999_999_999n, 1_000_000_000n, true],
    ['kept to the second, before 1970', -500_000_000n, -1_000_000_000n, true],
    ['another second', 2_000_000_000n, 1_000_000_000n, false],
    ['earlier at the source', 1_000_000_000n, 1_000_000_001n, false],
  ])('of one %s', (_what, source, target, isSame) => {
    expect(isSameTime({ mtimeNs: source }, { mtimeNs: target })).toBe(isSame);
  });
});

describe('touchedByMoves()', () => {
  it('names the directories as they are called after all of the moves', () => {
    const moves = [move('/a/x/f', '/c'), move('/a/', '/b/'), move('/ab/f', '/ab/g')];
    expect([...touchedByMoves(moves)].toSorted()).toEqual(['/', '/ab/', '/b/x/']);
  });
});
