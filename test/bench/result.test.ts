import { describe, expect, it } from 'vitest';
import type { Wanted } from '../../bench/experiment.ts';
import { toMarkdown, toNumber, toTextTable } from '../../bench/render.ts';
import { toResults, type RowReadings } from '../../bench/result.ts';

interface RowOptions {
  readonly tsyncd?: readonly number[];
  readonly lsyncd?: readonly number[];
  readonly wanted?: readonly Wanted[];
  readonly isCutOff?: boolean;
  readonly failures?: readonly string[];
}

function row(name: string, options: RowOptions): RowReadings {
  const { tsyncd = [], lsyncd = [], wanted = [], isCutOff = false, failures = [] } = options;
  const spec = { name, title: `the ${name} row`, unit: 's', wanted } as const;
  return { spec, readings: { tsyncd, lsyncd }, isCutOff, failures };
}

function reached(...rows: readonly RowReadings[]): readonly (boolean | undefined)[] {
  return toResults(rows).map(({ isReached }) => isReached);
}

const ratio: Wanted = { of: 'ratio', atMost: 0.25 };
const value: Wanted = { of: 'value', atMost: 2 };

describe('toResults()', () => {
  it('divides the median of tsyncd by that of lsyncd', () => {
    const [result] = toResults([row('a', { tsyncd: [3, 1, 2], lsyncd: [8] })]);
    expect(result?.ratio).toBe(0.25);
    expect(result?.tsyncd).toEqual({ median: 2, spread: [1, 3], rounds: 3 });
  });

  it('is content with just what is wanted, and with no more', () => {
    expect(reached(row('a', { tsyncd: [2], lsyncd: [8], wanted: [ratio, value] }))).toEqual([true]);
    expect(reached(row('a', { tsyncd: [2.01], lsyncd: [8], wanted: [ratio] }))).toEqual([false]);
    expect(reached(row('a', { tsyncd: [2.01], lsyncd: [80], wanted: [ratio, value] }))).toEqual([false]);
  });

  it('has no ratio to nothing', () => {
    expect(toResults([row('a', { tsyncd: [2], lsyncd: [0] })])[0]?.ratio).toBeUndefined();
  });

  it('does not judge what was not measured, or has no aim', () => {
    expect(reached(row('a', { tsyncd: [2], wanted: [ratio, value] }))).toEqual([undefined]);
    expect(reached(row('a', { tsyncd: [2] }))).toEqual([undefined]);
    expect(reached(row('a', { wanted: [value] }))).toEqual([undefined]);
  });

  it('knows that one aim missed is a row missed, whatever else was not measured', () => {
    expect(reached(row('a', { tsyncd: [3], wanted: [ratio, value] }))).toEqual([false]);
  });

  it('measures the growth since another row', () => {
    const growth: Wanted = { of: 'growth', since: 'few', atMost: 1.5 };
    const few = row('few', { tsyncd: [10] });
    expect(reached(few, row('many', { tsyncd: [15], wanted: [growth] }))).toEqual([undefined, true]);
    expect(reached(few, row('many', { tsyncd: [16], wanted: [growth] }))).toEqual([undefined, false]);
    expect(reached(row('many', { tsyncd: [16], wanted: [growth] }))).toEqual([undefined]);
  });

  it('trusts no row with a failure', () => {
    const failed = row('a', { tsyncd: [1], lsyncd: [8], wanted: [ratio], failures: ['trees differ'] });
    expect(reached(failed)).toEqual([false]);
  });
});

const results = toResults([
  row('fast', { tsyncd: [1, 1.5, 2], lsyncd: [120], wanted: [ratio, value], isCutOff: true }),
  row('wrong', { tsyncd: [1], lsyncd: [1], wanted: [ratio], failures: ['trees differ'] }),
]);

describe('toTextTable()', () => {
  it('lines the columns up, says what was cut off, and why a row failed', () => {
    expect(toTextTable(results).split('\n')).toEqual([
      'row    tsyncd  spread         lsyncd   spread         ratio     wanted               reached',
      'fast   1.50 s  1.00–2.00 (3)  > 120 s  120–120 (1)    < 0.0125  ratio ≤ 0.25, ≤ 2 s  yes',
      'wrong  1.00 s  1.00–1.00 (1)  1.00 s   1.00–1.00 (1)  1.00      ratio ≤ 0.25         FAILED',
      'wrong: trees differ',
      '',
    ]);
  });
});

describe('toMarkdown()', () => {
  it('has a line for each row, with its title', () => {
    const [head, rule, first] = toMarkdown(results).split('\n');
    expect(head).toBe('| row | tsyncd | spread | lsyncd | spread | ratio | wanted | reached |');
    expect(rule).toBe('| --- | --- | --- | --- | --- | --- | --- | --- |');
    expect(first).toBe(
      '| the fast row (`fast`) | 1.50 s | 1.00–2.00 (3) | > 120 s | 120–120 (1) | < 0.0125 | ratio ≤ 0.25, ≤ 2 s | yes |',
    );
  });
});

describe('toNumber()', () => {
  it.each([
    [0, '0'],
    [0.00012, '0.0001'],
    [0.0123, '0.0123'],
    [1.234, '1.23'],
    [12.34, '12.3'],
    [1234, '1234'],
  ])('writes %d as %s', (number, text) => {
    expect(toNumber(number)).toBe(text);
  });
});
