// The filter against rsync itself: random trees, random rules, one set of paths from each. TSYNCD_FILTER_CASES and
// TSYNCD_FILTER_SEED for more, and others.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BytePath } from '../../src/byte-path.ts';
import { createPathFilter } from '../../src/filter/create-path-filter.ts';
import { readRules, type RuleSources } from '../../src/filter/read-rules.ts';
import { askRsync, makeTree } from './rsync-oracle.ts';

const RULE_LISTS_PER_TREE = 10;
const CASES = Number(process.env['TSYNCD_FILTER_CASES'] ?? 1000);
const SEED = Number(process.env['TSYNCD_FILTER_SEED'] ?? 20_260_717);

const NAMES = [
  'a', 'b', 'ab', 'ba', 'aab', '.a', 'a.b', 'a b', ' ', 'a ', '[', ']', '[a]', 'a]', '\\', 'a\\b', '\\*', '*', '**', '?',
  '!', '-', '+', '- a', ';a', '\xe9', 'a\xff', '\xc3\xa4', 'A', '1', '~', '$(id)', '-rf',
]; // prettier-ignore

const PIECES = [
  ...NAMES, 'a', 'b', 'a', 'b', '*', '*', '*', '**', '**', '***', '?', '?', '/', '/', '/', '/**/', '/***', '*/', '\\',
  '[a]', '[!a]', '[^b]', '[ab]', '[a-b]', '[b-a]', '[-a]', '[a-]', '[]a]', '[!]a]', '[]', '[a', '[\\]]', '[\\a-b]', '[a-\\b]',
  '[/]', '[!/]', '[a/]', '[[:alpha:]]', '[![:alnum:]]', '[[:x:]]', '[[:alpha:]-z]', '[[:a]', '[[:]', '[\x80-\xff]', '[ -~]', '[[a]', '[*]',
]; // prettier-ignore

const tree = fc
  .array(fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 14 })
  .map(toPaths);

/** Elements of leaves → every path, parents first; a leaf that others lie below is a directory. */
function toPaths(leaves: string[][]): BytePath[] {
  const directories = new Set(
    leaves.flatMap((leaf) => leaf.slice(1).map((_, depth) => `/${leaf.slice(0, depth + 1).join('/')}`)),
  );
  const files = new Set(leaves.map((leaf) => `/${leaf.join('/')}`).filter((path) => !directories.has(path)));
  return [...[...directories].toSorted().map((path) => `${path}/`), ...files];
}

const pattern = fc
  .tuple(
    fc.constantFrom('', '', '/'),
    fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 }),
    fc.constantFrom('', '', '', '/', '/***'),
  )
  .map(([anchor, pieces, end]) => anchor + pieces.join('') + end)
  // A pattern may begin like a signed rule; a sign with nothing behind it is refused by rsync and by the config.
  .filter((text) => !/^[-+] $/.test(text));

const excludeLine = fc.oneof(
  { weight: 8, arbitrary: pattern },
  { weight: 4, arbitrary: pattern.map((text) => `+ ${text}`) },
  { weight: 1, arbitrary: pattern.map((text) => `- ${text}`) },
  { weight: 1, arbitrary: fc.constantFrom('!', '', ';a', '#a', '+', '-', '!a', '+_a', '-a', 'a\rb', 'a\nb') },
);

const filterLine = fc.oneof(
  { weight: 4, arbitrary: pattern.map((text) => `- ${text}`) },
  { weight: 4, arbitrary: pattern.map((text) => `+ ${text}`) },
  { weight: 1, arbitrary: pattern.map((text) => `include,_${text}`) },
  { weight: 1, arbitrary: pattern.map((text) => `-_${text}`) },
  { weight: 1, arbitrary: fc.constantFrom('!', 'clear', '', ';a', '#a', 'exclude a', '- a\r- b') },
);

const sources: fc.Arbitrary<RuleSources> = fc.oneof(
  fc.record({ filters: fc.constant([]), excludes: fc.array(excludeLine, { minLength: 1, maxLength: 5 }) }),
  fc.record({
    filters: fc.array(filterLine, { minLength: 1, maxLength: 5 }),
    excludes: fc.array(pattern, { maxLength: 2 }),
  }),
);

/** Those that tsyncd lets through. */
function passing(paths: readonly BytePath[], list: RuleSources): BytePath[] {
  const { rules, refused } = readRules(list);
  expect(refused).toEqual([]);
  const filter = createPathFilter(rules);
  return paths.filter((path) => filter.passes(path));
}

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'tsyncd-filter-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const hasRsync = spawnSync('rsync', ['--version']).status === 0;

test.skipIf(!hasRsync && process.env['TSYNCD_TEST_NO_SKIP'] !== '1')(
  `passes() lets through exactly what rsync transfers (${CASES} random cases, seed ${SEED})`,
  async () => {
    let made = 0;
    let hidden = 0;
    await fc.assert(
      fc.asyncProperty(
        tree,
        fc.array(sources, { minLength: RULE_LISTS_PER_TREE, maxLength: RULE_LISTS_PER_TREE }),
        async (paths, lists) => {
          const root = join(work, String(made++));
          makeTree(root, ['/', ...paths]);
          try {
            const answers = await Promise.all(lists.map(async (list) => askRsync(root, list)));
            for (const [index, list] of lists.entries()) {
              const passed = passing(paths, list);
              hidden += paths.length - passed.length;
              expect(new Set(passed), JSON.stringify(list)).toEqual(answers[index]);
            }
          } finally {
            rmSync(root, { recursive: true, force: true });
          }
        },
      ),
      { seed: SEED, numRuns: Math.ceil(CASES / RULE_LISTS_PER_TREE) },
    );
    expect(hidden, 'the rules must speak of the paths').toBeGreaterThan(CASES);
  },
  Math.max(60_000, CASES * 100),
);
