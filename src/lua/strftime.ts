// strftime(3) in the C locale, for os.date.

import { spawnSync } from 'node:child_process';
import type { BytePath } from '../byte-path.ts';

/** The parts of a moment, in local time or UTC. */
export interface Calendar {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** From 0, Sunday. */
  readonly weekday: number;
  /** From 0. */
  readonly yearDay: number;
  readonly isSummer: boolean;
  /** East of Greenwich. */
  readonly offsetMinutes: number;
  /** Seconds since 1970. */
  readonly time: number;
  readonly isUtc: boolean;
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const abbreviationLength = 3;

type Conversion = (at: Calendar) => string;

const conversions: Readonly<Record<string, Conversion | string>> = {
  a: (at) => (days[at.weekday] ?? '').slice(0, abbreviationLength),
  A: (at) => days[at.weekday] ?? '',
  b: (at) => (months[at.month] ?? '').slice(0, abbreviationLength),
  B: (at) => months[at.month] ?? '',
  c: '%a %b %e %H:%M:%S %Y',
  C: (at) => padded(Math.floor(at.year / 100)),
  d: (at) => padded(at.day),
  D: '%m/%d/%y',
  e: (at) => padded(at.day, 2, ' '),
  F: '%Y-%m-%d',
  g: (at) => padded(modulo(isoWeek(at).year, 100)),
  G: (at) => String(isoWeek(at).year),
  h: '%b',
  H: (at) => padded(at.hour),
  I: (at) => padded(modulo(at.hour - 1, 12) + 1),
  j: (at) => padded(at.yearDay + 1, 3),
  m: (at) => padded(at.month + 1),
  M: (at) => padded(at.minute),
  n: () => '\n',
  p: (at) => (at.hour < 12 ? 'AM' : 'PM'),
  r: '%I:%M:%S %p',
  R: '%H:%M',
  S: (at) => padded(at.second),
  t: () => '\t',
  T: '%H:%M:%S',
  u: (at) => String(modulo(at.weekday - 1, 7) + 1),
  U: (at) => padded(Math.floor((at.yearDay + 7 - at.weekday) / 7)),
  V: (at) => padded(isoWeek(at).week),
  w: (at) => String(at.weekday),
  W: (at) => padded(Math.floor((at.yearDay + 7 - modulo(at.weekday - 1, 7)) / 7)),
  x: '%m/%d/%y',
  X: '%H:%M:%S',
  y: (at) => padded(modulo(at.year, 100)),
  Y: (at) => String(at.year),
  z: (at) => offsetText(at.offsetMinutes),
  Z: (at) => (at.isUtc ? 'GMT' : zoneName(at.time)),
  '%': () => '%',
};

/** Letters that may follow %E and %O; in the C locale they mean the same without it. */
const modified: Readonly<Record<string, string>> = { E: 'cCxXyY', O: 'deHImMSuUVwWy' };

/** The first conversion that is not one of C99's, with all behind it; undefined when all are. */
export function wrongConversion(format: BytePath): BytePath | undefined {
  for (let at = format.indexOf('%'); at !== -1; at = format.indexOf('%', at)) {
    const length = conversionLength(format, at + 1);
    if (length === 0) return format.slice(at + 1);
    at += 1 + length;
  }
  return undefined;
}

function conversionLength(format: BytePath, at: number): 0 | 1 | 2 {
  const letter = format.charAt(at);
  if (letter !== '' && Object.hasOwn(conversions, letter)) return 1;
  const next = format.charAt(at + 1);
  return next !== '' && modified[letter]?.includes(next) === true ? 2 : 0;
}

/** `format` has no wrong conversion. */
export function strftime(format: BytePath, at: Calendar): BytePath {
  return format.replaceAll(/%[EO]?([^EO])/g, (_whole, letter: string) => {
    const conversion = conversions[letter] ?? '';
    return typeof conversion === 'string' ? strftime(conversion, at) : conversion(at);
  });
}

function padded(value: number, width = 2, fill = '0'): string {
  return value < 0 ? `-${padded(-value, width - 1, fill)}` : String(value).padStart(width, fill);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${padded(Math.floor(size / 60))}${padded(size % 60)}`;
}

/** ISO 8601: the week belongs to the year that its Thursday is in. */
function isoWeek(at: Calendar): { readonly year: number; readonly week: number } {
  const thursday = at.yearDay + 4 - (modulo(at.weekday - 1, 7) + 1);
  if (thursday < 0) {
    const length = daysInYear(at.year - 1);
    return { year: at.year - 1, week: Math.floor((thursday + length) / 7) + 1 };
  }
  const length = daysInYear(at.year);
  if (thursday >= length) return { year: at.year + 1, week: 1 };
  return { year: at.year, week: Math.floor(thursday / 7) + 1 };
}

function daysInYear(year: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return isLeap ? 366 : 365;
}

/** `CEST`: Node knows the long names of zones only. GNU's date takes -d, BSD's -r. */
function zoneName(time: number): string {
  for (const words of [
    ['-d', `@${time}`],
    ['-r', String(time)],
  ]) {
    const { status, stdout } = spawnSync('date', [...words, '+%Z'], { encoding: 'latin1' });
    if (status === 0) return stdout.trim();
  }
  return '';
}
