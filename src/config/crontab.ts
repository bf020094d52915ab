// `crontab = {}` of a sync: lines of six fields, seconds first, or five as cron has them. Every field is checked here, so that what the
// running daemon gets is a time.

import { LuaTable } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';
import { kinds } from './value-kinds.ts';
import { read, refuse } from './values.ts';
import type { Key } from './values.ts';

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for `min`, `min` + 1, …; lower case. */
  readonly words: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly Field[] = [
  { name: 'second', min: 0, max: 59, words: [] },
  { name: 'minute', min: 0, max: 59, words: [] },
  { name: 'hour', min: 0, max: 23, words: [] },
  { name: 'day of the month', min: 1, max: 31, words: [] },
  { name: 'month', min: 1, max: 12, words: months },
  { name: 'day of the week', min: 0, max: 7, words: weekdays },
];

/**
 * Each line as six fields with one space between them and no words, `0 0 3 * * 1-5`; none for nil and false. 0 and 7 are Sunday.
 * @throws ConfigProblem naming the field that is wrong
 */
export function toCrontab(key: Key, value: LuaValue): readonly string[] {
  if (value === undefined || value === false) return [];
  const lines = value instanceof LuaTable ? value.positional() : [value];
  return lines.map((line) => toLine(key, line));
}

function toLine(key: Key, value: LuaValue): string {
  const text = (read(key, kinds.text, value) ?? '').trim();
  const parts = text.split(/\s+/);
  const six = parts.length === 5 ? ['0', ...parts] : parts;
  if (six.length !== fields.length) {
    refuse(key, value, 'expected six fields: second, minute, hour, day of the month, month, day of the week');
  }
  return fields.map((field, index) => toField(six[index] ?? '', { field, key, value })).join(' ');
}

interface Reading {
  readonly field: Field;
  readonly key: Key;
  readonly value: LuaValue;
}

function toField(text: string, reading: Reading): string {
  return text
    .split(',')
    .map((item) => toItem(item, reading))
    .join(',');
}

// A star, `3` and `1-5`; the first and the last with a step: `0-30/10`.
function toItem(text: string, reading: Reading): string {
  const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(text);
  if (match === null) return refuseItem(text, reading);
  const [, every, from, to, step] = match;
  const isRange = every !== undefined || to !== undefined;
  if (step !== undefined && (!isRange || !isStep(Number(step), reading.field)))
    return refuseItem(text, reading);
  const behind = step === undefined ? '' : `/${Number(step)}`;
  if (every !== undefined) return `*${behind}`;
  const first = toNumber(from ?? '', reading);
  if (to === undefined) return String(first);
  const last = toNumber(to, { ...reading, isLast: first > 0 });
  if (last < first) return refuseItem(text, reading);
  return `${first}-${last}${behind}`;
}

/** At the end of a range Sunday is 7, so that `fri-sun` is one. */
function toNumber(text: string, reading: Reading & { readonly isLast?: boolean }): number {
  const { field, isLast = false } = reading;
  const at = field.words.indexOf(text.toLowerCase());
  const number = at === -1 ? Number(/^\d+$/.exec(text)?.[0]) : at + field.min;
  if (at === 0 && isLast && field.words === weekdays) return field.max;
  if (number >= field.min && number <= field.max) return number;
  throw refuseItem(text, reading);
}

function isStep(step: number, { min, max }: Field): boolean {
  return step >= 1 && step <= max - min;
}

function refuseItem(text: string, { field, key, value }: Reading): never {
  const words = field.words.length === 0 ? '' : ` or ${field.words[0]} to ${field.words.at(-1)}`;
  return refuse(
    key,
    value,
    `"${text}" is no ${field.name}: expected ${field.min} to ${field.max}${words}, as in *, 1,2, 1-5, */2`,
  );
}
