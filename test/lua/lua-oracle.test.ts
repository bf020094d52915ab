// The same scripts through Debian's lua5.3 and through tsyncd's Lua state: what they print, how they end, and the
// files they leave must be equal. The scripts are in oracle-scripts/, one file a library; a line `--@ title` starts one.

import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasLua53, runBoth } from './run-both.ts';
import type { Script } from './run-both.ts';

const folder = new URL('oracle-scripts/', import.meta.url);

function scriptsOf(file: string): readonly Script[] {
  const library = basename(file, '.lua');
  const sections = readFileSync(new URL(file, folder), 'latin1')
    .split(/^--@ (.*)\n/m)
    .slice(1);
  return sections.flatMap((title, index) =>
    index % 2 === 0 ? [{ title: `${library}: ${title}`, code: sections[index + 1] ?? '' }] : [],
  );
}

const scripts = readdirSync(folder)
  .filter((file) => file.endsWith('.lua'))
  .flatMap(scriptsOf);

const skipped = !hasLua53 && process.env['TSYNCD_TEST_NO_SKIP'] !== '1';

describe.skipIf(skipped)('the library of Lua, beside the real lua5.3', () => {
  const runs = skipped ? [] : runBoth(scripts);

  test('at least 200 scripts are compared, each with a title of its own', () => {
    expect(scripts.length).toBeGreaterThan(200);
    expect(new Set(scripts.map(({ title }) => title)).size).toBe(scripts.length);
  });

  test.each(runs)('$title: prints, fails and leaves behind the same', ({ ours, real }) => {
    expect(ours()).toEqual(real);
  });
});
