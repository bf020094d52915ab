// Waiting that says how long it took. Finer than the helper of the tests: a latency of some milliseconds is to be seen.

export interface WaitOptions {
  readonly deadlineMs: number;
  /** Between two looks; default 1 ms. */
  readonly everyMs?: number;
}

export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether `condition` became true before the deadline. */
export async function becomesTrue(condition: () => boolean, options: WaitOptions): Promise<boolean> {
  const endMs = performance.now() + options.deadlineMs;
  while (!condition()) {
    if (performance.now() > endMs) return false;
    await pause(options.everyMs ?? 1);
  }
  return true;
}
