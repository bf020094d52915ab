// Waits for something that another process or thread does, instead of sleeping.

export interface WaitOptions {
  /** After this long it gives up. */
  readonly deadlineMs: number;
  /** What was waited for, for the error. */
  readonly what?: string;
}

/**
 * Resolves once `condition` is true, looking every 10 ms.
 * @throws Error naming `what` when the deadline passes
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  options: WaitOptions,
): Promise<void> {
  const end = performance.now() + options.deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) {
      throw new Error(`Cannot go on: still waiting for ${options.what ?? String(condition)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
