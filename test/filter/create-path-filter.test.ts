// The rules of rsync(1) one by one, and what the filter adds: addExclude, rmExclude, dependsOnPlace.

import { expect, test } from 'vitest';
import type { BytePath } from '../../src/byte-path.ts';
import { createPathFilter } from '../../src/filter/create-path-filter.ts';
import { parseExcludeLine, parseFilterLine, readRules } from '../../src/filter/read-rules.ts';

interface Row {
  readonly says: string;
  /** `- x`, `+ x`. */
  readonly rules: readonly string[];
  readonly passes: readonly BytePath[];
  readonly hidden: readonly BytePath[];
}

const TABLE: readonly Row[] = [
  { says: 'no rule lets everything through', rules: [], passes: ['/', '/a', '/d/'], hidden: [] },
  { says: 'the root passes whatever the rules', rules: ['- **', '- /', '- .'], passes: ['/'], hidden: ['/a'] },
  { says: 'a plain name is compared with the last element', rules: ['- a'], passes: ['/ab', '/b'], hidden: ['/a', '/d/a', '/a/'] },
  { says: 'what lies in an excluded directory is hidden', rules: ['- d'], passes: ['/e/f'], hidden: ['/d/', '/d/f', '/d/e/f'] },
  { says: 'a later include does not bring back what a parent hides', rules: ['- d', '+ f'], passes: ['/f'], hidden: ['/d/f'] },
  { says: 'the first rule that matches decides', rules: ['+ a.o', '- *.o'], passes: ['/a.o', '/d/a.o'], hidden: ['/b.o'] },
  { says: 'a leading slash anchors at the source', rules: ['- /a'], passes: ['/d/a'], hidden: ['/a', '/a/b'] },
  { says: 'an inner slash compares the end of the path', rules: ['- d/a'], passes: ['/a', '/xd/a'], hidden: ['/d/a', '/e/d/a'] },
  { says: 'a trailing slash means directories only', rules: ['- a/'], passes: ['/a'], hidden: ['/a/', '/a/f'] },
  { says: '* stops at a slash', rules: ['- /d/*/a'], passes: ['/d/a', '/d/e/f/a'], hidden: ['/d/e/a'] },
  { says: '** does not stop at a slash', rules: ['- /d/**/a'], passes: ['/d/a'], hidden: ['/d/e/a', '/d/e/f/a'] },
  { says: '**/a finds a at the top too', rules: ['- **/a'], passes: ['/b'], hidden: ['/a', '/d/a'] },
  { says: 'd/*** is the directory and all below it', rules: ['+ /d/***', '- *'], passes: ['/d/', '/d/e/f'], hidden: ['/d', '/a'] },
  { says: 'd/** is what is below, not the directory', rules: ['- /d/**'], passes: ['/d/'], hidden: ['/d/f'] },
  { says: '? is one byte and never a slash', rules: ['- a?b'], passes: ['/ab', '/a/b', '/a\xc3\xa4b'], hidden: ['/axb', '/a\xe4b'] },
  { says: 'a class with ranges and names', rules: ['- [a-c[:digit:]]x'], passes: ['/dx', '/x'], hidden: ['/bx', '/7x'] },
  { says: '[!…] and [^…] negate, but are never a slash', rules: ['- d[!a]f', '- e[^a]f'], passes: ['/daf', '/d/f', '/e/f'], hidden: ['/dbf', '/ebf'] },
  { says: 'a ] right behind [ is a member', rules: ['- []]'], passes: ['/['], hidden: ['/]'] },
  { says: 'a [ that never closes matches nothing', rules: ['- [a*'], passes: ['/[a', '/a'], hidden: [] },
  { says: 'a class that is not one matches nothing', rules: ['- [[:nosuch:]]', '- [[:constructor:]]'], passes: ['/n', '/c'], hidden: [] },
  { says: '\\ is a byte where there is no wildcard', rules: ['- a\\b'], passes: ['/ab'], hidden: ['/a\\b'] },
  { says: '\\ escapes where there is one', rules: ['- \\**'], passes: ['/a*', '/\\a'], hidden: ['/*', '/*a'] },
  { says: 'spaces at the end of a pattern count', rules: ['- a '], passes: ['/a'], hidden: ['/a '] },
  { says: 'names are bytes, not text', rules: ['- \xff*', '- [\x80-\x8f]'], passes: ['/a\xff'], hidden: ['/\xffa', '/\x85'] },
  { says: 'a pattern with a slash in a class needs as many elements as it has slashes', rules: ['- [a/]'], passes: ['/a', '/d/a'], hidden: [] },
  {
    says: 'only a subtree, the way rsync(1) does it',
    rules: ['+ /www/', '+ /www/static/', '+ /www/static/**', '- **'],
    passes: ['/www/', '/www/static/', '/www/static/a/b.css'],
    hidden: ['/www/a', '/etc/', '/etc/passwd'],
  },
  {
    says: 'one kind of file and the directories on the way',
    rules: ['+ */', '+ *.c', '- *'],
    passes: ['/a.c', '/d/', '/d/e/b.c'],
    hidden: ['/a.h', '/d/x'],
  },
]; // prettier-ignore

function filterOf(filters: readonly string[]): ReturnType<typeof createPathFilter> {
  return createPathFilter(readRules({ filters, excludes: [] }).rules);
}

test.each(TABLE)('passes(): $says', ({ rules, passes, hidden }) => {
  const filter = filterOf(rules);
  const asked = [...passes, ...hidden];
  expect(asked.filter((path) => filter.passes(path))).toEqual(passes);
  expect(
    asked.filter((path) => filter.passes(path)),
    'asked again, from memory',
  ).toEqual(passes);
});

test('passes() is quick for a name made to be slow', () => {
  const filter = filterOf(['- **a*a*a*a*a*a*a*a*a*a**b*c']);
  const name = `/${'a'.repeat(250)}`;
  const path = name.repeat(15);
  const start = process.cpuUsage().user;
  expect(filter.passes(path)).toBe(true);
  expect(process.cpuUsage().user - start, 'microseconds; a backtracking matcher needs hours').toBeLessThan(
    5e6,
  );
});

test('addExclude() and rmExclude() change what passes from then on', () => {
  const filter = createPathFilter([]);
  expect(filter.passes('/d/a')).toBe(true);
  filter.addExclude('/d');
  expect(filter.passes('/d/a')).toBe(false);
  expect(filter.rules).toEqual([{ action: 'exclude', pattern: '/d' }]);
  expect(filter.rmExclude('/e')).toBe(false);
  expect(filter.rmExclude('/d')).toBe(true);
  expect(filter.passes('/d/a')).toBe(true);
});

test.each([
  ['*.o', false],
  ['d/', false],
  ['/d', true],
  ['d/e', true],
  ['**.o', true],
  ['d/***', true],
])('dependsOnPlace with %j is %s', (pattern, expected) => {
  expect(createPathFilter([{ action: 'exclude', pattern }]).dependsOnPlace).toBe(expected);
});

const exclude = (pattern: string): object => ({ kind: 'rule', rule: { action: 'exclude', pattern } });
const include = (pattern: string): object => ({ kind: 'rule', rule: { action: 'include', pattern } });
const refused = { kind: 'refused', reason: expect.any(String) as string };

test.each([
  ['a', exclude('a')],
  ['- a', exclude('a')],
  ['+ a', include('a')],
  ['-a', exclude('-a')],
  ['+_a', exclude('+_a')],
  [' a', exclude(' a')],
  ['a ', exclude('a ')],
  ['!', { kind: 'clear' }],
  ['!a', exclude('!a')],
  ['', { kind: 'nothing' }],
  ['#a', { kind: 'nothing' }],
  [';a', { kind: 'nothing' }],
  ['- ', refused],
  ['a'.repeat(4096), refused],
])('parseExcludeLine(%j)', (line, expected) => {
  expect(parseExcludeLine(line)).toEqual(expected);
});

test.each([
  ['- a', exclude('a')],
  ['-_a', exclude('a')],
  ['-, a', exclude('a')],
  ['+ a', include('a')],
  ['exclude a', exclude('a')],
  ['include,_a', include('a')],
  ['-  a', exclude(' a')],
  ['- # a', exclude('# a')],
  ['!', { kind: 'clear' }],
  ['clear', { kind: 'clear' }],
  ['# a', { kind: 'nothing' }],
  ['a', refused],
  [' - a', refused],
  ['-a', refused],
  ['-! a', refused],
  ['-s a', refused],
  ['- ', refused],
  ['P a', refused],
  ['hide a', refused],
  ['. /etc/rules', refused],
  [':- .gitignore', refused],
  ['! ', refused],
])('parseFilterLine(%j)', (line, expected) => {
  expect(parseFilterLine(line)).toEqual(expected);
});

test('readRules() puts the excludes behind the filters, where a sign is part of the pattern', () => {
  expect(readRules({ filters: ['+ a', '- b'], excludes: ['+ c'] }).rules).toEqual([
    { action: 'include', pattern: 'a' },
    { action: 'exclude', pattern: 'b' },
    { action: 'exclude', pattern: '+ c' },
  ]);
});

test('readRules() ends a rule at a line feed or carriage return, and forgets what stands before a !', () => {
  expect(readRules({ filters: [], excludes: ['a\r', 'b', '!\nc'] }).rules).toEqual([
    { action: 'exclude', pattern: 'c' },
  ]);
});

test('readRules() names the lines it cannot mirror', () => {
  expect(readRules({ filters: ['P keep', '- a'], excludes: [] })).toEqual({
    rules: [{ action: 'exclude', pattern: 'a' }],
    refused: [{ line: 'P keep', reason: expect.stringContaining('- PATTERN') as string }],
  });
});
