// Layer 3: what a text becomes. The forms of `-log FWrite` are those that Debian's lsyncd 2.2.3 prints.

import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createLua } from '../../src/lua/create-lua.ts';
import { LuaRaise, LuaTable } from '../../src/lua/lua-value.ts';
import type { LiveTable, LuaValue } from '../../src/lua/lua-value.ts';
import type { ScriptDelay } from '../../src/queue/script-queue.ts';
import type { Command } from '../../src/run/command.ts';
import { Inlet } from '../../src/script/inlet.ts';
import type { SyncPort } from '../../src/script/port.ts';
import { translateAction } from '../../src/script/shell-action.ts';

interface Ran {
  readonly commands: readonly Command[];
  readonly lines: readonly string[];
}

interface EventWords {
  readonly kind?: ScriptDelay['kind'];
  readonly path?: string;
  readonly movedTo?: string;
}

function liveTable(values: LuaTable): LiveTable {
  const lua = createLua({ print: () => undefined, exit: (state) => state.abort(new Error('exit')) });
  const [table] = lua.state.runText('return ...', [values]);
  if (!(table instanceof LuaTable) || table.live === undefined) throw new Error('no table');
  return table.live;
}

/** What the text does for one event of a sync from /src/ to /trg. */
function run(text: string, { kind = 'Create', path = '/d/f', movedTo }: EventWords = {}): Ran {
  const commands: Command[] = [];
  const lines: string[] = [];
  const log = Object.assign((category: string, line: string) => void lines.push(`${category}: ${line}`), {
    isOn: () => true,
  });
  const config = liveTable(new LuaTable([['target', '/trg']]));
  const rules = {
    excludes: [],
    filters: [],
    addExclude: () => undefined,
    rmExclude: () => undefined,
    appendFilter: () => undefined,
  };
  const inlet = new Inlet({ rules, config: () => config });
  inlet.attach({
    name: 'Sync1',
    source: '/src/',
    config,
    log,
    readyDelays: () => [],
    waitingDelays: () => [],
    chooseDelays: () => [],
    endDaemon: () => undefined,
    discard: () => undefined,
    start: (_agent, command) => void commands.push(command),
    startBuiltIn: () => undefined,
    addBlanket: () => {
      throw new Error('no blanket');
    },
    rules,
    isInsisting: true,
  } satisfies SyncPort);
  const move = movedTo === undefined ? {} : { movedTo };
  const events: readonly LuaValue[] = inlet.eventsOf({
    kind,
    path,
    ...move,
    status: 'wait',
    dueMs: 0,
    whole: false,
  });
  translateAction(text).action.call({ args: events, position: undefined });
  return { commands, lines };
}

describe('-log FWrite shows a text', () => {
  test.each([
    [
      'for the shell',
      'echo startup ^source ^target ^pathname, ^path ^sourcePath ^targetPathname',
      `translated "echo startup ^source ^target ^pathname, ^path ^sourcePath ^targetPathname" to 
function( event )
    log('Normal', 'Event ',event.etype,
        [[ spawns shell "echo startup ]]..event.source..[[ ]]..event.target..[[ ]]..event.pathname..[[, ]]..event.path..[[ ]]..event.sourcePath..[[ ]]..event.targetPathname..[["]])
    spawnShell(event, [[echo startup "$4" "$6" "$1", "$2" "$3" "$5"]],
         event.pathname,
         event.path,
         event.sourcePath,
         event.source,
         event.targetPathname,
         event.target)
end`,
    ],
    [
      'with both ends of a move',
      'echo move ^o.pathname ^d.pathname ^pathname ^o.targetPathname',
      `translated "echo move ^o.pathname ^d.pathname ^pathname ^o.targetPathname" to 
function( event, event2 )
    log('Normal', 'Event ',event.etype,
        [[ spawns shell "echo move ]]..event.pathname..[[ ]]..event2.pathname..[[ ]]..event.pathname..[[ ]]..event.targetPathname..[["]])
    spawnShell(event, [[echo move "$2" "$4" "$1" "$3"]],
         event.pathname,
         event.pathname,
         event.targetPathname,
         event2.pathname)
end`,
    ],
    [
      'without variables',
      ' true ',
      `translated "true" to 
function( event )
    log('Normal', 'Event ',event.etype,
        [[ spawns shell "true"]])
    spawnShell(event, [[true]])
end`,
    ],
    [
      'that is forced to the shell',
      '  ^/bin/echo deleted ^pathname ',
      `translated "^/bin/echo deleted ^pathname" to 
function( event )
    log('Normal', 'Event ',event.etype,
        [[ spawns shell "/bin/echo deleted ]]..event.pathname..[["]])
    spawnShell(event, [[/bin/echo deleted "$1"]],
         event.pathname)
end`,
    ],
    [
      'of a binary',
      `/bin/echo modify ^pathname [^target]x  two   ^targetPathname^path^ ^x "q"`,
      `translated "/bin/echo modify ^pathname [^target]x  two   ^targetPathname^path^ ^x "q"" to 
function( event )
    log('Normal', 'Event ', event.etype, 
        ' spawns action "/bin/echo modify ^pathname [^target]x  two   ^targetPathname^path^ ^x "q""')
    spawn( event,
         "/bin/echo",
         "modify",
         event.pathname,
         "[" .. event.target .. "]x",
         "two",
         event.targetPathname .. event.path .. "^",
         "^x",
         "\\"q\\"")
end`,
    ],
  ])('%s', (_name, text, description) => {
    expect(translateAction(text).description).toBe(description);
  });

  test('of a binary with an apostrophe, which ends lsyncd', () => {
    expect(output(run("/bin/echo it's ^pathname").commands[0])).toBe("it's d/f\n");
  });

  test('with ten arguments and more in braces, since $12 is ${1}2', () => {
    const variables = 'pathname pathdir path sourcePathname sourcePathdir sourcePath source targetPathname';
    const all = [...variables.split(' '), 'targetPathdir', 'targetPath', 'target'].map((name) => `^${name}`);
    const { commands } = run(`printf '%s|' ${all.join(' ')}`);
    expect(output(commands[0])).toBe(
      'd/f|d/|d/f|/src//d/f|/src//d/|/src//d/f|/src/|/trg/d/f|/trg/d/|/trg/d/f|/trg|',
    );
  });
});

function output(command: Command | undefined): string {
  if (command === undefined) throw new Error('no command');
  return execFileSync(command.binary, [...command.args], { encoding: 'latin1' });
}

const hostile = `/a $(touch pwned) ; ' " \n \xff * \`x\` \\f`;

describe('a file name', () => {
  test.each([
    ['bare', `printf '<%s>' ^pathname`],
    ['in double quotes', `printf '<%s>' "^pathname"`],
    ['beside other text', `printf '<%s>' a^pathname.b`],
    ['in double quotes with other text', `printf '<%s>' "a ^{}^pathname.b"`],
    ['in a command substitution', `printf '<%s>' "$(printf '%s.' ^pathname)"`],
    ['in one within double quotes', `printf '<%s>' "$(printf '%s.' "^pathname")"`],
    ['behind an apostrophe in a comment', `# don't\nprintf '<%s>' "^pathname"`],
    ['behind a backslash', `printf '<%s>' \\^pathname`],
  ])('%s is one argument, byte for byte', (_name, text) => {
    const [command] = run(text, { path: hostile }).commands;
    expect(output(command)).toMatch(/^<[^<>]*>$/s);
    expect(output(command)).toContain(hostile.slice(1));
  });

  test('is one argument of a binary, byte for byte', () => {
    const [command] = run('/usr/bin/printf <%s> [^pathname]x', { path: hostile }).commands;
    expect(output(command)).toBe(`<[${hostile.slice(1)}]x>`);
  });

  test('within single quotes is left to the shell, which leaves it, with a warning', () => {
    const text = `echo '^pathname'`;
    expect(output(run(text, { path: hostile }).commands[0])).toBe('"$1"\n');
    expect(translateAction(text).warnings).toEqual([
      '^pathname stands within single quotes, where the shell leaves it as it is',
    ]);
  });
});

describe('an action', () => {
  test('of a shell logs its text with the names in it', () => {
    expect(run('echo ^pathname ^unknown').lines).toEqual([
      'Normal: Event Create spawns shell "echo d/f ^unknown"',
    ]);
  });

  test('of a binary logs its text as written', () => {
    expect(run('/bin/echo ^pathname').lines).toEqual([
      'Normal: Event Create spawns action "/bin/echo ^pathname"',
    ]);
  });

  test.each(['pathdir', 'source', 'target', 'sourcePathdir', 'targetPathdir'])(
    'knows ^o.%s and ^d. of it',
    (field) => {
      const text = `printf '%s ' ^o.${field} ^d.${field}`;
      const { commands } = run(text, { kind: 'Move', path: '/a/f', movedTo: '/b/c/f' });
      const expected: Readonly<Record<string, string>> = {
        pathdir: 'a/ b/c/ ',
        source: '/src/ /src/ ',
        target: '/trg /trg ',
        sourcePathdir: '/src//a/ /src//b/c/ ',
        targetPathdir: '/trg/a/ /trg/b/c/ ',
      };
      expect(output(commands[0])).toBe(expected[field]);
    },
  );

  test('with ^d. for an event that is no move is an error of the config', () => {
    expect(() => run('echo ^d.path')).toThrow(LuaRaise);
    expect(() => run('echo ^d.path')).toThrow('^d.path is of the destination of a move, and Create has none');
  });
});
