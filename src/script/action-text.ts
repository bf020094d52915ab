// The texts of layer 3: `cp ^sourcePathname ^targetPathname`. Which variables stand in them, and where.

import type { BytePath } from '../byte-path.ts';

/** A variable: a field of the event, or of the second event, which a move has for its destination. */
export interface Variable {
  readonly field: string;
  readonly isSecond: boolean;
  /** As written: `^d.path`. */
  readonly text: string;
}

export type Piece = BytePath | Variable;

export interface ActionText {
  /** A child of its own, whose words stand in the text; else a shell. */
  readonly isBinary: boolean;
  /** Without white space around it. */
  readonly written: BytePath;
  /** What is to be run: without the `^` that forces the shell. */
  readonly pieces: readonly Piece[];
}

/** In lsyncd's order, by which it numbers the arguments of a shell; each before those that it begins with. */
export const fields: readonly string[] = [
  'pathname',
  'pathdir',
  'path',
  'sourcePathname',
  'sourcePathdir',
  'sourcePath',
  'source',
  'targetPathname',
  'targetPathdir',
  'targetPath',
  'target',
];

const variablePattern = new RegExp(`\\^(?:([od])\\.)?(${fields.join('|')})`, 'g');

/** A text that begins with `/` is a binary with its words, one with `^` a shell's in any case. */
export function parseActionText(text: BytePath): ActionText {
  const written = text.replaceAll(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
  const isBinary = written.startsWith('/');
  return { isBinary, written, pieces: toPieces(written.replace(/^\^/, '')) };
}

export function isVariable(piece: Piece): piece is Variable {
  return typeof piece !== 'string';
}

/** The words of a binary's text, each in pieces. Neither a variable nor a space in double quotes ends one; the quotes stay, as in lsyncd. */
export function wordsOf(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const words: Piece[][] = [];
  let isOpen = false;
  let isQuoted = false;
  const add = (piece: Piece): void => {
    if (!isOpen) words.push([]);
    isOpen = true;
    const word = words.at(-1) ?? [];
    const last = word.at(-1);
    if (typeof last === 'string' && typeof piece === 'string') word[word.length - 1] = last + piece;
    else word.push(piece);
  };
  for (const piece of pieces) {
    if (isVariable(piece)) add(piece);
    else {
      for (const part of piece.split(/([ \t\n\v\f\r]+)/)) {
        if (/^[ \t\n\v\f\r]/.test(part) && !isQuoted) isOpen = false;
        else if (part !== '') add(part);
        if (part.split('"').length % 2 === 0) isQuoted = !isQuoted;
      }
    }
  }
  return words;
}

function toPieces(text: BytePath): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(variablePattern)) {
    if (match.index > end) pieces.push(text.slice(end, match.index));
    pieces.push({ field: match[2] ?? '', isSecond: match[1] === 'd', text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}
