// `crontab` of a sync: what is taken, what it becomes, and what is said of the field that is wrong.

import { Cron } from 'croner';
import { describe, expect, test } from 'vitest';
import { errorOf, loadText } from './load-text.ts';

const inSync = (value: string): string => `\nsync { default.rsync, BASE, crontab = ${value} }`;

const taken: readonly (readonly [lua: string, lines: readonly string[]])[] = [
  ['"1 0 3 * * *"', ['1 0 3 * * *']],
  ['{ "0 0 3 * * *", "0 30 12 * * *" }', ['0 0 3 * * *', '0 30 12 * * *']],
  ['{ "30 3 * * *" }', ['0 30 3 * * *']],
  ['"  0   0\t3 * *  * "', ['0 0 3 * * *']],
  ['"0 0 0 * JAN,mar-May *"', ['0 0 0 * 1,3-5 *']],
  ['"0 0 0 * * MON-fri"', ['0 0 0 * * 1-5']],
  ['"0 0 0 * * fri-sun"', ['0 0 0 * * 5-7']],
  ['"0 0 0 * * sun-tue"', ['0 0 0 * * 0-2']],
  ['"0 0 0 * * 0,7"', ['0 0 0 * * 0,7']],
  ['"*/2 0-30/10 8-18,20 1-7 */3 *"', ['*/2 0-30/10 8-18,20 1-7 */3 *']],
  ['"05 00 03 01 * *"', ['5 0 3 1 * *']],
  ['false', []],
  ['{}', []],
];

describe('crontab', () => {
  test.each(taken)('= %s is taken', (lua, lines) => {
    const { config } = loadText(inSync(lua));
    expect(config.syncs[0]?.crontab).toEqual(lines);
    expect(config.warnings).toEqual([]);
  });

  test.each([...new Set(taken.flatMap(([, lines]) => lines))])('%s has a next time', (line) => {
    expect(new Cron(line, { paused: true, mode: '6-part' }).nextRun()).toBeInstanceOf(Date);
  });

  test('belongs to every behaviour', () => {
    const { config } = loadText('sync { default.direct, BASE, crontab = "0 0 3 * * *" }');
    expect(config.syncs[0]?.crontab).toEqual(['0 0 3 * * *']);
  });

  const example = 'as in *, 1,2, 1-5, */2';
  test.each([
    ['"61 * * * * *"', `"61" is no second: expected 0 to 59, ${example}`],
    ['"0 0 24 * * *"', `"24" is no hour: expected 0 to 23, ${example}`],
    ['"0 0 0 0 * *"', `"0" is no day of the month: expected 1 to 31, ${example}`],
    ['"0 0 0 1,32 * *"', `"32" is no day of the month: expected 1 to 31, ${example}`],
    ['"0 0 0 * january *"', `"january" is no month: expected 1 to 12 or jan to dec, ${example}`],
    ['"0 0 0 * * 8"', `"8" is no day of the week: expected 0 to 7 or sun to sat, ${example}`],
    ['"0 0 0 * nov-feb *"', `"nov-feb" is no month: expected 1 to 12 or jan to dec, ${example}`],
    ['"0 5/10 * * * *"', `"5/10" is no minute: expected 0 to 59, ${example}`],
    ['"0 */0 * * * *"', `"*/0" is no minute: expected 0 to 59, ${example}`],
    ['"0 */90 * * * *"', `"*/90" is no minute: expected 0 to 59, ${example}`],
    ['"x * * * * *"', `"x" is no second: expected 0 to 59, ${example}`],
    ['"1, * * * * *"', `"" is no second: expected 0 to 59, ${example}`],
    ['"* * * *"', 'expected six fields: second, minute, hour, day of the month, month, day of the week'],
  ])('= %s is refused: %s', (lua, why) => {
    expect(errorOf(inSync(lua))).toBe(
      `error preparing DIR/conf.lua: DIR/conf.lua:2: Cannot use crontab ${lua}: ${why} (DIR/conf.lua:2, sync 1)`,
    );
  });

  test('of something that is no text is refused', () => {
    expect(errorOf(inSync('{ {} }'))).toContain('Cannot use crontab (a table): expected a text');
  });
});
