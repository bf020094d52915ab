import { describe, expect, it } from 'vitest';
import { createBackoff } from '../../src/run/backoff.ts';

describe('createBackoff()', () => {
  it('doubles the pause up to five minutes', () => {
    const backoff = createBackoff({ random: () => 0 });
    const pauses = Array.from({ length: 11 }, () => backoff.nextMs());
    expect(pauses).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000,
    ]);
  });

  it('makes a pause longer by up to a fifth', () => {
    expect(createBackoff({ random: () => 0.999_999 }).nextMs()).toBe(1200);
  });

  it('begins anew after a reset, and counts the tries', () => {
    const backoff = createBackoff({ random: () => 0 });
    backoff.nextMs();
    backoff.nextMs();
    expect(backoff.tries).toBe(2);
    backoff.reset();
    expect([backoff.tries, backoff.nextMs()]).toEqual([0, 1000]);
  });

  it('does not overflow after a thousand tries', () => {
    const backoff = createBackoff({ random: () => 0 });
    for (let tries = 0; tries < 2000; tries += 1) backoff.nextMs();
    expect(backoff.nextMs()).toBe(300_000);
  });
});
