import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { runLua } from './run-lua.ts';

/** Lua text and what it prints; DIR is a fresh directory. */
type Program = readonly [subject: string, code: string, printed: string];

function check(code: string, printed: string): void {
  const run = runLua(code);
  expect(run.end).toEqual({ type: 'done' });
  expect(run.printed).toBe(printed.replaceAll('DIR', run.directory));
}

const json: readonly Program[] = [
  [
    'decode',
    `local json = require "json" local v = json.decode('{"a": [1, 2.5, "x\\\\n\\\\u00e9\\\\ud83d\\\\ude00", true, null], "b": {"c": -1e2}}')
     print(#v.a, v.a[1], v.a[2], v.a[3], v.a[4], v.a[5], v.b.c, math.type(v.a[1]))`,
    '4\t1\t2.5\tx\n\u00c3\u00a9\u00f0\u009f\u0098\u0080\ttrue\tnil\t-100\tinteger\n',
  ],
  [
    'encode',
    `print(require("json").encode({ 1, 2.5, "a\\"\\\\\\n/", true, { k = { } } }))`,
    '[1,2.5,"a\\"\\\\\\n/",true,{"k":[]}]\n',
  ],
  ['encode of bytes', `print(require("json").encode("\\228\\0"))`, '"\xe4\\u0000"\n'],
  [
    'encode and decode of large integers',
    `local j = require "json" print(j.encode({ 2^40, 1 << 40 }), j.decode("[1099511627776]")[1])`,
    '[1099511627776,1099511627776]\t1099511627776\n',
  ],
  [
    'errors of json',
    `local j = require "json" print((pcall(j.decode, "{"))) print(pcall(j.encode, print)) print((pcall(j.encode, { 1, a = 2 })))`,
    'false\nfalse\ta function has no JSON\nfalse\n',
  ],
  [
    'cjson.null',
    `local c = require "cjson" print(c.decode("[null]")[1] == c.null, c.encode({ c.null }), c.encode({}))`,
    'true\t[null]\t{}\n',
  ],
  [
    'cjson.safe',
    `local v, message = require("cjson.safe").decode("{") print(v, type(message))`,
    'nil\tstring\n',
  ],
  [
    'dkjson',
    `local d = require "dkjson" print(d.encode({ a = 1 }, { indent = true })) local v, at, message = d.decode("{") print(v, at, type(message))`,
    '{\n  "a": 1\n}\nnil\t1\tstring\n',
  ],
];

const files: readonly Program[] = [
  [
    'lfs.attributes',
    `local lfs = require "lfs" io.open("DIR/f", "w"):write("abc"):close() print(lfs.attributes("DIR").mode, lfs.attributes("DIR/f", "size"))
     print(lfs.attributes("DIR/no")) print(math.type(lfs.attributes("DIR/f", "modification")), os.execute("chmod 640 DIR/f"), lfs.attributes("DIR/f").permissions)`,
    "directory\t3\nnil\tcannot obtain information from file 'DIR/no': No such file or directory\t2\ninteger\ttrue\trw-r-----\n",
  ],
  [
    'lfs.dir, mkdir and rmdir',
    `local lfs = require "lfs" print(lfs.mkdir("DIR/d"), lfs.mkdir("DIR/d")) local names = {} for n in lfs.dir("DIR") do names[#names + 1] = n end
     table.sort(names) print(table.concat(names, " ")) print(lfs.rmdir("DIR/d")) print((pcall(lfs.dir, "DIR/no")))`,
    'true\tnil\tFile exists\t17\n. .. conf.lua d\ntrue\nfalse\n',
  ],
  [
    'lfs.link, symlinkattributes, touch and currentdir',
    `local lfs = require "lfs" lfs.link("DIR/conf.lua", "DIR/l", true) print(lfs.symlinkattributes("DIR/l", "mode"), lfs.attributes("DIR/l", "mode"))
     print(lfs.touch("DIR/conf.lua", 1000, 2000), lfs.attributes("DIR/conf.lua", "modification"), #lfs.currentdir() > 0)`,
    'link\tfile\ntrue\t2000\ttrue\n',
  ],
  [
    'posix.stat and lstat',
    `local posix = require "posix" os.execute("ln -s conf.lua DIR/l; chmod 600 DIR/conf.lua") print(posix.stat("DIR", "type"), posix.lstat("DIR/l").type, posix.stat("DIR/l").type)
     print(posix.stat("DIR/conf.lua", "mode"), posix.stat("DIR/no"))`,
    'directory\tlink\tregular\nrw-------\tnil\tDIR/no: No such file or directory\t2\n',
  ],
  [
    'posix.mkdir, dir, files, symlink, readlink, unlink and rmdir',
    `local posix = require "posix" print(posix.mkdir("DIR/d"), posix.symlink("x", "DIR/d/l"), posix.readlink("DIR/d/l"), #posix.dir("DIR/d"))
     local n = 0 for _ in posix.files("DIR/d") do n = n + 1 end print(n, posix.rmdir("DIR/d")) print(posix.unlink("DIR/d/l"), posix.rmdir("DIR/d"))`,
    '0\t0\tx\t3\n3\tnil\tDIR/d: Directory not empty\t39\n0\t0\n',
  ],
  [
    'posix.access, chmod, basename and dirname',
    `local posix = require "posix" print(posix.access("DIR/conf.lua", "rw"), (posix.access("DIR/no"))) print(posix.chmod("DIR/conf.lua", "r--r-----"), posix.stat("DIR/conf.lua").mode)
     print(posix.basename("/a/b.c"), posix.dirname("/a/b.c"))`,
    '0\tnil\n0\tr--r-----\nb.c\t/a\n',
  ],
];

const processes: readonly Program[] = [
  [
    'posix.getpid, getuid and time',
    `local p = require "posix" print(math.type(p.getpid()), p.getuid() == tonumber(io.popen("id -u"):read()), os.time() - p.time() <= 1)`,
    'integer\ttrue\ttrue\n',
  ],
  [
    'posix.setenv reaches commands',
    `local p = require "posix.stdlib" p.setenv("TSYNCD_TEST_NAME", "v") print(p.getenv("TSYNCD_TEST_NAME"), io.popen("echo $TSYNCD_TEST_NAME"):read()) p.setenv("TSYNCD_TEST_NAME")`,
    'v\tv\n',
  ],
  ['posix.uname', `print(require("posix").uname("%n"))`, `${hostname()}\n`],
  [
    'posix.kill',
    `local p = io.popen("echo $$; exec sleep 60") print(require("posix").kill(tonumber(p:read()), 9)) print(p:close())`,
    '0\nnil\tsignal\t9\n',
  ],
  [
    'socket.gettime, sleep and dns',
    `local s = require "socket" local t = s.gettime() s.sleep(0.05) print(s.gettime() - t >= 0.045, s.dns.gethostname())`,
    `true\t${hostname()}\n`,
  ],
];

describe('modules that configs require', () => {
  test.each([...json, ...files, ...processes])('%s', (_subject, code, printed) => check(code, printed));

  test('a function that a module lacks is an error that says so', () => {
    const run = runLua('local socket = require "socket"\nsocket.tcp()');
    expect(run.end).toEqual({
      type: 'error',
      phase: 'run',
      message: `${run.path}:2: Cannot use socket.tcp: tsyncd's socket does not have it`,
    });
  });

  test('a Lua file of that name comes first', () => {
    check(
      `io.open("DIR/json.lua", "w"):write("return 'my own'"):close() package.path = "DIR/?.lua" print(require "json")`,
      'my own\n',
    );
  });

  test('a library in C is an error that names its file', () => {
    const run = runLua(
      `os.execute("touch DIR/clib.so") package.cpath = "DIR/?.so" print(pcall(require, "clib"))`,
    );
    expect(run.printed).toContain(
      `error loading module 'clib' from file '${run.directory}/clib.so':\n\ta library in C, which tsyncd cannot load`,
    );
  });
});
