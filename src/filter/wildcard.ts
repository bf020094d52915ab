// rsync's wildcards against bytes: `*` `**` `?` `[…]` and `\`. Compiled once, matched without backtracking over more than
// the last `*` and the last `**`, so that no file name can make a match expensive. Used by compile-rule.ts only.

import { readByteClass, type ByteClass } from './byte-class.ts';

const SLASH = 47;
const BACKSLASH = 92;

/** One step of a pattern. `star` stops at a slash, `star-star` does not; a class and `any` are never a slash. */
type Token = number | 'any' | 'star' | 'star-star' | ByteClass;

/** True if the whole of `text` from `start` on matches. */
export type WildcardMatcher = (text: string, start: number) => boolean;

/**
 * @param pattern bytes; every `\` in it escapes the next one (rsync reads it so as soon as a pattern has a wildcard)
 * @returns a matcher; for a malformed pattern (`[` without `]`, `[[:nosuch:]]`, `\` at the end) one that never matches, as rsync's
 */
export function compileWildcard(pattern: string): WildcardMatcher {
  const tokens = readTokens(pattern);
  return tokens === undefined ? () => false : (text, start) => matchTokens(tokens, text, start);
}

function readTokens(pattern: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  while (at < pattern.length) {
    const char = pattern[at];
    if (char === '[') {
      const read = readByteClass(pattern, at);
      if (read === undefined) return undefined;
      tokens.push(read.accepts);
      at = read.end;
    } else if (char === '*') {
      const first = at;
      while (pattern[at] === '*') at++;
      tokens.push(at - first > 1 ? 'star-star' : 'star');
    } else {
      if (pattern.charCodeAt(at) === BACKSLASH && ++at === pattern.length) return undefined;
      tokens.push(char === '?' ? 'any' : pattern.charCodeAt(at));
      at++;
    }
  }
  return tokens;
}

/**
 * Greedy with two points to go back to. It is enough to remember the last star of each kind: whatever stands before it has been
 * matched as early as possible, and the star can take up the rest.
 */
function matchTokens(tokens: readonly Token[], text: string, start: number): boolean {
  let at = start;
  let step = 0;
  let starStep = -1;
  let starAt = 0;
  let deepStep = -1;
  let deepAt = 0;
  for (;;) {
    const token = tokens[step];
    if (token === 'star') {
      starStep = ++step;
      starAt = at;
    } else if (token === 'star-star') {
      deepStep = ++step;
      deepAt = at;
      starStep = -1;
    } else if (token !== undefined && at < text.length && accepts(token, text.charCodeAt(at))) {
      step++;
      at++;
    } else if (token === undefined && at === text.length) {
      return true;
    } else if (starStep >= 0 && starAt < text.length && text.charCodeAt(starAt) !== SLASH) {
      at = ++starAt;
      step = starStep;
    } else if (deepStep >= 0 && deepAt < text.length) {
      at = ++deepAt;
      step = deepStep;
      starStep = -1;
    } else {
      return false;
    }
  }
}

function accepts(token: number | 'any' | ByteClass, byte: number): boolean {
  if (typeof token === 'number') return token === byte;
  return byte !== SLASH && (token === 'any' || token[byte] === 1);
}
