// The times of a crontab, with a clock that goes forward when it is told to.

import { describe, expect, it } from 'vitest';
import { startCrontab } from '../../src/sync/crontab.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { FakeClock } from '../report/fake-clock.ts';
import { recordingLog } from './recording-log.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

interface Run {
  readonly clock: FakeClock;
  readonly times: string[];
  readonly said: string[];
  readonly stop: () => void;
}

/** Begins on Friday, 20 November 2026, 15:51:18. */
async function begin(...lines: string[]): Promise<Run> {
  const clock = new FakeClock();
  const { log, lines: said } = recordingLog();
  const times: string[] = [];
  const onTime = (line: string): void => void times.push(`${shown(clock.now())} ${line}`);
  const stop = startCrontab({ lines, name: 'Sync1', log, clock, onTime });
  await waitUntil(() => clock.waiting + said.length > 0, { deadlineMs: 10_000 });
  return { clock, times, said, stop };
}

function shown(time: Date): string {
  const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
  return `${days[time.getDay()]} ${time.toTimeString().slice(0, 8)}`;
}

describe('a crontab', () => {
  it('tells each time once, by the second', async () => {
    const { clock, times } = await begin('*/20 * * * * *');
    clock.advance(45 * SECOND);
    expect(times).toEqual([
      'Fri 15:51:20 */20 * * * * *',
      'Fri 15:51:40 */20 * * * * *',
      'Fri 15:52:00 */20 * * * * *',
    ]);
  });

  it('tells of a time that is hours away', async () => {
    const { clock, times } = await begin('1 0 3 * * *');
    clock.advance(11 * HOUR + 8 * MINUTE + 42 * SECOND);
    expect(times).toEqual([]);
    clock.advance(24 * HOUR);
    expect(times).toEqual(['Sat 03:00:01 1 0 3 * * *']);
  });

  it('has several lines, and tells once where two meet', async () => {
    const { clock, times } = await begin('0 0 16 * * *', '0 */30 16 * * 5', '0 0 17 * * 1');
    clock.advance(24 * HOUR);
    expect(times).toEqual(['Fri 16:00:00 0 0 16 * * *', 'Fri 16:30:00 0 */30 16 * * 5']);
  });

  it('takes the day of the month or the day of the week, as cron does', async () => {
    const { clock, times } = await begin('0 0 12 21 * 1');
    clock.advance(4 * 24 * HOUR);
    expect(times).toEqual(['Sat 12:00:00 0 0 12 21 * 1', 'Mon 12:00:00 0 0 12 21 * 1']);
  });

  it('says of a time that never comes', async () => {
    const { clock, times, said } = await begin('0 0 0 31 2 *');
    clock.advance(48 * HOUR);
    expect(said).toEqual(['Warn: Sync1: crontab "0 0 0 31 2 *": that time never comes']);
    expect(times).toEqual([]);
  });

  it('tells nothing after its end', async () => {
    const { clock, times, stop } = await begin('* * * * * *');
    clock.advance(3 * SECOND);
    stop();
    clock.advance(10 * SECOND);
    expect(times).toHaveLength(3);
    expect(clock.waiting).toBe(0);
  });
});
