// Where tsyncd's Lua and lua5.3 do not do the same: what each does. docs/compatibility.md names these.

import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { waitUntil } from '../helpers/wait-until.ts';
import { hasLua53, runBoth } from './run-both.ts';
import { runLua } from './run-lua.ts';

/** Lua text, what it prints here, and what it prints in lua5.3. */
const differences: readonly (readonly [title: string, code: string, ours: string, real: string])[] = [
  [
    'the sign of nan is not known',
    'print(-(0/0))',
    process.arch === 'x64' ? '-nan\n' : 'nan\n',
    process.arch === 'x64' ? 'nan\n' : '-nan\n',
  ],
  [
    'what is written to a file is there at once',
    'local f = io.open("DIR/f", "w") f:write("x") print(io.open("DIR/f"):read("a")) f:close()',
    'x\n',
    '\n',
  ],
  [
    'an error of the disk is seen by the write, not by the close',
    'local f = io.open("/dev/full", "w") print((f:write("x"))) print((f:close()))',
    'nil\ntrue\n',
    'FILE\nnil\n',
  ],
  [
    'a write to a pipe whose command has ended returns the error',
    `local p = io.popen("echo > DIR/f; exit 5", "w") while not io.open("DIR/f") do end os.execute("sleep 0.2")
     io.stdout:setvbuf("no") print((p:write("x"))) print(p:close())`,
    'nil\nnil\texit\t5\n',
    'FILE\n',
  ],
  [
    '__gc is never called',
    'setmetatable({}, { __gc = function() print("gc") end }) collectgarbage() print("end")',
    'end\n',
    'gc\nend\n',
  ],
  [
    'weak tables keep what they hold',
    'local t = setmetatable({}, { __mode = "v" }) t[1] = {} collectgarbage() print(#t)',
    '1\n',
    '0\n',
  ],
  [
    'one seed gives other random numbers',
    'math.randomseed(42) print(math.random(1000000) == 329965)',
    'false\n',
    'true\n',
  ],
  ['there is only the locale C', 'print(os.setlocale("C.UTF-8"))', 'nil\n', 'C.UTF-8\n'],
  [
    'a string.dump of lua5.3 is refused',
    `os.execute("echo 'return 1' | luac5.3 -o DIR/f -") print(loadfile("DIR/f") ~= nil)`,
    'false\n',
    'true\n',
  ],
];

const skipped = !hasLua53 && process.env['TSYNCD_TEST_NO_SKIP'] !== '1';

/** The address of a file says nothing. */
function withoutAddresses(printed: string): string {
  return printed.replaceAll(/file \(0x[\da-f]+\)/g, 'FILE');
}

describe.skipIf(skipped)('the library of Lua differs from lua5.3', () => {
  const runs = skipped ? [] : runBoth(differences.map(([title, code]) => ({ title, code })));
  const cases = differences.map(([title, , ours, real], index) => ({
    title,
    expected: { ours, real },
    run: runs[index],
  }));

  test.each(cases)('$title', ({ expected, run }) => {
    expect(withoutAddresses(run?.ours().printed ?? '')).toBe(expected.ours);
    expect(withoutAddresses(run?.real.printed ?? '')).toBe(expected.real);
  });
});

describe('what Lua does by its garbage collector', () => {
  test('a metatable with __gc is warned of once, with its line', () => {
    const warnings: string[] = [];
    runLua('local t = { __gc = function() end }\nsetmetatable({}, t) setmetatable({}, t)', undefined, {
      warn: (where, text) => warnings.push(`${where}: ${text}`),
    });
    expect(warnings).toEqual([
      expect.stringMatching(/conf\.lua:2: __gc is never called: close what must be closed$/),
    ]);
  });

  test('files that Lua has dropped without closing are closed', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const countOpen = (): number => readdirSync('/proc/self/fd').length;
    const before = countOpen();
    const lua = runLua('for i = 1, 300 do io.open("DIR/conf.lua"):read() end', undefined, {
      close: false,
    }).state;
    expect(countOpen()).toBeGreaterThan(before + 250);
    const isClosed = async (): Promise<boolean> => {
      collect();
      return countOpen() < before + 50;
    };
    await waitUntil(isClosed, { deadlineMs: 10_000, what: 'closed files' });
    expect(lua.get('_VERSION')).toBe('Lua 5.3');
  });
});
