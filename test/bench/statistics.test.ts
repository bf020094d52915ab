import { describe, expect, it } from 'vitest';
import { median, slope, spread } from '../../bench/statistics.ts';

describe('median()', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[10, 9, 1, 2], 5.5],
    [[2, 10, 1], 2],
  ])('of %j is %d', (readings, middle) => {
    expect(median(readings)).toBe(middle);
  });

  it('leaves the readings in their order', () => {
    const readings = [3, 1, 2];
    median(readings);
    expect(readings).toEqual([3, 1, 2]);
  });

  it('refuses to be taken of nothing', () => {
    expect(() => median([])).toThrow('Cannot take a median: no readings');
  });
});

describe('spread()', () => {
  it('is the smallest and the largest', () => {
    expect(spread([3, 1, 2])).toEqual([1, 3]);
  });

  it('refuses to be taken of nothing', () => {
    expect(() => spread([])).toThrow('Cannot take a spread: no readings');
  });
});

describe('slope()', () => {
  it('is what one more of the first brings of the second', () => {
    expect(slope([50_000, 80e6], [100_000, 100e6])).toBe(400);
  });
});
