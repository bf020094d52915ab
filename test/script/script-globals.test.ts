// What scripts call at run time. The expectations on timestamps, alarms, the log and the lock of the globals are what Debian's lsyncd
// 2.2.3 was seen to do.

import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigExit } from '../../src/errors.ts';
import type { Log } from '../../src/log.ts';
import { isLuaFunction } from '../../src/lua/lua-value.ts';
import type { DescriptorCalls, ScriptHost } from '../../src/script/port.ts';
import { errorOf, loadText, makeDirectory } from '../config/load-text.ts';

class FakeHost implements ScriptHost {
  readonly lines: string[] = [];
  readonly exits: number[] = [];
  readonly alarms: [number, () => void][] = [];
  readonly observed = new Map<number, DescriptorCalls>();
  readonly log: Log = Object.assign(
    (category: string, text: string) => void this.lines.push(`${category}: ${text}`),
    { isOn: () => true },
  );
  seconds = 100;

  nowSeconds(): number {
    return this.seconds;
  }

  alarm(atSeconds: number, action: () => void): void {
    this.alarms.push([atSeconds, action]);
  }

  terminate(exitCode: number): void {
    this.exits.push(exitCode);
  }
}

/** Watches descriptors too. */
class WatchingHost extends FakeHost {
  observe(fd: number, calls: DescriptorCalls): () => void {
    this.observed.set(fd, calls);
    return () => this.observed.delete(fd);
  }
}

interface AtWork {
  readonly host: FakeHost;
  /** Runs `code` as init of the sync. @returns what was printed */
  readonly run: () => string;
}

/** `before` stands before the sync{} whose init has `code` in it. */
function atWork(
  code: string,
  { before = '', host = new FakeHost() }: { readonly before?: string; readonly host?: FakeHost } = {},
): AtWork {
  let printed = '';
  const text = `${before}
    local function show(...)
      local texts = {}
      for i = 1, select("#", ...) do texts[i] = tostring((select(i, ...))) end
      log("Show", table.concat(texts, " "))
    end
    sync { action = function() end, source = "DIR/src", init = function() ${code} end }`;
  const { config } = loadText(text);
  config.script?.attach(host);
  const run = (): string => {
    const [spec] = config.syncs;
    const init = spec?.kind === 'script' ? spec.config.get('init') : undefined;
    if (!isLuaFunction(init)) throw new Error('no init');
    init.call([]);
    printed = host.lines.map((line) => line.replace(/^Show: /, '')).join('\n');
    return printed;
  };
  return { host, run };
}

describe('log()', () => {
  test.each([
    [`log("Normal", "a ", 1, " ", 1.5, " ", 2.0, " ", true, nil)`, 'Normal: a 1 1.5 2.0 (true)(nil)'],
    [`log("TattleMove", "x")`, 'TattleMove: x'],
    [`log("Normal")`, 'Normal: '],
    [`log(5, "x")`, '5: x'],
    [`log("Normal", now())`, 'Normal: (Timestamp: 100.00)'],
  ])('%s', (code, line) => {
    expect(atWork(code).run()).toBe(line);
  });

  test('shows a table by its address', () => {
    expect(atWork('log("Normal", {})').run()).toMatch(/^Normal: \(Table: .+\)$/);
  });

  test('raises errors as lsyncd does', () => {
    expect(errorOf('log("Normal", "x", print)')).toMatch(/:1: attempt to concatenate a function value$/);
    expect(errorOf('log("Normal", print)')).toMatch(
      /:1: bad argument #2 to 'log' \(string expected, got function\)$/,
    );
    expect(errorOf('log()')).toMatch(/:1: bad argument #1 to 'log' \(string expected, got no value\)$/);
  });
});

describe('a timestamp', () => {
  test.each([
    ['now() + 5 - now()', '5'],
    ['5 + now() - now()', '5'],
    ['now() + "5" - now()', '5'],
    ['now() - 1.5 - now()', '-1.5'],
    ['now() < now() + 1, now() <= now(), now() == now(), now() > now() + 1', 'true true true false'],
    ['now() == 5', 'false'],
    ['type(now()), now() + 0.25', 'userdata Timestamp: 100.25'],
  ])('%s', (code, shown) => {
    expect(atWork(`show(${code})`).run()).toBe(shown);
  });

  test.each([
    ['now() + now()', 'Cannot add two timestamps!'],
    ['now() < 5', 'Lsyncd.jiffies expected, got number'],
    ['-now()', 'attempt to perform arithmetic on a Lsyncd.jiffies value'],
    ['now() * 2', 'attempt to perform arithmetic on a Lsyncd.jiffies value'],
    ['"x" .. now()', 'attempt to concatenate a Lsyncd.jiffies value'],
    ['now().seconds', 'attempt to index a Lsyncd.jiffies value'],
    ['now() + {}', 'a number of seconds expected, got table'],
  ])('refuses %s', (code, message) => {
    expect(errorOf(`local n = ${code}`)).toContain(message);
  });
});

describe('alarm()', () => {
  test('calls the function with its time and the extra value, the same table', () => {
    const { host, run } = atWork(`
      local extra = { 1 }
      alarm(now() + 0.5, function(time, got, ...)
        show(now() >= time, time - now(), got == extra, select("#", ...))
      end, extra)`);
    run();
    const [[at, action] = [0, () => undefined]] = host.alarms;
    expect(at).toBe(100.5);
    host.seconds = 101;
    action();
    expect(host.lines.at(-1)).toBe('Show: true -0.5 true 0');
  });

  test('of a config that loads is set when the daemon runs, scripts or not', () => {
    const { config } = loadText(
      'alarm(now() + 1, function() log("Normal", "ring") end) sync { default.rsync, BASE }',
    );
    const host = new FakeHost();
    config.script?.attach(host);
    host.alarms[0]?.[1]();
    expect(host.lines).toEqual(['Normal: ring']);
  });

  test.each([
    ['alarm(5, print)', "bad argument #1 to 'alarm' (a timestamp expected, got number)"],
    ['alarm(now(), 5)', "bad argument #2 to 'alarm' (a function expected, got number)"],
  ])('refuses %s', (code, message) => {
    expect(errorOf(code)).toContain(message);
  });
});

describe('at run time', () => {
  test.each([
    ['reading an unknown global', 'return nosuch', 'Access of non-existing global "nosuch"'],
    [
      'making one',
      'nosuch = 1',
      'Lsyncd does not allow GLOBALS to be created on the fly. Declare "nosuch" local or declare global on load.',
    ],
    ['sync{}', 'sync {}', 'sync{} is called while the config loads only'],
  ])('%s is an error of the caller', (_name, code, message) => {
    const { run } = atWork(`\n${code}`);
    expect(run).toThrow(message);
    expect(run).toThrow(/conf\.lua:8: /);
  });

  test('globals that the config made can be read and set, and others by rawset', () => {
    const code = 'mine = mine + 1 rawset(_G, "other", 5) show(mine, other, settings.delay)';
    expect(atWork(code, { before: 'mine = 1 settings { delay = 7 }' }).run()).toBe('2 5 7');
  });

  test.each(['terminate(7)', 'os.exit(7)', 'pcall(terminate, 7)'])(
    '%s ends the daemon and goes no further',
    (code) => {
      const { host, run } = atWork(`${code} log("Normal", "still here")`);
      expect(run).toThrow(ConfigExit);
      expect(host.exits).toEqual([7]);
      expect(host.lines).toEqual([]);
    },
  );
});

describe('observefd()', () => {
  test('hands the descriptor to its functions, until nonobservefd()', () => {
    const host = new WatchingHost();
    const code = 'observefd(5, function(fd) show("read", fd) end, nil)';
    atWork(code, { before: 'function stop() nonobservefd(5) end', host }).run();
    const calls = host.observed.get(5);
    calls?.onReadable?.();
    expect(calls?.onWritable).toBeUndefined();
    expect(host.lines).toEqual(['Show: read 5']);
  });

  test('nonobservefd() ends it', () => {
    const host = new WatchingHost();
    atWork('observefd(5, print) nonobservefd(5)', { host }).run();
    expect(host.observed.size).toBe(0);
  });

  test('says which descriptor cannot be watched', () => {
    expect(atWork('observefd(5, print)').run).toThrow('observefd is not supported for descriptor 5');
    expect(errorOf('observefd("x")')).toContain("bad argument #1 to 'observefd' (a descriptor expected)");
  });

  test('while the config loads says it when the daemon starts', () => {
    expect(atWork('', { before: 'observefd(5, print)' }).host.lines).toEqual([
      'Error: observefd is not supported for descriptor 5',
    ]);
  });
});

describe('Queue', () => {
  const fill = 'local q = Queue.new() q:push("a") q:push("b") q:push("c")';
  test.each([
    ['show(q:push("d"), q:size(), q:first(), q:last())', '4 4 a d'],
    ['for at, value in q:qpairs() do show(at, value) end', '1 a\n2 b\n3 c'],
    ['for at, value in q:qpairsReverse() do show(at, value) end', '3 c\n2 b\n1 a'],
    ['q:remove(2) show(q:size()) for at, value in q:qpairs() do show(at, value) end', '2\n1 a\n3 c'],
    ['q:remove(1) q:remove(3) show(q:first(), q:last(), q:size())', 'b b 1'],
    [
      'q:inject("z") q:replace(2, "B") for at, value in q:qpairs() do show(at, value) end',
      '0 z\n1 a\n2 B\n3 c',
    ],
    ['for _, value in q:qpairs() do if value == "a" then q:remove(1) end show(value) end', 'a\nb\nc'],
    ['q:remove(1) q:remove(2) q:remove(3) show(q:size(), q:first(), q:push("x"))', '0 nil 1'],
    ['show(q[2], q[9], Queue.size(q))', 'b nil 3'],
    [
      'show(select(2, pcall(function() return q.nosuch end)):match("Key.*"))',
      'Key "nosuch" invalid for Queue',
    ],
    ['show(pcall(q.push, q, nil))', 'false Queue:push(): value is nil'],
  ])('%s', (code, shown) => {
    expect(atWork(`${fill} ${code}`).run()).toBe(shown);
  });
});

describe("lsyncd's helpers, as globals and below lsyncd", () => {
  test.each([
    [
      `show(table.concat(splitQuotedString([[ls -l  "a b" 'c "d' e"f g"h '']]), "|"))`,
      'ls|-l|a b|c "d|ef gh|',
    ],
    ['show(#lsyncd.splitQuotedString("  "))', '0'],
    [
      `show(substitudeCommands("ssh ^host -p \${port} ^nosuch", { host = "h", port = 22 }))`,
      'ssh h -p 22 ^nosuch',
    ],
    [
      `local t = lsyncd.substitudeCommands({ "-L", "^localport:x", 5 }, { localport = 9 }) show(table.concat(t, " "))`,
      '-L 9:x 5',
    ],
    ['show(lsyncd.now() == now(), lsyncd.readdir == readdir)', 'true true'],
    ['show(kill(0x3ffffff, 0), lsyncd.realdir("/nosuch"), get_file_size("/nosuch"))', '-1 nil nil'],
  ])('%s', (code, shown) => {
    expect(atWork(code).run()).toBe(shown);
  });

  test('readdir, realdir and get_file_size look at the disk', () => {
    const directory = realpathSync(makeDirectory());
    mkdirSync(join(directory, 'd'));
    writeFileSync(join(directory, 'd', 'f'), 'four');
    const code = `
      show(get_file_size("${directory}/d/f"), realdir("${directory}/src/../d"), realdir("${directory}/d/f"))
      show(readdir("${directory}").d, readdir("${directory}/d").f)`;
    expect(atWork(code).run()).toBe(`4 ${directory}/d/ nil\ntrue false`);
  });

  test('get_free_port gives a port that can be listened on', async () => {
    const port = Number(atWork('show(get_free_port())').run());
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, resolve);
    });
    await new Promise((resolve) => server.close(resolve));
    expect(port).toBeGreaterThan(0);
  });
});
