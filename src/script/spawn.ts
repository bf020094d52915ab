// spawn(agent, binary, …) and spawnShell(agent, text, …): from Lua's arguments to a Command.

import { isUtf8 } from 'node:buffer';
import { toBuffer, toText, type BytePath } from '../byte-path.ts';
import { HostFunction, LuaRaise, LuaTable } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';
import type { Command } from '../run/command.ts';
import { Agent } from './agent.ts';

/** The globals by which a script starts children. */
export const spawnFunctions: readonly HostFunction[] = [
  new HostFunction('spawn', ({ args: [agent, binary, ...rest] }) => {
    const { stdin, words } = takeStdin(rest);
    if (typeof binary !== 'string')
      throw new LuaRaise('calling spawn(agent, binary, ...): binary is not a string');
    start(agent, toCommand([binary, ...flatten(words)], stdin));
    return [];
  }),
  new HostFunction('spawnShell', ({ args: [agent, text, ...rest] }) => {
    const words = ['/bin/sh', '-c', textOf(text, 'spawnShell', 2), '/bin/sh', ...flatten(rest)];
    start(agent, toCommand(words, undefined));
    return [];
  }),
];

function start(agent: LuaValue, command: Command): void {
  if (!(agent instanceof Agent)) {
    throw new LuaRaise('spawning with an unknown agent');
  }
  agent.port.start(agent, command);
}

interface Words {
  readonly stdin: BytePath | undefined;
  readonly words: readonly LuaValue[];
}

/** `"<", text` before the other words is what the child reads. */
function takeStdin(args: readonly LuaValue[]): Words {
  if (args[0] !== '<') return { stdin: undefined, words: args };
  return { stdin: textOf(args[1], 'spawn', 4), words: args.slice(2) };
}

/** Lists stand for their elements, however deep; nil for nothing. */
function flatten(values: readonly LuaValue[]): readonly BytePath[] {
  return values.flatMap((value, index): readonly BytePath[] => {
    if (value === undefined) return [];
    if (value instanceof LuaTable) return flatten(value.positional());
    return [textOf(value, 'spawn', index + 3)];
  });
}

function textOf(value: LuaValue, caller: string, index: number): BytePath {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new LuaRaise(`bad argument #${index} to '${caller}' (a text expected)`);
}

/** Takes each word's escapes away, and becomes the child. The dot keeps a newline at the end, which `$()` would drop. */
const UNESCAPE =
  'LC_ALL=C; n=$#; while [ "$n" -gt 0 ]; do w=$(printf "$1."); shift; set -- "$@" "${w%.}"; n=$((n - 1)); done; unset w n; exec "$@"';

/**
 * Node hands words to a child as UTF-8 only. With a word that is none, they go to a shell as printf's escapes, so that each byte
 * arrives as it is.
 */
function toCommand(words: readonly BytePath[], stdin: BytePath | undefined): Command {
  const input = stdin === undefined ? {} : { stdin: toBuffer(stdin) };
  const [binary = '', ...args] = words;
  if (words.some((word) => word.includes('\0'))) {
    throw new LuaRaise('an argument of a child cannot hold a zero byte');
  }
  if (words.every((word) => isUtf8(toBuffer(word)))) {
    return { binary: toText(binary), args: args.map(toText), ...input };
  }
  return { binary: '/bin/sh', args: ['-c', UNESCAPE, '/bin/sh', ...words.map(toEscapes)], ...input };
}

function toEscapes(word: BytePath): string {
  return word.replaceAll(/[^\w/.+,:=@ ]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
