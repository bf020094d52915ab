// The kinds of values that a config has, each a check and a conversion. By hand: eight small checks, and a library for it costs a
// quarter of the time that the program takes to start (docs/performance.md).

import { isUtf8, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { LuaTable } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';

export interface ValueKind<T> {
  /** What a message says was expected. */
  readonly description: string;
  /** The value as the program has it; undefined: it is not of this kind. */
  readonly convert: (value: LuaValue) => T | undefined;
}

const NUMERIC = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;
const MAX_PORT = 65_535;

export const kinds = {
  bytes: { description: 'a text that is not empty', convert: toBytes },
  text: { description: 'a text in UTF-8 that is not empty', convert: toUtf8 },
  seconds: { description: 'a number of seconds >= 0', convert: (value) => toNumber(value, { min: 0 }) },
  count: { description: 'a whole number >= 1', convert: (value) => toInteger(value, { min: 1 }) },
  amount: { description: 'a whole number >= 0', convert: (value) => toInteger(value, { min: 0 }) },
  bytesCount: { description: 'a number of bytes >= 1', convert: (value) => toNumber(value, { min: 1 }) },
  port: {
    description: 'a port from 1 to 65535',
    convert: (value) => toInteger(value, { min: 1, max: MAX_PORT }),
  },
  table: { description: 'a table', convert: (value) => (value instanceof LuaTable ? value : undefined) },
} as const satisfies Record<string, ValueKind<unknown>>;

/** Lua takes a number for a text. */
function toBytes(value: LuaValue): BytePath | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function toUtf8(value: LuaValue): string | undefined {
  const bytes = toBytes(value);
  return bytes === undefined || !isUtf8(bytes) ? undefined : toText(bytes);
}

interface Range {
  readonly min: number;
  readonly max?: number;
}

/** Lua takes a text for a number. */
function toNumber(value: LuaValue, { min, max = Infinity }: Range): number | undefined {
  const isNumber = typeof value === 'number' || (typeof value === 'string' && NUMERIC.test(value));
  const number = isNumber ? Number(value) : Number.NaN;
  return Number.isFinite(number) && number >= min && number <= max ? number : undefined;
}

function toInteger(value: LuaValue, range: Range): number | undefined {
  const number = toNumber(value, range);
  return Number.isSafeInteger(number) ? number : undefined;
}
