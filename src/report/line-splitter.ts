// Chunks of a child's output cut into lines, for syslog and JSON, which take one line at a time.

/** A line longer than this is passed on in pieces. */
const maxLineBytes = 8192;

/** Calls `onLine` for each line, without its line feed and as text; empty ones are left out. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#rest, chunk]);
    for (let end = bytes.indexOf('\n'); end >= 0 || bytes.length > maxLineBytes; end = bytes.indexOf('\n')) {
      const cut = end >= 0 && end <= maxLineBytes ? end : maxLineBytes;
      this.#emit(bytes.subarray(0, cut));
      bytes = bytes.subarray(cut === end ? cut + 1 : cut);
    }
    this.#rest = bytes;
  }

  /** Passes on a last line that has no line feed. */
  end(): void {
    this.#emit(this.#rest);
    this.#rest = Buffer.alloc(0);
  }

  #emit(line: Buffer): void {
    const text = line.toString('utf8').trimEnd();
    if (text !== '') this.#onLine(text);
  }
}
