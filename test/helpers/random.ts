// Random numbers that are the same for the same seed.

/** A choice among things. */
export interface Random {
  /** A number from 0 to below 1. */
  (): number;
  /** A whole number from 0 to below `limit`. */
  readonly below: (limit: number) => number;
  /** One of them. */
  readonly oneOf: <T>(items: readonly T[]) => T;
}

/** mulberry32 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(random() * limit);
  const oneOf = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error('Cannot choose: there is nothing');
    return item;
  };
  return Object.assign(random, { below, oneOf });
}
