// Lua's 64-bit integers. One that JavaScript's numbers hold exactly is a number, any other a bigint; so each integer has
// one form, and === compares. Used by the patched fengari (patched-fengari.ts).

export type Integer = number | bigint;

const bits = 64;
const bitsBig = 64n;
const two63 = 2 ** 63;
const largest = Number.MAX_SAFE_INTEGER;

export const maxInteger: Integer = 2n ** 63n - 1n;
export const minInteger: Integer = -(2n ** 63n);

/** The low 64 bits, as signed. */
function wrapped(value: bigint): Integer {
  const low = BigInt.asIntN(bits, value);
  const small = Number(low);
  return Number.isSafeInteger(small) ? small : low;
}

export function toInteger(value: Integer): Integer {
  return typeof value === 'bigint' ? wrapped(value) : fromFloat(value) || 0;
}

/** false where `value` is no whole number, or out of range. */
export function fromFloat(value: number): Integer | false {
  if (Number.isSafeInteger(value)) return value + 0;
  if (!Number.isInteger(value) || value < -two63 || value >= two63) return false;
  return BigInt(value);
}

export function add(a: Integer, b: Integer): Integer {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum <= largest && sum >= -largest) return sum;
  }
  return wrapped(BigInt(a) + BigInt(b));
}

export function subtract(a: Integer, b: Integer): Integer {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (difference <= largest && difference >= -largest) return difference + 0;
  }
  return wrapped(BigInt(a) - BigInt(b));
}

export function multiply(a: Integer, b: Integer): Integer {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (product <= largest && product >= -largest) return product + 0;
  }
  return wrapped(BigInt(a) * BigInt(b));
}

/** Rounds down. `b` is not 0. */
export function divide(a: Integer, b: Integer): Integer {
  const [dividend, divisor] = [BigInt(a), BigInt(b)];
  const quotient = dividend / divisor;
  const isRoundedUp = dividend % divisor !== 0n && dividend < 0n !== divisor < 0n;
  return wrapped(isRoundedUp ? quotient - 1n : quotient);
}

/** Has the sign of `b`, which is not 0. */
export function modulo(a: Integer, b: Integer): Integer {
  if (typeof a === 'number' && typeof b === 'number') {
    const rest = a % b;
    return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest + 0;
  }
  const rest = BigInt(a) % BigInt(b);
  return wrapped(rest !== 0n && rest < 0n !== BigInt(b) < 0n ? rest + BigInt(b) : rest);
}

/** Has the sign of `a`, as math.fmod. */
export function remainder(a: Integer, b: Integer): Integer {
  return typeof a === 'number' && typeof b === 'number' ? (a % b) + 0 : wrapped(BigInt(a) % BigInt(b));
}

export function negate(a: Integer): Integer {
  return subtract(0, a);
}

export function and(a: Integer, b: Integer): Integer {
  return isInt32(a) && isInt32(b) ? a & b : wrapped(BigInt(a) & BigInt(b));
}

export function or(a: Integer, b: Integer): Integer {
  return isInt32(a) && isInt32(b) ? a | b : wrapped(BigInt(a) | BigInt(b));
}

export function xor(a: Integer, b: Integer): Integer {
  return isInt32(a) && isInt32(b) ? a ^ b : wrapped(BigInt(a) ^ BigInt(b));
}

export function not(a: Integer): Integer {
  return subtract(-1, a);
}

/** To the right if `count` is negative; zeros come in on both sides. */
export function shiftLeft(a: Integer, count: Integer): Integer {
  if (count <= -bits || count >= bits) return 0;
  const by = BigInt(count);
  return wrapped(by < 0n ? BigInt.asUintN(bits, BigInt(a)) >> -by : BigInt(a) << by);
}

/** Decimal digits with an optional sign, or hexadecimal ones behind `0x`, which wrap; undefined where it does not fit. */
export function parseInteger(isNegative: boolean, digits: string): Integer | undefined {
  const size = BigInt(digits);
  const isHex = /^0x/i.test(digits);
  const value = isNegative ? -size : size;
  return isHex || BigInt.asIntN(bits, value) === value ? wrapped(value) : undefined;
}

/** Digits of base 2 to 36, which wrap. */
export function parseInBase(digits: string, base: number): Integer {
  const value = Array.from(digits).reduce(
    (sum, digit) => BigInt.asUintN(bits, sum * BigInt(base) + BigInt(Number.parseInt(digit, base))),
    0n,
  );
  return wrapped(value);
}

/** `random` is from 0 to 1, exclusive. */
export function between(low: Integer, high: Integer, random: () => number): Integer {
  const range = BigInt(high) - BigInt(low) + 1n;
  const chunk = 2 ** 32;
  const large = BigInt(Math.floor(random() * chunk)) * BigInt(chunk) + BigInt(Math.floor(random() * chunk));
  return wrapped(BigInt(low) + (large * range) / (1n << bitsBig));
}

/** The bytes as an integer, least significant first; undefined where it does not fit into 64 bits. */
export function fromBytes(bytes: readonly number[], isSigned: boolean): Integer | undefined {
  const size = bytes.length * 8;
  const unsigned = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const value = isSigned ? BigInt.asIntN(size, unsigned) : unsigned;
  const fits = isSigned ? BigInt.asIntN(bits, value) === value : BigInt.asUintN(bits, value) === value;
  return fits ? wrapped(value) : undefined;
}

/** The lowest `count` bytes, least significant first; the sign goes on for ever if `isSigned`. */
export function toBytes(value: Integer, count: number, isSigned: boolean): number[] {
  let rest = isSigned ? BigInt(value) : BigInt.asUintN(bits, BigInt(value));
  return Array.from({ length: count }, () => {
    const byte = Number(rest & 0xffn);
    rest >>= 8n;
    return byte;
  });
}

function isInt32(value: Integer): value is number {
  return typeof value === 'number' && (value | 0) === value;
}
