// `[a-z]`, `[!x]`, `[[:alpha:]]`: one bracket of a pattern as a table of 256 bytes. Used by wildcard.ts.

/** 1 at each byte that is in the class. */
export type ByteClass = Uint8Array;

export interface ReadByteClass {
  readonly accepts: ByteClass;
  /** Index behind the closing `]`. */
  readonly end: number;
}

/** ASCII only: what rsync's C library says of bytes above 127 in the C and in UTF-8 locales is no. */
const NAMED: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[^ -~\x80-\xff]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t-\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/**
 * Reads the bracket that opens at `open`. A `]` right behind `[` or `[!` is a member, `\` takes the next byte as it is,
 * a `-` that is first or last is itself.
 * @returns undefined when it is malformed: no closing `]`, an unknown `[:name:]`
 */
export function readByteClass(pattern: string, open: number): ReadByteClass | undefined {
  const accepts = new Uint8Array(256);
  const isNegated = pattern[open + 1] === '!' || pattern[open + 1] === '^';
  let at = open + (isNegated ? 2 : 1);
  let isFirst = true;
  /** The byte a following `-` starts from; none behind a range or a named class. */
  let low: number | undefined;
  while (isFirst || pattern[at] !== ']') {
    isFirst = false;
    const name = namedClassAt(pattern, at);
    if (name !== undefined) {
      const members = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
      if (members === undefined) return undefined;
      for (let byte = 0; byte < 256; byte++) if (members.test(String.fromCharCode(byte))) accepts[byte] = 1;
      at += name.length + 4;
      low = undefined;
      continue;
    }
    const isRange =
      pattern[at] === '-' && low !== undefined && at + 1 < pattern.length && pattern[at + 1] !== ']';
    if (isRange) at++;
    if (pattern[at] === '\\') at++;
    if (at >= pattern.length) return undefined;
    const byte = pattern.charCodeAt(at++);
    if (isRange) accepts.fill(1, low, byte + 1);
    else accepts[byte] = 1;
    low = isRange ? undefined : byte;
  }
  return { accepts: isNegated ? accepts.map((member) => 1 - member) : accepts, end: at + 1 };
}

/** `alpha` where `[:alpha:]` stands at `at`; undefined where it does not. */
function namedClassAt(pattern: string, at: number): string | undefined {
  if (!pattern.startsWith('[:', at)) return undefined;
  const close = pattern.indexOf(']', at + 2);
  return close > at + 2 && pattern[close - 1] === ':' ? pattern.slice(at + 2, close - 1) : undefined;
}
