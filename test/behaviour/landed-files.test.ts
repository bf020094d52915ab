import { describe, expect, it } from 'vitest';
import { isSameTime } from '../../src/behaviour/landed-files.ts';

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
