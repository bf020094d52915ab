import { describe, expect, it } from 'vitest';
import { turnsOf } from '../../bench/run-experiments.ts';

const both = ['tsyncd', 'lsyncd'] as const;

describe('turnsOf()', () => {
  const long = { rounds: { tsyncd: 3, lsyncd: 1 } };
  const unbounded = { minRounds: 1, maxRounds: 100, programs: both };

  it('takes the programs in turn, as long as each has rounds left', () => {
    expect(turnsOf(long, unbounded)).toEqual(['tsyncd', 'lsyncd', 'tsyncd', 'tsyncd']);
  });

  it('has no more rounds than told', () => {
    expect(turnsOf(long, { ...unbounded, maxRounds: 2 })).toEqual(['tsyncd', 'lsyncd', 'tsyncd']);
  });

  it('has no fewer rounds than told', () => {
    expect(turnsOf(long, { ...unbounded, minRounds: 2 })).toEqual([
      'tsyncd',
      'lsyncd',
      'tsyncd',
      'lsyncd',
      'tsyncd',
    ]);
  });

  it('never measures a program in a row that is not for it', () => {
    const alone = { rounds: { tsyncd: 1, lsyncd: 0 } };
    expect(turnsOf(alone, { ...unbounded, minRounds: 2 })).toEqual(['tsyncd', 'tsyncd']);
  });

  it('measures tsyncd alone where there is no lsyncd', () => {
    expect(turnsOf(long, { ...unbounded, minRounds: 2, programs: ['tsyncd'] })).toEqual([
      'tsyncd',
      'tsyncd',
      'tsyncd',
    ]);
  });
});
