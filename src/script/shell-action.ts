// Layer 3: a text as an action. It becomes a function of an event that logs what it does and starts the child. A shell gets the
// names as $1, $2, …, quoted, never as part of its text.

import { toText, type BytePath } from '../byte-path.ts';
import { HostFunction, LuaRaise } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';
import { fields, isVariable, parseActionText, wordsOf, type Piece, type Variable } from './action-text.ts';
import { ScriptEvent } from './agent.ts';
import { describeBinary, describeShell } from './describe-action.ts';
import { ShellQuotes } from './shell-quotes.ts';
import { spawnFunctions } from './spawn.ts';

export interface TranslatedAction {
  readonly action: HostFunction;
  /** Text for `-log FWrite`: what the action was and what it became, in lsyncd's form. */
  readonly description: string;
  /** Text; where a variable is not what it looks like. */
  readonly warnings: readonly string[];
}

/** The text of `onCreate` and the like as a function of an event, and of the destination's event for a move. */
export function translateAction(text: BytePath): TranslatedAction {
  const { isBinary, written, pieces } = parseActionText(text);
  const intro = `translated "${toText(written)}" to \n`;
  if (isBinary) {
    const words = wordsOf(pieces);
    const action = new HostFunction('action', ({ args }) => runBinary(args, { words, written }));
    return { action, description: intro + describeBinary(words, written), warnings: [] };
  }
  const shell = toShell(pieces);
  const action = new HostFunction('action', ({ args }) => runShell(args, { pieces, shell }));
  return { action, description: intro + describeShell(pieces, shell), warnings: shell.warnings };
}

/** What a shell is started with. */
export interface ShellCall {
  readonly script: BytePath;
  /** `$1`, `$2`, …; each variable once. */
  readonly variables: readonly Variable[];
}

function toShell(pieces: readonly Piece[]): ShellCall & { readonly warnings: readonly string[] } {
  const variables = inOrder(pieces);
  const quotes = new ShellQuotes();
  const warnings: string[] = [];
  let script = '';
  for (const piece of pieces) {
    if (!isVariable(piece)) {
      quotes.take(piece);
      script += piece;
      continue;
    }
    if (quotes.isEscaped) script = script.slice(0, -1);
    if (quotes.quoting === 'single') {
      warnings.push(`${piece.text} stands within single quotes, where the shell leaves it as it is`);
    }
    const number = variables.findIndex(({ text }) => text === piece.text) + 1;
    script += quotes.quoting === 'double' ? `\${${number}}` : `"${parameter(number)}"`;
    quotes.takeWord();
  }
  return { script, variables, warnings };
}

/** A shell takes `$12` for `${1}2`. */
function parameter(number: number): string {
  return number < 10 ? `$${number}` : `\${${number}}`;
}

/** Each variable once: those without a prefix, then `^o.`, then `^d.`. */
function inOrder(pieces: readonly Piece[]): readonly Variable[] {
  const found = new Map(pieces.filter(isVariable).map((variable) => [variable.text, variable]));
  const names = ['^', '^o.', '^d.'].flatMap((prefix) => fields.map((field) => prefix + field));
  return names.flatMap((name) => found.get(name) ?? []);
}

function runShell(
  args: readonly LuaValue[],
  { pieces, shell }: { readonly pieces: readonly Piece[]; readonly shell: ShellCall },
): readonly LuaValue[] {
  const events = eventsOf(args);
  const shown = pieces.map((piece) => (isVariable(piece) ? valueOf(piece, events) : piece)).join('');
  logSpawn(events.event, `shell "${toText(shown)}"`);
  const values = shell.variables.map((variable) => valueOf(variable, events));
  return spawn('spawnShell', [events.event, shell.script, ...values]);
}

function runBinary(
  args: readonly LuaValue[],
  { words, written }: { readonly words: readonly (readonly Piece[])[]; readonly written: BytePath },
): readonly LuaValue[] {
  const events = eventsOf(args);
  logSpawn(events.event, `action "${toText(written)}"`);
  const values = words.map((word) =>
    word.map((piece) => (isVariable(piece) ? valueOf(piece, events) : piece)).join(''),
  );
  return spawn('spawn', [events.event, ...values]);
}

interface Events {
  readonly event: ScriptEvent;
  /** Of the destination of a move. */
  readonly event2: ScriptEvent | undefined;
}

function eventsOf([event, event2]: readonly LuaValue[]): Events {
  if (!(event instanceof ScriptEvent)) throw new LuaRaise('an event expected');
  return { event, event2: event2 instanceof ScriptEvent ? event2 : undefined };
}

function valueOf({ field, isSecond, text }: Variable, { event, event2 }: Events): BytePath {
  const from = isSecond ? event2 : event;
  if (from === undefined) {
    throw new LuaRaise(`${text} is of the destination of a move, and ${event.delay.kind} has none`);
  }
  const value = from.hostClass.index(from, field);
  return typeof value === 'string' ? value : '';
}

function logSpawn({ port, delay }: ScriptEvent, what: string): void {
  port.log('Normal', `Event ${delay.kind} spawns ${what}`);
}

function spawn(name: string, args: readonly LuaValue[]): readonly LuaValue[] {
  const found = spawnFunctions.find((one) => one.name === name);
  if (found === undefined) throw new TypeError(`no ${name}`);
  return found.call({ args, position: undefined });
}
