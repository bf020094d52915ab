// A line of entries in order of arrival, from which any can leave at once (a doubly linked list), with a mark behind those
// at its head that are known to be blocked, so that they are not looked at again and again.

/** What stands in a lane. The links belong to the lane. */
export interface LaneEntry<E extends LaneEntry<E>> {
  lane: Lane<E> | undefined;
  previous: E | undefined;
  next: E | undefined;
}

export class Lane<E extends LaneEntry<E>> {
  /** Nothing in it may start before (monotonic ms); undefined: each entry has its own time. */
  notBeforeMs: number | undefined;
  #head: E | undefined;
  #tail: E | undefined;
  #size = 0;
  /** The first that is not known to be blocked. */
  #mark: E | undefined;

  constructor(notBeforeMs?: number) {
    this.notBeforeMs = notBeforeMs;
  }

  get size(): number {
    return this.#size;
  }

  /** Puts an entry, which must be in no lane, at the end. */
  append(entry: E): void {
    entry.lane = this;
    entry.previous = this.#tail;
    entry.next = undefined;
    if (this.#tail === undefined) this.#head = entry;
    else this.#tail.next = entry;
    this.#tail = entry;
    this.#mark ??= entry;
    this.#size++;
  }

  /** Lets an entry, which must be in this lane, leave. */
  leave(entry: E): void {
    if (this.#mark === entry) this.#mark = entry.next;
    if (entry.previous === undefined) this.#head = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.#tail = entry.previous;
    else entry.next.previous = entry.previous;
    entry.lane = undefined;
    entry.previous = undefined;
    entry.next = undefined;
    this.#size--;
  }

  /**
   * The first entry that is not blocked. What was found blocked stays so until `resetMark`: all that is looked at between two
   * resets is O(size).
   */
  firstFree(isBlocked: (entry: E) => boolean): E | undefined {
    while (this.#mark !== undefined && isBlocked(this.#mark)) this.#mark = this.#mark.next;
    return this.#mark;
  }

  /** Something ended or began: who is blocked must be found anew. */
  resetMark(): void {
    this.#mark = this.#head;
  }

  /** In order. The entry last given may leave meanwhile. */
  *[Symbol.iterator](): Generator<E> {
    for (let entry = this.#head; entry !== undefined;) {
      const { next } = entry;
      yield entry;
      entry = next;
    }
  }
}
