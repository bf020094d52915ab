// How many children may run at one time over all syncs (`settings{ maxProcesses }`), shared fairly: syncs that wait are
// served in turn, one slot each, so that a busy sync cannot keep a quiet one waiting.

/** Gives the slot back. Idempotent. */
export type ReleaseSlot = () => void;

type Waiting = (release: ReleaseSlot) => void;

export class ProcessSlots {
  readonly #limit: number;
  /** In the order of their turns: a sync that was served and still waits goes to the end. */
  readonly #queues = new Map<number, Waiting[]>();
  #busy = 0;

  /** `limit` undefined = no limit. */
  constructor(limit: number | undefined) {
    this.#limit = limit ?? Number.POSITIVE_INFINITY;
  }

  /** Slots in use. */
  get busy(): number {
    return this.#busy;
  }

  /**
   * Resolves when the sync may start a child; what it resolves to must be called when the child has ended.
   * Within a sync, first come, first served.
   */
  acquire(syncIndex: number): Promise<ReleaseSlot> {
    if (this.#busy < this.#limit) return Promise.resolve(this.#take());
    return new Promise((resolve) => {
      const waiting = this.#queues.get(syncIndex) ?? [];
      waiting.push(resolve);
      this.#queues.set(syncIndex, waiting);
    });
  }

  #take(): ReleaseSlot {
    this.#busy += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#busy -= 1;
      this.#serveNext();
    };
  }

  #serveNext(): void {
    const next = this.#queues.entries().next().value;
    if (next === undefined) return;
    const [syncIndex, waiting] = next;
    this.#queues.delete(syncIndex);
    const resolve = waiting.shift();
    if (waiting.length > 0) this.#queues.set(syncIndex, waiting);
    resolve?.(this.#take());
  }
}
