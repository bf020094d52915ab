// What a batch may have seen of the source must be told before it is over, which takes as long as the backlog of events. A sync that is
// to end waits for that no longer.

export class Draining {
  readonly #drained: () => Promise<void>;
  readonly #waiting = new Set<() => void>();
  #isOver = false;

  /** @param drained as in SyncContext */
  constructor(drained: () => Promise<void>) {
    this.#drained = drained;
  }

  /** Resolves when all is told, or at `giveUp`. */
  async wait(): Promise<void> {
    if (this.#isOver) return;
    await new Promise<void>((resolve, reject) => {
      this.#waiting.add(resolve);
      this.#drained()
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(resolve));
    });
  }

  /** Whoever waits goes on, now and later. Idempotent. */
  giveUp(): void {
    this.#isOver = true;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
