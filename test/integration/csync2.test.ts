// The recipe that joins lsyncd and csync2, as many have it (examples/scripts/csync2.lua), with a recorder as csync2, on lsyncd and on tsyncd.

import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { hasLsyncd, runBoth } from './script-oracle/run-both.ts';
import type { ScriptCase } from './script-oracle/script-case.ts';

const EXAMPLE = readFileSync(new URL('../../examples/scripts/csync2.lua', import.meta.url), 'utf8');

/** Records, and ends with the next code of the file exits, or 0. */
const CSYNC2 = `cat >../csync2 <<'END'
#!/bin/bash
{R} csync2 "$@"
if read -r code <{W}/exits; then sed -i 1d {W}/exits; exit "$code"; fi
END
chmod +x ../csync2; : >../exits; touch ../csync2_www.cfg; mkdir d; echo >a; echo >d/b`;

interface Recipe extends Omit<ScriptCase, 'config'> {
  /** Places in the example, and what takes their place. */
  readonly changes?: readonly (readonly [string, string])[];
}

function recipe({ name, before = ':', changes = [], ...more }: Recipe): ScriptCase {
  const placed = [
    ['os.getenv("CSYNC2") or "/usr/sbin/csync2"', '"{W}/csync2"'],
    ['os.getenv("CSYNC2_CONFIGS") or "/etc/csync2"', '"{W}"'],
    ['{ www = "/srv/www", mail = "/srv/mail" }', '{ www = "{SRC}" }'],
    ['/var/log/tsyncd/tsyncd.log', '{W}/log'],
    ['delay        = 1', 'delay        = 0.4'],
    ...changes,
  ] as const;
  const config = placed.reduce((text, [place, other]) => {
    if (!text.includes(place)) throw new Error(`Cannot place: no ${place} in the example`);
    return text.replace(place, other);
  }, EXAMPLE);
  return { name, config, before: `${CSYNC2}; ${before}`, ...more };
}

const CHANGES = ['echo >f; rm a', 'mkdir e', 'echo >e/g; mv d/b e', 'rm -r e', 'chmod 600 f; mv f h'];

const CASES: readonly ScriptCase[] = [
  recipe({ name: 'all goes well', steps: CHANGES }),
  recipe({ name: 'the startup is tried again', before: 'echo 1 >../exits', until: /is done with Init/ }),
  recipe({
    name: 'a list is tried again',
    steps: ['printf "1\\n1\\n" >../exits; echo >f'],
    until: /is done with the changes/,
  }),
  recipe({ name: 'the startup cannot be done', before: 'echo 2 >../exits' }),
  recipe({ name: 'a list cannot be done', steps: ['echo 2 >../exits; echo >f'] }),
  recipe({
    name: 'an exit code that the recipe does not know',
    steps: ['echo 9 >../exits; echo >f', 'echo >g'],
  }),
  recipe({
    name: 'without exit codes of its own',
    changes: [['exitcodes    = { [0] = "ok", [1] = "again", [2] = "die" },', '']],
    steps: ['echo >f', 'echo 9 >../exits; echo >g'],
  }),
  recipe({ name: 'a syncid that csync2 does not know', before: 'rm ../csync2_www.cfg' }),
  recipe({ name: 'no syncid', changes: [[', syncid = syncid }', ' }']] }),
  recipe({
    name: 'two directories',
    changes: [['{ www = "{SRC}" }', '{ www = "{SRC}", mail = "{TRG}" }']],
    before: 'touch ../csync2_mail.cfg',
    steps: ['echo >f; echo >../trg/m'],
    unordered: true,
  }),
];

describe.skipIf(!hasLsyncd())('the recipe for csync2 does on tsyncd what it does on lsyncd', () => {
  vi.setConfig({ maxConcurrency: CASES.length });

  // On a busy machine the changes of one step may come to a daemon as two.
  it.concurrent.each(CASES)('$name', { retry: 2 }, async (scriptCase) => {
    await runBoth(scriptCase, ({ tsyncd, expected }) => expect(tsyncd).toEqual(expected));
  });
});
