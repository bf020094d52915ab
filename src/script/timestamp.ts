// What now() gives: a moment that scripts add seconds to, subtract and compare.

import { HostObject, LuaRaise, luaTypeName } from '../lua/lua-value.ts';
import type { HostClass, LuaValue } from '../lua/lua-value.ts';

const timestampClass: HostClass = {
  // Messages of Lua name it: `attempt to perform arithmetic on a Lsyncd.jiffies value`.
  name: 'Lsyncd.jiffies',
  index: () => {
    throw new LuaRaise('attempt to index a Lsyncd.jiffies value');
  },
  operators: {
    add: (left, right) => add(left, right),
    subtract: (left, right) => subtract(left, right),
    less: (left, right) => secondsOf(left) < secondsOf(right),
    lessOrEqual: (left, right) => secondsOf(left) <= secondsOf(right),
    equals: (left, right) => secondsOf(left) === secondsOf(right),
  },
  toText: (object) => `Timestamp: ${secondsOf(object).toFixed(2)}`,
};

export class Timestamp extends HostObject {
  readonly hostClass = timestampClass;
  /** Of the monotonic clock. */
  readonly seconds: number;

  constructor(seconds: number) {
    super();
    // As exact as sums of them stay: a moment and 5 s, less 5 s, is that moment again.
    this.seconds = Math.round(seconds * 1e6) / 1e6;
  }
}

function add(left: LuaValue, right: LuaValue): Timestamp {
  if (left instanceof Timestamp && right instanceof Timestamp)
    throw new LuaRaise('Cannot add two timestamps!');
  return left instanceof Timestamp
    ? new Timestamp(left.seconds + numberOf(right))
    : new Timestamp(secondsOf(right) + numberOf(left));
}

/** Seconds between two, or the moment so many seconds before. */
function subtract(left: LuaValue, right: LuaValue): LuaValue {
  const seconds = secondsOf(left);
  return right instanceof Timestamp ? seconds - right.seconds : new Timestamp(seconds - numberOf(right));
}

function secondsOf(value: LuaValue): number {
  if (value instanceof Timestamp) return value.seconds;
  throw new LuaRaise(`Lsyncd.jiffies expected, got ${luaTypeName(value)}`);
}

function numberOf(value: LuaValue): number {
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number === 'number' && !Number.isNaN(number)) return number;
  throw new LuaRaise(`a number of seconds expected, got ${luaTypeName(value)}`);
}
