import { expect, test } from 'vitest';
import { fromText, isUtf8, toText } from '../src/byte-path.ts';

test.each([
  ['plain', true],
  ['', true],
  [fromText('üml ☃ 🙂'), true],
  ['\xe4', false],
  ['a\xc3', false],
  ['\xed\xa0\x80', false],
  ['a\nb', true],
])('isUtf8() of %j is %s', (path, expected) => {
  expect(isUtf8(path)).toBe(expected);
});

test('toText() of what fromText() made is the text', () => {
  expect(toText(fromText('üml ☃'))).toBe('üml ☃');
});
