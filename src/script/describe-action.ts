// What `-log FWrite` shows of layer 3: the function that a text became, in lsyncd's form.

import { toText, type BytePath } from '../byte-path.ts';
import { isVariable, type Piece } from './action-text.ts';
import type { ShellCall } from './shell-action.ts';

export function describeShell(pieces: readonly Piece[], { script, variables }: ShellCall): string {
  const shown = pieces
    .map((piece) => (isVariable(piece) ? `]]..${nameOf(piece)}..[[` : toText(piece)))
    .join('');
  const call = [`spawnShell(event, [[${toText(script)}]]`, ...variables.map((one) => `     ${nameOf(one)}`)];
  return inFunction(variables, [
    "log('Normal', 'Event ',event.etype,",
    `    [[ spawns shell "${shown}"]])`,
    `${call.join(',\n    ')})`,
  ]);
}

export function describeBinary(words: readonly (readonly Piece[])[], written: BytePath): string {
  const shown = words.map((word) => word.map((piece) => shownPiece(piece)).join(' .. '));
  return inFunction(words.flat(), [
    "log('Normal', 'Event ', event.etype, ",
    `    ' spawns action "${toText(written)}"')`,
    `spawn( event,\n         ${shown.join(',\n         ')})`,
  ]);
}

function inFunction(pieces: readonly Piece[], lines: readonly string[]): string {
  const hasSecond = pieces.some((piece) => isVariable(piece) && piece.isSecond);
  const body = lines.map((line) => `    ${line}`).join('\n');
  return `function( event${hasSecond ? ', event2' : ''} )\n${body}\nend`;
}

function shownPiece(piece: Piece): string {
  return isVariable(piece) ? nameOf(piece) : JSON.stringify(toText(piece));
}

function nameOf(piece: Exclude<Piece, string>): string {
  return `${piece.isSecond ? 'event2' : 'event'}.${piece.field}`;
}
