// Debian's lsyncd and tsyncd on the same configs with the user's Lua, or commands: the children they start (arguments, stdin, order),
// what they log, and how they end.

import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_VALUES } from './script-oracle/default-values.ts';
import { LAYER_1 } from './script-oracle/layer-1.ts';
import { LAYER_2 } from './script-oracle/layer-2.ts';
import { LAYER_3 } from './script-oracle/layer-3.ts';
import { hasLsyncd, runBoth } from './script-oracle/run-both.ts';

const CASES = [...LAYER_3, ...LAYER_2, ...LAYER_1, ...DEFAULT_VALUES];

/** They wait more than they work. */
vi.setConfig({ maxConcurrency: 10 });

describe.skipIf(!hasLsyncd())('a script does on tsyncd what it does on lsyncd', () => {
  // On a busy machine the changes of one step may come to a daemon as two.
  it.concurrent.each(CASES)('$name', { retry: 2 }, async (scriptCase) => {
    await runBoth(scriptCase, ({ tsyncd, expected }) => expect(tsyncd).toEqual(expected));
  });

  it('each case has a name of its own', () => {
    const names = CASES.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
