// A sync of the user's Lua with real children: when what is called, and what becomes of events, errors and exit codes.

import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { ScriptSpec } from '../../src/config/sync-spec.ts';
import { createLua } from '../../src/lua/create-lua.ts';
import { LuaTable } from '../../src/lua/lua-value.ts';
import type { ScriptDelay } from '../../src/queue/script-queue.ts';
import { ProcessSlots } from '../../src/run/process-slots.ts';
import { defaultFunctions } from '../../src/script/default-functions.ts';
import { Inlet } from '../../src/script/inlet.ts';
import { spawnFunctions } from '../../src/script/spawn.ts';
import { ScriptSync } from '../../src/sync/script-sync.ts';
import type { FsEvent } from '../../src/watch/monitor.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { makeSpec } from './make-spec.ts';
import { recordingLog } from './recording-log.ts';

const SOON = { deadlineMs: 10_000 };

const create = (path: string): FsEvent => ({ kind: 'create', path });

describe('ScriptSync', () => {
  let folder: string;
  let source: string;
  let lines: string[];
  let output: string;
  let sync: ScriptSync;
  let started: number;
  let fatal: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsyncd-script-'));
    source = `${folder}/src/`;
    mkdirSync(source);
    writeFileSync(`${source}kept`, '');
    [output, started, fatal] = ['', 0, 0];
  });
  afterEach(async () => {
    await sync.fade();
    rmSync(folder, { recursive: true, force: true });
  });

  /** `table` is Lua: the merged config. */
  function make(
    table: string,
    more: Partial<ScriptSpec> & { inherited?: readonly ScriptDelay[] } = {},
  ): ScriptSync {
    const recording = recordingLog();
    lines = recording.lines;
    const { state } = createLua({ print: () => undefined, exit: (one) => one.abort(new Error('exit')) });
    for (const one of spawnFunctions) state.set(one.name, one);
    const [config] = state.runText(`local action, collect, init = ...; return ${table}`, [
      defaultFunctions.get('default.action'),
      defaultFunctions.get('default.collect'),
      defaultFunctions.get('default.init'),
    ]);
    const live = config instanceof LuaTable ? config.live : undefined;
    if (live === undefined) throw new Error('the test has no table');
    const base = makeSpec({ source, delayMs: 0 });
    const rules = { excludes: [], filters: [], addExclude: fails, rmExclude: fails, appendFilter: fails };
    const { inherited = [], ...changes } = more;
    const spec: ScriptSpec = {
      ...base,
      kind: 'script',
      base: undefined,
      config: live,
      takesMoves: true,
      inlet: new Inlet({ rules, config: () => live }),
      ...changes,
    };
    sync = new ScriptSync(spec, {
      log: recording.log,
      clock: systemClock,
      slots: new ProcessSlots(undefined),
      createBehaviour: fails,
      insist: false,
      onChildOutput: (_stream, chunk) => (output += chunk.toString('latin1')),
      onChange: () => undefined,
      onStarted: () => started++,
      childEnvironment: {},
      drained: async () => undefined,
      rewatch: async () => undefined,
      onFatal: () => fatal++,
      inherited,
    });
    return sync;
  }

  function start(table: string, more?: Parameters<typeof make>[1]): void {
    make(table, more).start();
  }

  function tell(...events: readonly FsEvent[]): void {
    for (const event of events) sync.onEvent(event);
    sync.onBurstEnd();
  }

  const idle = (): Promise<void> => waitUntil(() => sync.queue.size === 0, SOON);

  it('calls the function of each event, and waits for its child before the next of that path', async () => {
    start(
      `{ action = action, collect = collect,
         onCreate = function(e) spawn(e, "/bin/sh", "-c", "sleep 0.1; echo created " .. e.path) end,
         onModify = function(e) spawnShell(e, "echo modified $1", e.pathname) end }`,
      { maxProcesses: 5 },
    );
    tell(create('/f'), { kind: 'modify', path: '/f' });
    await idle();
    expect(output).toBe('created f\nmodified f\n');
    expect(lines).toEqual([
      expect.stringContaining('Exec: /bin/sh [-c]'),
      `Normal: Finished Create on ${source}/f = 0`,
      expect.stringContaining('Exec: /bin/sh [-c]'),
      `Normal: Finished Modify on ${source}/f = 0`,
    ]);
  });

  it('does the startup before all else', async () => {
    start(`{ action = action, collect = collect, init = init,
      onStartup = function(e) spawnShell(e, "sleep 0.1; echo startup") end,
      onCreate = function(e) spawnShell(e, "echo created") end }`);
    expect(started).toBe(0);
    tell(create('/f'));
    await idle();
    expect([output, started]).toEqual(['startup\ncreated\n', 1]);
  });

  it('gives what waits as a list, and its paths in one word or in many', async () => {
    start(`{ action = function(inlet)
        local list = inlet.getEvents(function(e) return e.path ~= "not" end)
        local words = list.getPaths(function(kind, path) return path .. "!" end)
        spawn(list, "/bin/echo", #list, nil, words, { "x", { "y" } })
        for _, path in ipairs({ "not" }) do inlet.discardEvent(inlet.getEvent(function(e) return e.path == path end)) end
      end }`);
    tell(create('/a'), create('/b'), create('/not'));
    await idle();
    expect(output).toBe('2 /a! /b! x y\n');
  });

  it('tries again what collect wants tried again, and starts what collect starts before it is done', async () => {
    start(`{ action = action, tries = 0,
      onCreate = function(e) spawnShell(e, "exit 7") end,
      collect = function(agent, code)
        local config = agent.config
        config.tries = config.tries + 1
        if config.tries == 1 then return "again" end
        if config.tries == 2 then spawnShell(agent, "echo after $1", agent.status) end
      end }`);
    tell(create('/f'));
    await idle();
    expect(output).toBe('after active\n');
  });

  it.each([
    ['that is not in the table', 'collect = collect', 3, `Error: Failure with Create on SRC/f = 3`],
    ['that collect says so of', 'collect = function() return "die" end', 3, 'Error: Critical exitcode.'],
  ])('ends the daemon after an exit code %s', async (_what, collect, code, line) => {
    start(`{ action = action, ${collect}, onCreate = function(e) spawnShell(e, "exit ${code}") end }`);
    tell(create('/f'));
    await waitUntil(() => fatal > 0, SOON);
    expect(lines).toContain(line.replace('SRC', source));
    expect(lines).toContain('Error: Critical exitcode.');
  });

  it('stops after an error in its Lua, says where it was, and keeps the events for the next life', async () => {
    start(`{ action = action, onCreate = function(e) local x = nil; x.y = 1 end }`);
    tell(create('/f'), create('/g'));
    await waitUntil(() => sync.problems.length > 0, SOON);
    expect(lines[0]).toMatch(/^Error: in Lua: .*attempt to index a nil value \(local 'x'\)/);
    expect(lines).toContain('Error: stack traceback:');
    expect(sync.problems[0]).toMatch(/^stopped: error in its Lua/);
    const inherited = sync.unfinished;
    expect(inherited.map(({ path }) => path)).toEqual(['/f', '/g']);
    await sync.fade();
    start(`{ action = action, onCreate = function(e) spawnShell(e, "echo $1", e.path) end }`, { inherited });
    await idle();
    expect(output).toBe('f\ng\n');
  });

  it('asks again later when an event is neither worked off nor discarded', async () => {
    start(`{ action = function(inlet)
        asked = (asked or 0) + 1
        if asked == 2 then inlet.discardEvent() end
      end }`);
    tell(create('/f'));
    await idle();
    expect(sync.queue.size).toBe(0);
  });

  it('calls nothing while its source is gone', async () => {
    start(`{ action = action, onDelete = function(e) spawnShell(e, "echo deleted") end }`);
    renameSync(source, `${folder}/away`);
    tell({ kind: 'delete', path: '/kept', movedOut: false });
    await waitUntil(() => sync.problems.length > 0, SOON);
    expect([output, sync.problems]).toEqual(['', ['halted: its source was removed or moved away']]);
  });

  it('hands a name to a child byte for byte', async () => {
    const name = `$(touch pwned) ; ' " \\ \n \xe9 \xff %s `;
    start(
      `{ action = action, onCreate = function(e) spawn(e, "/usr/bin/printf", "[%s]", e.pathname, "\\n") end }`,
    );
    tell(create(`/${name}`));
    await idle();
    expect(output).toBe(`[${name}][\n]`);
  });

  it('refuses to start a child for what is no event', async () => {
    start(`{ action = function(inlet) spawn("x", "/bin/echo") end }`);
    tell(create('/f'));
    await waitUntil(() => sync.problems.length > 0, SOON);
    expect(lines[0]).toContain('spawning with an unknown agent');
  });

  it('names what keeps the daemon from its work', async () => {
    start(`{ action = function(inlet) os.execute("sleep 1.1"); inlet.discardEvent() end }`);
    tell(create('/f'));
    await idle();
    expect(lines[0]).toMatch(/^Warn: Sync1: "action" took 1\.\d s, and nothing else was done meanwhile$/);
  });
});

function fails(): never {
  throw new Error('the test does not expect this');
}
