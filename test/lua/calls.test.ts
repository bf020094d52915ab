// TypeScript calls Lua: functions, tables that stay the same table, objects that are tables.

import { describe, expect, test } from 'vitest';
import { createLua } from '../../src/lua/create-lua.ts';
import type { LuaState } from '../../src/lua/lua-state.ts';
import {
  HostFunction,
  HostObject,
  isLuaFunction,
  LuaError,
  LuaRaise,
  LuaTable,
  type HostClass,
  type LuaFunction,
  type LuaValue,
} from '../../src/lua/lua-value.ts';

function makeState(): LuaState {
  return createLua({ print: () => undefined, exit: (state) => state.abort(new Error('exit')) }).state;
}

function functionOf(state: LuaState, text: string): LuaFunction {
  const [value] = state.runText(`return ${text}`);
  if (!isLuaFunction(value)) throw new Error('not a function');
  return value;
}

class Point extends HostObject {
  static readonly class: HostClass = {
    name: 'point',
    isTable: true,
    index: (object, key) => (key === 'x' ? (object as Point).x : undefined),
    size: () => 2,
    toText: () => 'a point',
  };
  readonly hostClass = Point.class;
  readonly x: number;

  constructor(x: number) {
    super();
    this.x = x;
  }
}

describe('a function of the user', () => {
  test('is called with values, and gives all its results', () => {
    const add = functionOf(
      makeState(),
      'function(a, b, ...) return a + b, select("#", ...), nil, "\\255" end',
    );
    expect(add.call([1, 2, true, undefined])).toEqual([3, 2, undefined, '\xff']);
  });

  test('goes back to Lua as itself, also through a copy of a table', () => {
    const state = makeState();
    const compare = functionOf(state, 'function(f, t) return f == t.f end');
    const [table] = state.runText('local f = function() end return { f = f }');
    expect(compare.call([(table as LuaTable).get('f'), table])).toEqual([true]);
  });

  test('throws what it raises, with where that was', () => {
    const fail = functionOf(makeState(), 'function() local x = nil; return x.y end');
    const error = caught(() => fail.call([]));
    expect(error).toBeInstanceOf(LuaError);
    expect(error.message).toMatch(/attempt to index a nil value \(local 'x'\)$/);
    expect((error as LuaError).traceback).toMatch(/^stack traceback:\n/);
  });

  test('may call back, and fail there, and go on', () => {
    const state = makeState();
    const inner = functionOf(state, 'function() error("inner", 0) end');
    state.set('host', new HostFunction('host', () => inner.call([])));
    const outer = functionOf(state, 'function() local ok, why = pcall(host) return ok, why end');
    expect(outer.call([])).toEqual([false, 'inner']);
    expect(outer.call([])).toEqual([false, 'inner']);
  });

  test('is called on the coroutine that runs', () => {
    const state = makeState();
    const inner = functionOf(state, 'function(x) return x * 2 end');
    state.set('host', new HostFunction('host', ({ args }) => inner.call(args)));
    const outer = functionOf(
      state,
      'function() return coroutine.wrap(function() coroutine.yield(host(4)) end)() end',
    );
    expect(outer.call([])).toEqual([8]);
  });
});

describe('a table', () => {
  test('given back to Lua through `live` is the same table, and is changed in place', () => {
    const state = makeState();
    const [table] = state.runText('kept = { a = 1, [2] = "b" } return kept');
    const live = (table as LuaTable).live;
    live?.set('a', 5);
    live?.set('list', new LuaTable([[1, 'x']]));
    const check = functionOf(state, 'function(t) return t == kept, kept.a, kept.list[1] end');
    expect(check.call([live])).toEqual([true, 5, 'x']);
    expect(live?.get(2)).toBe('b');
    expect(live?.copy().get('a')).toBe(5);
  });
});

describe('an object that is a table', () => {
  test('is one table for Lua, with fields of the user besides', () => {
    const state = makeState();
    const use = functionOf(
      state,
      `function(p, q) p.own = 7 return type(p), p == q, p.x, rawget(q, "own"), rawget(p, "x"), #p, tostring(p), p end`,
    );
    const point = new Point(3);
    const results: readonly LuaValue[] = ['table', true, 3, 7, undefined, 2, 'a point', point];
    expect(use.call([point, point])).toEqual(results);
    expect(use.call([point, new Point(4)])[1]).toBe(false);
  });

  test('refuses to stand for another class', () => {
    const state = makeState();
    state.set(
      'host',
      new HostFunction('host', () => {
        throw new LuaRaise('not a point', { withPosition: false });
      }),
    );
    const use = functionOf(state, 'function(p) return pcall(getmetatable(p).__index, {}, "x") end');
    expect(use.call([new Point(1)])).toEqual([false, expect.stringContaining('point expected')]);
  });
});

function caught(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
