// Pauses between tries that grow, with jitter, so that many syncs do not knock at a recovering host at one time.

export interface BackoffOptions {
  /** The first pause. Default 1000. */
  readonly firstMs?: number;
  /** Each pause is so many times the one before. Default 2. */
  readonly factor?: number;
  /** No pause is longer (before jitter). Default 300,000 (five minutes). */
  readonly maxMs?: number;
  /** A pause is made longer by up to this share of itself. Default 0.2. */
  readonly jitter?: number;
  /** 0 ≤ value < 1; default Math.random. */
  readonly random?: () => number;
}

export interface Backoff {
  /** The pause before the next try, in milliseconds. */
  nextMs(): number;
  /** How many pauses were given since the last reset. */
  readonly tries: number;
  /** After a success: begin with the first pause again. */
  reset(): void;
}

/** A growing pause; never shorter than `firstMs`. */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  const { firstMs = 1000, factor = 2, maxMs = 300_000, jitter = 0.2, random = Math.random } = options;
  let tries = 0;
  return {
    nextMs() {
      const pauseMs = Math.min(maxMs, firstMs * factor ** tries);
      tries += 1;
      return Math.round(pauseMs * (1 + jitter * random()));
    },
    get tries() {
      return tries;
    },
    reset() {
      tries = 0;
    },
  };
}
