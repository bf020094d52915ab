// What is said of a target that is away.

import { describe, expect, it } from 'vitest';
import { createQuietRetry, type QuietRetry } from '../../src/sync/quiet-retry.ts';
import { FakeClock } from '../report/fake-clock.ts';
import { recordingLog } from './recording-log.ts';

describe('a quiet retry', () => {
  function make(): { retry: QuietRetry; clock: FakeClock; lines: string[] } {
    const clock = new FakeClock();
    const { log, lines } = recordingLog();
    return { retry: createQuietRetry({ log, clock, name: 'Sync1' }), clock, lines };
  }

  /** One try that says what it does, and fails. */
  function fail(retry: QuietRetry, what: string): void {
    retry.log('Normal', `calling ${what}`);
    retry.failed([['Warn', `failed ${what}`]]);
  }

  it('says everything while all is well', () => {
    const { retry, lines } = make();
    retry.log('Normal', 'calling');
    retry.succeeded();
    expect(lines).toEqual(['Normal: calling']);
    expect(retry.isFailing).toBe(false);
  });

  it('says the first failure, nothing for a minute, one failure a minute, and the success', () => {
    const { retry, clock, lines } = make();
    fail(retry, 'first');
    expect(lines.splice(0)).toEqual(['Normal: calling first', 'Warn: failed first']);
    expect(retry.isFailing).toBe(true);
    for (let second = 1; second < 60; second++) {
      clock.advance(1000);
      fail(retry, `at ${second} s`);
    }
    expect(lines).toEqual([]);
    clock.advance(1000);
    fail(retry, 'after a minute');
    expect(lines.splice(0)).toEqual(['Normal: calling after a minute', 'Warn: failed after a minute']);
    clock.advance(59_000);
    fail(retry, 'soon after');
    expect(lines).toEqual([]);
    retry.log('Normal', 'calling last');
    retry.log('Normal', 'finished');
    retry.succeeded();
    expect(lines.splice(0)).toEqual([
      'Normal: calling last',
      'Normal: finished',
      'Normal: Sync1: works again after 62 failed tries',
    ]);
    expect(retry.isFailing).toBe(false);
    retry.succeeded();
    expect(lines).toEqual([]);
  });

  it('says a failure that comes after a success', () => {
    const { retry, lines } = make();
    fail(retry, 'one');
    retry.succeeded();
    lines.splice(0);
    fail(retry, 'two');
    expect(lines).toEqual(['Normal: calling two', 'Warn: failed two']);
  });

  it('holds back no other category than Normal', () => {
    const { retry, lines } = make();
    fail(retry, 'one');
    lines.splice(0);
    retry.log('Error', 'something else');
    retry.log('Exec', 'rsync');
    expect(lines).toEqual(['Error: something else', 'Exec: rsync']);
  });

  it('says 1 try', () => {
    const { retry, lines } = make();
    fail(retry, 'one');
    retry.succeeded();
    expect(lines.at(-1)).toBe('Normal: Sync1: works again after 1 failed try');
  });
});
