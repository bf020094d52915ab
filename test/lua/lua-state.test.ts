import { describe, expect, test } from 'vitest';
import { HostFunction, isLuaFunction, LuaRaise, LuaTable } from '../../src/lua/lua-value.ts';
import type { HostCall, LuaValue } from '../../src/lua/lua-value.ts';
import type { LuaState } from '../../src/lua/lua-state.ts';
import { LuaExit, runLua } from './run-lua.ts';

/** Defines the global `seen(…)`, which keeps its calls. */
function recorder(calls: HostCall[]): (state: LuaState) => void {
  return (state) => {
    state.set('seen', new HostFunction('seen', (call) => (calls.push(call), [])));
  };
}

function argumentsOf(code: string): readonly LuaValue[] {
  const calls: HostCall[] = [];
  expect(runLua(code, recorder(calls)).end).toEqual({ type: 'done' });
  return calls[0]?.args ?? [];
}

describe('LuaState', () => {
  test('hands values to TypeScript, strings as bytes', () => {
    expect(argumentsOf('seen(nil, true, 1, 2.5, "\\228x", print == nil)')).toEqual([
      undefined,
      true,
      1,
      2.5,
      '\xe4x',
      false,
    ]);
  });

  test('keeps positional and named entries of a table apart, and skips holes', () => {
    const [table] = argumentsOf('seen{ "a", nil, "b", x = 1, y = { z = 2 } }');
    expect(table).toBeInstanceOf(LuaTable);
    expect((table as LuaTable).positional()).toEqual(['a', 'b']);
    expect(
      (table as LuaTable)
        .named()
        .map(([key]) => key)
        .toSorted(),
    ).toEqual(['x', 'y']);
  });

  test('keeps a cycle a cycle', () => {
    const [table] = argumentsOf('local t = {} t.me = t seen(t)');
    expect((table as LuaTable).get('me')).toBe(table);
  });

  test('gives a host function back as itself, and a function of the user as a LuaFunction', () => {
    const calls: HostCall[] = [];
    runLua('seen(seen, function() end)', recorder(calls));
    expect(calls[0]?.args[0]).toBeInstanceOf(HostFunction);
    expect(isLuaFunction(calls[0]?.args[1])).toBe(true);
  });

  test('tells file and line of the call, also through a helper and a pcall', () => {
    const calls: HostCall[] = [];
    const { path } = runLua('\nlocal function f()\n  seen()\nend\nf()\npcall(seen)', recorder(calls));
    expect(calls.map((call) => call.position)).toEqual([
      { file: path, line: 3 },
      { file: path, line: 6 },
    ]);
  });

  test.each([
    ['a syntax error', 'x = = 1', 'load', ":1: unexpected symbol near '='"],
    ['a run-time error', '\nlocal x\nprint(x.y)', 'run', ":3: attempt to index a nil value (local 'x')"],
    ['error()', 'error("boo")', 'run', ':1: boo'],
  ])('reports %s with file and line', (_name, code, phase, message) => {
    const { end, path } = runLua(code);
    expect(end).toEqual({ type: 'error', phase, message: path + message });
  });

  test('adds the traceback of an error that came from within a function', () => {
    const { end, path } = runLua(
      'local function f() local x; return x.y end\nlocal function g() f() end\ng()',
    );
    expect(end).toEqual({
      type: 'error',
      phase: 'run',
      message: `${path}:1: attempt to index a nil value (local 'x')`,
      traceback: `stack traceback:\n\t${path}:1: in upvalue 'f'\n\t${path}:2: in local 'g'\n\t${path}:3: in main chunk`,
    });
  });

  test('shows an error value without text as (null), as lsyncd does', () => {
    expect(runLua('error({})').end).toEqual({ type: 'error', phase: 'run', message: '(null)' });
  });

  test('a LuaRaise is an error that pcall catches, with the position of the call', () => {
    const raise = new HostFunction('raise', () => {
      throw new LuaRaise('no');
    });
    const { printed, path } = runLua('print(pcall(function()\n raise() end))', (state) =>
      state.set('raise', raise),
    );
    expect(printed).toBe(`false\t${path}:2: no\n`);
  });

  test.each([
    'os.exit(3)',
    'pcall(os.exit, 3) print("on")',
    'coroutine.wrap(function() pcall(os.exit, 3) end)() print("on")',
  ])('os.exit ends the run though %s', (code) => {
    expect(() => runLua(code)).toThrow(new LuaExit(3));
  });

  test('os.exit ends a loop that catches everything', () => {
    expect(() => runLua('while true do pcall(os.exit, 4) end')).toThrow(new LuaExit(4));
  });

  test('a mistake in a host function is thrown as it is', () => {
    const broken = new HostFunction('broken', () => {
      throw new TypeError('a bug');
    });
    expect(() => runLua('pcall(broken)', (state) => state.set('broken', broken))).toThrow(
      new TypeError('a bug'),
    );
  });

  test('onAssign sees an assignment and keeps the value', () => {
    const assigned: HostCall[] = [];
    const { printed, path } = runLua('\nkept = { 5 }\nprint(kept, other)', (state) => {
      state.onAssign('kept', 'value', (call) => void assigned.push(call));
    });
    expect(printed).toBe('value\tnil\n');
    expect(assigned.map(({ args, position }) => [(args[0] as LuaTable).get(1), position])).toEqual([
      [5, { file: path, line: 2 }],
    ]);
  });
});
