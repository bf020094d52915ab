// What the reader thread has posted and nobody has looked at yet, first in, first out. A main thread that is behind finds hundreds of thousands
// of small buffers here, and Array.shift() would move all of them for each.

/** What was taken is let go of in lots of at least so many. */
const MIN_LOT = 1024;

export class Mailbox<T> {
  #items: T[] = [];
  #at = 0;

  /** How many wait. */
  get size(): number {
    return this.#items.length - this.#at;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The oldest; undefined when there is none. O(1) over time. */
  take(): T | undefined {
    const item = this.#items[this.#at];
    if (this.size > 0) this.#at++;
    if (this.#at >= MIN_LOT && this.#at * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#at);
      this.#at = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#at = 0;
  }
}
