import { describe, expect, it } from 'vitest';
import { exitMeaning, explainEnd } from '../../src/run/exit-meaning.ts';
import type { ChildEnd } from '../../src/run/command.ts';

const END: ChildEnd = { exitCode: 0, signal: undefined, spawnError: undefined, stderr: '', durationMs: 1 };
const RSYNC = { binary: '/usr/bin/rsync', args: [] };

describe('explainEnd()', () => {
  it.each([
    [
      'the meaning of a code and the last lines',
      { exitCode: 12, stderr: 'one\ntwo\n\nthree\nfour\n' },
      'rsync ended with 12 (the connection broke, or the other side said something unexpected): two | three | four',
    ],
    ['a code that nobody has explained', { exitCode: 99 }, 'rsync ended with 99'],
    ['a signal', { exitCode: 137, signal: 'SIGKILL' as const }, 'rsync was ended by SIGKILL'],
    [
      'what could not be started',
      { exitCode: 255, spawnError: 'spawn rsync ENOENT' },
      'Cannot run "/usr/bin/rsync": spawn rsync ENOENT',
    ],
    [
      'stderr that is UTF-8',
      { exitCode: 23, stderr: Buffer.from('ü').toString('latin1') },
      'rsync ended with 23 (some files could not be transferred): ü',
    ],
  ])('tells %s', (_what, end, text) => {
    expect(explainEnd(RSYNC, { ...END, ...end })).toBe(text);
  });

  it.each([1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 19, 20, 21, 22, 23, 24, 25, 30, 35, 127, 255])(
    'knows code %i of rsync',
    (code) => {
      expect(exitMeaning('rsync', code)).toBeDefined();
    },
  );

  it("does not take ssh's codes, or another program's, for rsync's", () => {
    expect([exitMeaning('ssh', 23), exitMeaning('cp', 1), exitMeaning('/opt/ssh', 255)]).toEqual([
      undefined,
      undefined,
      'ssh could not connect or was cut off',
    ]);
  });
});
