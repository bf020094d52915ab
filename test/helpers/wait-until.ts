// Waits for something that another process or thread does, instead of sleeping.

export interface WaitOptions {
  /** After this long it gives up. */
  readonly deadlineMs: number;
  /** What was waited for, for the error. */
  readonly what?: string;
}

/**
 * Resolves once `condition` is true, looking every 10 ms. The last look begins after the deadline: one that begins before it may take long, and
 * says nothing of the time after it began.
 * @throws Error naming `what` when the deadline passes
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  options: WaitOptions,
): Promise<void> {
  const end = performance.now() + options.deadlineMs;
  for (;;) {
    const isLast = performance.now() > end;
    if (await condition()) return;
    if (isLast) throw new Error(`Cannot go on: still waiting for ${options.what ?? String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
