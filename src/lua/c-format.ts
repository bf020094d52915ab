// The conversions of C's printf that Lua's string.format and tostring use, in the C locale. Decimal digits are exact, and
// ties go to the even digit, as in glibc.

import type { Integer } from './integers.ts';

interface Spec {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly conversion: string;
}

/** `format` is one directive, `%5.2f`. Integers for d, i, o, u, x and X; numbers for a, e, f, g; text for s. */
export function cFormat(format: string, value: Integer | string): string {
  const [, flags = '', width = '', precision, conversion = ''] =
    /^%([-+ #0]*)(\d*)(?:\.(\d*))?(.)$/s.exec(format) ?? [];
  const spec: Spec = {
    flags,
    width: Number(width),
    precision: precision === undefined ? undefined : Number(precision),
    conversion,
  };
  if (conversion === 's') return padded(spec, '', String(value).slice(0, spec.precision));
  if ('dioxXu'.includes(conversion)) return formatInteger(spec, BigInt(value));
  return formatFloat(spec, Number(value));
}

/** As C's `%.14g`: what tostring makes of a float, without the `.0` that Lua adds. */
export function floatText(value: number): string {
  return formatFloat({ flags: '', width: 0, precision: 14, conversion: 'g' }, value);
}

function formatInteger(spec: Spec, value: bigint): string {
  const base = { o: 8, x: 16, X: 16 }[spec.conversion] ?? 10;
  const isSigned = spec.conversion === 'd' || spec.conversion === 'i';
  const size = isSigned ? absolute(value) : BigInt.asUintN(64, value);
  let digits = size.toString(base).padStart(spec.precision ?? 1, '0');
  if (spec.precision === 0 && size === 0n) digits = '';
  if (spec.flags.includes('#') && base === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  const hexPrefix = spec.flags.includes('#') && base === 16 && size !== 0n ? '0x' : '';
  const prefix = isSigned ? signOf(spec, value < 0n) : hexPrefix;
  const zeroes = spec.precision === undefined;
  const text = padded(spec, prefix, digits, { zeroes });
  return spec.conversion === 'X' ? text.toUpperCase() : text;
}

function formatFloat(spec: Spec, value: number): string {
  const isNegative = value < 0 || Object.is(value, -0);
  const lower = spec.conversion.toLowerCase();
  let text: string;
  if (Number.isNaN(value)) text = padded(spec, nanSign(spec), 'nan', { zeroes: false });
  else if (!Number.isFinite(value)) text = padded(spec, signOf(spec, isNegative), 'inf', { zeroes: false });
  else if (lower === 'a')
    text = padded(spec, `${signOf(spec, isNegative)}0x`, hexDigits(spec, Math.abs(value)));
  else text = padded(spec, signOf(spec, isNegative), decimalDigits(spec, lower, Math.abs(value)));
  return spec.conversion === lower ? text : text.toUpperCase();
}

/** The result of 0/0 has its sign bit set on x86, and JavaScript does not show it. */
function nanSign(spec: Spec): string {
  return process.arch === 'x64' || process.arch === 'ia32' ? '-' : signOf(spec, false);
}

function signOf({ flags }: Spec, isNegative: boolean): string {
  if (isNegative) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

function padded({ flags, width }: Spec, prefix: string, text: string, { zeroes = true } = {}): string {
  const whole = prefix + text;
  if (flags.includes('-')) return whole.padEnd(width);
  if (zeroes && flags.includes('0')) return prefix + text.padStart(width - prefix.length, '0');
  return whole.padStart(width);
}

function decimalDigits({ flags, precision = 6 }: Spec, conversion: string, size: number): string {
  const keepsPoint = flags.includes('#');
  if (conversion === 'f') return fixed(size, precision, keepsPoint);
  if (conversion === 'e') return exponential(size, precision, keepsPoint);
  const digits = Math.max(precision, 1);
  const { exponent } = significant(size, digits);
  const isFixed = exponent >= -4 && exponent < digits;
  const text = isFixed
    ? fixed(size, digits - 1 - exponent, keepsPoint)
    : exponential(size, digits - 1, keepsPoint);
  return keepsPoint ? text : text.replace(/(\.\d*?)0+(e|$)/, '$1$2').replace(/\.(e|$)/, '$1');
}

function fixed(size: number, fractionDigits: number, keepsPoint: boolean): string {
  const digits = rounded(size, fractionDigits)
    .toString()
    .padStart(fractionDigits + 1, '0');
  const point = digits.length - fractionDigits;
  if (fractionDigits === 0) return keepsPoint ? `${digits}.` : digits;
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

function exponential(size: number, fractionDigits: number, keepsPoint: boolean): string {
  const { digits, exponent } = significant(size, fractionDigits + 1);
  const point = fractionDigits > 0 || keepsPoint ? '.' : '';
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits.charAt(0)}${point}${digits.slice(1)}e${exponent < 0 ? '-' : '+'}${power}`;
}

/** `count` significant digits, and the power of ten of the first. */
function significant(size: number, count: number): { readonly digits: string; readonly exponent: number } {
  if (size === 0) return { digits: '0'.repeat(count), exponent: 0 };
  const estimate = Number(size.toExponential().split('e')[1]);
  const digits = rounded(size, count - 1 - estimate).toString();
  return digits.length > count
    ? { digits: digits.slice(0, count), exponent: estimate + 1 }
    : { digits, exponent: estimate };
}

/** `size` times ten to the power of `decimals`, as a whole number; ties to even. */
function rounded(size: number, decimals: number): bigint {
  const { mantissa, exponent } = binaryParts(size);
  const numerator = mantissa * 10n ** BigInt(Math.max(decimals, 0)) * 2n ** BigInt(Math.max(exponent, 0));
  const denominator = 10n ** BigInt(Math.max(-decimals, 0)) * 2n ** BigInt(Math.max(-exponent, 0));
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

const mantissaBits = 52;
const exponentBias = 1023;

/** `size` = mantissa · 2^exponent. */
function binaryParts(size: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const word = view.getBigUint64(0);
  const stored = Number(word >> BigInt(mantissaBits));
  const fraction = BigInt.asUintN(mantissaBits, word);
  return stored === 0
    ? { mantissa: fraction, exponent: 1 - exponentBias - mantissaBits }
    : { mantissa: fraction | (1n << BigInt(mantissaBits)), exponent: stored - exponentBias - mantissaBits };
}

/** As `%a` of glibc: one digit before the point. */
function hexDigits({ flags, precision }: Spec, size: number): string {
  const { mantissa, exponent } = binaryParts(size);
  const fractionDigits = mantissaBits / 4;
  let digits = mantissa;
  let shown = fractionDigits;
  if (precision !== undefined && precision < fractionDigits) {
    const unit = 1n << BigInt((fractionDigits - precision) * 4);
    const rest = (digits % unit) * 2n;
    digits /= unit;
    if (rest > unit || (rest === unit && digits % 2n === 1n)) digits += 1n;
    shown = precision;
  }
  const hex = digits.toString(16).padStart(shown + 1, '0');
  const whole = hex.slice(0, hex.length - shown);
  const fraction = hex.slice(hex.length - shown).padEnd(precision ?? 0, '0');
  const kept = precision === undefined ? fraction.replace(/0+$/, '') : fraction;
  const power = size === 0 ? 0 : exponent + mantissaBits;
  const point = kept === '' && !flags.includes('#') ? '' : '.';
  return `${whole}${point}${kept}p${power < 0 ? '-' : '+'}${Math.abs(power)}`;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
