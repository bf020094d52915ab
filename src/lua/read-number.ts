// The numbers of `file:read("n")`: takes from a file the longest beginning that could be a number, as C's Lua does, so
// that the bytes behind it are the same for the next read.

/** A place to read bytes from, one by one. */
export interface ByteSource {
  /** The next byte without taking it; undefined at the end. */
  peek(): number | undefined;
  take(): void;
}

/** Lua gives up on longer ones. */
const maxNumeralBytes = 200;

class NumeralReader {
  readonly #source: ByteSource;
  #text = '';
  #isTooLong = false;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** What was read; '' when it was too long. */
  get text(): string {
    return this.#isTooLong ? '' : this.#text;
  }

  skipSpace(): void {
    while (/^[\t-\r ]$/.test(this.#next())) this.#source.take();
  }

  accept(pattern: RegExp): boolean {
    const next = this.#next();
    if (this.#isTooLong || !pattern.test(next)) return false;
    if (this.#text.length >= maxNumeralBytes) {
      this.#isTooLong = true;
      return false;
    }
    this.#text += next;
    this.#source.take();
    return true;
  }

  acceptAll(pattern: RegExp): number {
    let count = 0;
    while (this.accept(pattern)) count++;
    return count;
  }

  #next(): string {
    const byte = this.#source.peek();
    return byte === undefined ? '' : String.fromCharCode(byte);
  }
}

/** Text for Lua's own conversion to a number, which may refuse it. */
export function takeNumeral(source: ByteSource): string {
  const reader = new NumeralReader(source);
  reader.skipSpace();
  reader.accept(/^[+-]$/);
  let digits = 0;
  let isHex = false;
  if (reader.accept(/^0$/)) {
    isHex = reader.accept(/^[xX]$/);
    if (!isHex) digits = 1;
  }
  const digit = isHex ? /^[\da-fA-F]$/ : /^\d$/;
  digits += reader.acceptAll(digit);
  if (reader.accept(/^\.$/)) digits += reader.acceptAll(digit);
  if (digits > 0 && reader.accept(isHex ? /^[pP]$/ : /^[eE]$/)) {
    reader.accept(/^[+-]$/);
    reader.acceptAll(/^\d$/);
  }
  return reader.text;
}
