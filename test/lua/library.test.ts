import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, describe, test } from 'vitest';
import { HostFunction } from '../../src/lua/lua-value.ts';
import { runLua } from './run-lua.ts';

/** Lua text and what it prints; DIR is a fresh directory. */
const programs: readonly (readonly [subject: string, code: string, printed: string])[] = [
  ['print', 'print(1, nil, true, "x", 1.5)', '1\tnil\ttrue\tx\t1.5\n'],
  ['print with __tostring', 'print(setmetatable({}, {__tostring=function() return "T" end}))', 'T\n'],
  ['io.write in a chain', 'io.write("a", 1):write("b\\n")', 'a1b\n'],
  ['io.stdout:write', 'io.stdout:write("a\\n")', 'a\n'],
  [
    'io.open of what is missing',
    'print(io.open("/nosuch/x"))',
    'nil\t/nosuch/x: No such file or directory\t2\n',
  ],
  [
    'io.open to write, append and read',
    `local f = assert(io.open("DIR/f", "w")) f:write("one\\n", 2, "\\n") f:close()
     f = io.open("DIR/f", "ab") f:write("three") f:close()
     f = io.open("DIR/f", "rb") print(f:read("*a")) print(f:read("*a"), f:read("*l"))`,
    'one\n2\nthree\n\tnil\n',
  ],
  [
    'file:read in every format',
    `local f = io.open("DIR/f", "w") f:write(" 12 -3.25e1 0xff rest\\nnext\\nabcdef") f:close()
     f = io.open("DIR/f")
     print(f:read("n", "*n", "n")) print(f:read("*l")) print(f:read("L"))
     print(f:read(0), f:read(2), f:read("a"), f:read(0), f:read(5), f:read("n"))`,
    '12\t-32.5\t255\n rest\nnext\n\n\tab\tcdef\tnil\tnil\tnil\n',
  ],
  [
    'file:lines and io.lines',
    `local f = io.open("DIR/f", "w") f:write("a\\n\\nb") f:close()
     for l in io.open("DIR/f"):lines() do io.write("[", l, "]") end
     for l in io.lines("DIR/f", "L") do io.write("<", l, ">") end print()`,
    '[a][][b]<a\n><\n><b>\n',
  ],
  [
    'file:seek',
    `local f = io.open("DIR/f", "w+") f:write("abcdef") print(f:seek("set", 3), f:read(2), f:seek(), f:seek("end"))
     f:seek("set") f:write("X") f:seek("cur", 1) print(f:read("a"))`,
    '3\tde\t5\t6\ncdef\n',
  ],
  [
    'r+ keeps the rest of the file, a+ reads it',
    `local f = io.open("DIR/f", "w") f:write("abcd") f:close()
     f = io.open("DIR/f", "r+") f:read(1) f:seek("cur", 0) f:write("X") f:close()
     f = io.open("DIR/f", "a+") f:write("e") f:seek("set") print(f:read("a"))`,
    'aXcde\n',
  ],
  [
    'io.type and a closed file',
    `local f = io.open("DIR/f", "w") print(io.type(f)) f:close() print(io.type(f), io.type(5), (pcall(f.write, f, "x")))
     print(f)`,
    'file\nclosed file\tnil\tfalse\nfile (closed)\n',
  ],
  [
    'bytes in files',
    `local f = io.open("DIR/f", "wb") f:write("\\0\\255\\n") f:close() print(io.open("DIR/f", "rb"):read("a"):byte(1, -1))`,
    '0\t255\t10\n',
  ],
  [
    'a file name that is not UTF-8',
    `local n = "DIR/\\228" io.open(n, "w"):close() print(io.open(n) ~= nil, os.remove(n), io.open(n))`,
    `true\ttrue\tnil\tDIR/\xe4: No such file or directory\t2\n`,
  ],
  [
    'io.output and io.input',
    `io.output("DIR/f") io.write("x\\ny\\n") io.close() io.output(io.stdout)
     io.input("DIR/f") print(io.read(), io.read("a"))`,
    'x\ty\n\n',
  ],
  [
    'io.popen to read',
    'local p = io.popen("echo a; echo b") print(p:read("*a")) print(p:close())',
    'a\nb\n\ntrue\texit\t0\n',
  ],
  ['io.popen of a failing command', 'print(io.popen("exit 3"):close())', 'nil\texit\t3\n'],
  ['io.popen of a command that is not UTF-8', 'print(io.popen("printf %s \'\\228\'"):read("a"))', '\xe4\n'],
  [
    'io.popen to write',
    'local p = io.popen("cat > DIR/f", "w") p:write("hi ", 5) print(p:close()) print(io.open("DIR/f"):read("a"))',
    'true\texit\t0\nhi 5\n',
  ],
  [
    'os.execute',
    'print(os.execute("exit 4")) print(os.execute("true")) print(os.execute()) print(os.execute("kill -9 $$"))',
    'nil\texit\t4\ntrue\texit\t0\ntrue\nnil\tsignal\t9\n',
  ],
  ['os.getenv', 'print(os.getenv("PATH") ~= nil, os.getenv("NO_SUCH_VARIABLE"))', 'true\tnil\n'],
  [
    'os.rename and os.remove',
    `io.open("DIR/a", "w"):close() print(os.rename("DIR/a", "DIR/b")) print(os.remove("DIR/a")) print(os.remove("DIR/b"))
     print(os.execute("mkdir DIR/d"), os.remove("DIR/d"))`,
    'true\nnil\tDIR/a: No such file or directory\t2\ntrue\ntrue\ttrue\n',
  ],
  ['os.tmpname', 'local n = os.tmpname() print(io.open(n) ~= nil, os.remove(n))', 'true\ttrue\n'],
  [
    'os.date in UTC',
    'print(os.date("!%Y-%m-%d %H:%M:%S", 86400), os.date("!*t", 0).year)',
    '1970-01-02 00:00:00\t1970\n',
  ],
  [
    'os.time of a table',
    'print(os.date("%d.%m.%Y", os.time{year=2020,month=2,day=29,hour=12}))',
    '29.02.2020\n',
  ],
  [
    'dofile and loadfile',
    `local f = io.open("DIR/m.lua", "w") f:write("g = (g or 4) + 1 return g") f:close()
     print(dofile("DIR/m.lua"), loadfile("DIR/m.lua")(), (loadfile("/nosuch.lua")))`,
    '5\t6\tnil\n',
  ],
  [
    'require by package.path, once',
    `local f = io.open("DIR/m.lua", "w") f:write("n = (n or 0) + 1 return { v = 7, name = ... }") f:close()
     package.path = "DIR/?.lua;" .. package.path print(require("m").v, require("m").name, n)`,
    '7\tm\t1\n',
  ],
  ['require of a library', 'print(require("os") == os, require "io" == io)', 'true\ttrue\n'],
  ['require of what is missing', 'print((pcall(require, "socket.nosuch")))', 'false\n'],
  [
    'debug.getinfo',
    'print(debug.getinfo(1).source, debug.getinfo(1, "l").currentline)',
    '@DIR/conf.lua\t1\n',
  ],
  [
    'string.format and gsub',
    'print(("%s-%05.1f-%d"):format("a", 2.26, 7), (("a.b"):gsub("%.", "/")))',
    'a-002.3-7\ta/b\n',
  ],
  [
    'an error of io.lines',
    'print((select(2, pcall(function() io.lines("/nosuch/x") end)):gsub("^.-: ", "")))',
    "cannot open file '/nosuch/x' (No such file or directory)\n",
  ],
  ['error with a table', 'print(select(2, pcall(error, {code = 5})).code)', '5\n'],
  ['bytes that are not UTF-8', 'print("\\228\\0\\255")', '\xe4\0\xff\n'],
  ['a coroutine', 'print(coroutine.wrap(function(a) print(coroutine.yield(a + 1)) end)(1))', '2\n'],
  ['a deep recursion', 'local function f() return 1 + f() end print((pcall(f)))', 'false\n'],
];

const lua53 = spawnSync('lua5.3', ['-v']).error === undefined ? 'lua5.3' : undefined;

describe('the library of Lua', () => {
  test.each(programs)('%s prints what Lua 5.3 prints', (_subject, code, printed) => {
    const run = runLua(code);
    expect(run.end).toEqual({ type: 'done' });
    expect(run.printed).toBe(printed.replaceAll('DIR', run.directory));
  });

  test.skipIf(lua53 === undefined && process.env['TSYNCD_TEST_NO_SKIP'] !== '1').each(programs)(
    '%s: the expectation is that of the real lua5.3',
    (_subject, code, printed) => {
      const { directory, path } = runLua('');
      writeFileSync(path, code.replaceAll('DIR', directory), 'latin1');
      const real = spawnSync('lua5.3', [path], { encoding: 'latin1' });
      expect(real.stdout).toBe(printed.replaceAll('DIR', directory));
    },
  );

  test.each([
    ['unpack', 'print(unpack({1, 2}))', '1\t2\n'],
    ['loadstring', 'print(loadstring("return 3")())', '3\n'],
    ['table.getn', 'print(table.getn({1, 2, 3}), table.maxn({1, [9] = 1}))', '3\t9\n'],
    ['math.pow', 'print(math.pow(2, 10))', '1024.0\n'],
    ['string.gfind', 'for w in string.gfind("a b", "%a") do io.write(w, ";") end', 'a;b;'],
    [
      'setfenv',
      'local function f() return x end setfenv(f, { x = 5 }) print(f(), x, getfenv(f).x)',
      '5\tnil\t5\n',
    ],
  ])('%s of Lua 5.1 is there', (_name, code, printed) => {
    expect(runLua(code).printed).toBe(printed);
  });

  test('a popen left open runs its command when the config has been read', () => {
    const run = runLua('local p = io.popen("cat > DIR/left", "w") p:write("x")');
    expect(runLua(`print(io.open("${run.directory}/left"):read("a"))`).printed).toBe('x\n');
  });

  test('require does not load JavaScript', () => {
    const names = ['fengari', 'package.jspath', '#package.searchers', '(pcall(require, "fengari"))'];
    expect(runLua(`print(${names.join()})`).printed).toBe('nil\tnil\t4\tfalse\n');
  });

  test('a file, a C function and a large integer come back from TypeScript as they were', () => {
    const back = new HostFunction('back', ({ args }) => args);
    const code = `local f = io.open("DIR/conf.lua") local t = { f, io.open, 1 << 40 } local g = back(t[1])
      print(g == f, back(io.open) == io.open, back(1 << 40), type(g:read("l")), back(io.stdout) == io.output())`;
    const { printed } = runLua(code, (state) => state.set('back', back));
    expect(printed).toBe('true\ttrue\t1099511627776\tstring\ttrue\n');
  });
});
