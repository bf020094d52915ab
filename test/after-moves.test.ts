import { describe, expect, it } from 'vitest';
import { landings, touchedByMoves } from '../src/after-moves.ts';
import { move } from './behaviour/bench.ts';

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

describe('touchedByMoves()', () => {
  it('names the directories as they are called after all of the moves', () => {
    const moves = [move('/a/x/f', '/c'), move('/a/', '/b/'), move('/ab/f', '/ab/g')];
    expect([...touchedByMoves(moves)].toSorted()).toEqual(['/', '/ab/', '/b/x/']);
  });

  it('forgets those that another directory has replaced', () => {
    const moves = [move('/f', '/e/x/f'), move('/e/x/f', '/f'), move('/d/', '/e/')];
    expect([...touchedByMoves(moves)].toSorted()).toEqual(['/']);
  });
});
