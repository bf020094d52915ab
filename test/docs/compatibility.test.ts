// Keeps docs/compatibility.md true: a row that names a test which is not there (any more) fails here, and so does a row
// without a kind or without a word about its test.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const testFolder = new URL('../', import.meta.url);
const document = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8');

const kinds: readonly string[] = ['same', 'better', 'different', 'not yet'];

/** `none` stands where nothing shows the row yet. */
const withoutTest = 'none';

interface Row {
  readonly line: number;
  readonly kind: string;
  readonly test: string;
}

/** Rows of every table that has the columns kind and test, in this order, as its last two. */
function rowsOf(text: string): readonly Row[] {
  return text.split('\n').flatMap((line, index) => {
    if (!line.startsWith('|')) return [];
    const cells = line.split(/(?<!\\)\|/).slice(1, -1);
    const [kind = '', shownBy = ''] = cells.slice(-2).map((cell) => cell.trim());
    const isHead = kind === 'kind' || /^-+$/.test(kind);
    return isHead ? [] : [{ line: index + 1, kind, test: shownBy }];
  });
}

interface Reference {
  readonly file: string;
  /** The title of a test or of a case of its table; `…` for what a template fills in. */
  readonly name: string;
}

/** `` `room/file.test.ts` › `one name`, `another`; `other.test.ts` › `third` `` */
function referencesOf(cell: string): readonly Reference[] {
  let file = '';
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, span = '']) => {
    if (!/^[\w/-]+(?:\.test)?\.ts$/.test(span)) return [{ file, name: span }];
    file = span;
    return [];
  });
}

const placeholder = String.raw`(?:%[a-z]|\$\{[^}]*\}|\$[\w.]+)`;

/** Whether a whole literal of the source is this name: not a part of a longer title, so that a renamed test is noticed. */
function hasLiteral(source: string, name: string): boolean {
  const pieces = name.split('…').map((piece) => piece.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  const pattern = pieces.map((piece) => piece.replaceAll(/['"]/g, String.raw`\\?$&`)).join(placeholder);
  return new RegExp(String.raw`(['"\`])${pattern}\1`).test(source);
}

/** @returns what is wrong with it, undefined when it is there */
function problemOf({ file, name }: Reference): string | undefined {
  if (file === '') return `no file before "${name}"`;
  const path = new URL(file, testFolder);
  if (!existsSync(path)) return `no file test/${file}`;
  return hasLiteral(readFileSync(path, 'utf8'), name) ? undefined : `no "${name}" in test/${file}`;
}

describe('docs/compatibility.md', () => {
  const rows = rowsOf(document);
  const references = rows.flatMap((row) => referencesOf(row.test));

  test('names tests that are there', () => {
    expect(references.length).toBeGreaterThan(100);
    expect(references.map(problemOf).filter((problem) => problem !== undefined)).toEqual([]);
  });

  test('says of each row of what kind it is', () => {
    expect(rows.filter(({ kind }) => !kinds.includes(kind))).toEqual([]);
  });

  test('has a test for each row, or says that there is none', () => {
    expect(rows.filter((row) => row.test !== withoutTest && referencesOf(row.test).length === 0)).toEqual([]);
  });

  test('has each exit code and message that differs from those of lsyncd', () => {
    const source = readFileSync(new URL('integration/exit-codes.test.ts', testFolder), 'utf8');
    const differing = source
      .split(/(?=\bname: )/)
      .filter((row) => /\bdiffers: /.test(row))
      .map((row) => /^name: '([^']+)'/.exec(row)?.[1]);
    expect(differing.length).toBeGreaterThan(5);
    const named = references.map(({ name }) => name);
    expect(differing.filter((name) => name === undefined || !named.includes(name))).toEqual([]);
  });
});

describe('a reference', () => {
  const file = 'watch/inotify-log.test.ts';
  const title = 'inotify monitor writes the sentences lsyncd writes with -log Inotify';

  test.each<readonly [cell: string, problem: string | undefined]>([
    [`\`${file}\` › \`${title}\``, undefined],
    [`\`${file}\` › \`${title} only\``, `no "${title} only" in test/${file}`],
    [`\`${file}\` › \`inotify monitor\``, `no "inotify monitor" in test/${file}`],
    ['`docs/nosuch.test.ts` › `x`', 'no file test/docs/nosuch.test.ts'],
    ['`x`', 'no file before "x"'],
  ])('%s: %s', (cell, problem) => {
    expect(referencesOf(cell).map(problemOf)).toEqual([problem]);
  });

  test.each([
    ["it('brings %s to the target')", 'brings … to the target', true],
    ["it('brings %s to the target')", 'brings … to', false],
    ['it("does not take it\'s")', "does not take it's", true],
    ["it('it\\'s')", "it's", true],
    ['it(`with ${value} and $name.first`)', 'with … and …', true],
    ["it('one (of) two?')", 'one (of) two?', true],
    ["it('one (of) twoo')", 'one (of) two?', false],
    ["it('renamed')", 'as it was', false],
  ])('in %s: %s is %s', (source, name, expected) => {
    expect(hasLiteral(source, name)).toBe(expected);
  });
});
