// What a killed daemon left at work is found by its mark, and nothing else is.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { CHILD_MARK, childEnvironment, parseMark, startOf, workOf } from '../../src/run/child-mark.ts';
import { endLeftovers } from '../../src/run/leftovers.ts';
import { recordingLog } from '../sync/recording-log.ts';

const work = workOf('/src/', `/trg/${process.pid}/`);
/** As of a daemon that is gone: a process that started at another time than the one that has its number now. */
const GONE = `${process.pid}:1:${work}`;

describe('workOf()', () => {
  it('tells apart what is written together', () => {
    expect(workOf('/a/', '/b/')).toMatch(/^[0-9a-f]{16}$/);
    expect(workOf('/a/', '/b/')).toBe(workOf('/a/', '/b/'));
    expect(workOf('/a/b', '/')).not.toBe(workOf('/a/', 'b/'));
  });
});

describe('parseMark()', () => {
  const mark = { daemon: { pid: 12, startTicks: '345' }, work: 'abc' };
  it.each([
    ['alone', `${CHILD_MARK}=12:345:abc`, mark],
    ['among others', `A=1\0${CHILD_MARK}=12:345:abc\0B=2\0`, mark],
    ['in the value of another', `A=${CHILD_MARK}=12:345:abc\0`, undefined],
    ['with more behind it', `${CHILD_MARK}=12:345:abc; rm\0`, undefined],
    ['that is empty', `${CHILD_MARK}=\0`, undefined],
  ])('%s', (_name, environment, expected) => {
    expect(parseMark(environment)).toEqual(expected);
  });
});

describe.skipIf(process.platform !== 'linux')('endLeftovers()', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** Says something once it is ready for signals. */
  async function start(mark: string | undefined, script = 'echo; exec sleep 60'): Promise<ChildProcess> {
    const env = { PATH: process.env['PATH'], ...(mark === undefined ? {} : { [CHILD_MARK]: mark }) };
    const child = spawn('bash', ['-c', script], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  }

  async function endAll(clock = systemClock): Promise<string[]> {
    const { log, lines } = recordingLog();
    await endLeftovers({ works: new Set([work]), log, clock });
    return lines;
  }

  const isAlive = ({ pid = 0 }: ChildProcess): boolean => startOf(pid) !== undefined;

  it('ends what a daemon that is gone has left, and says so', async () => {
    const child = await start(GONE);
    const lines = await endAll();
    expect(isAlive(child)).toBe(false);
    expect(lines).toEqual([
      `Warn: ending what was left at work by a daemon that was killed (process ${process.pid}): sleep (${child.pid})`,
    ]);
    await expect.poll(() => child.signalCode).toBe('SIGTERM');
  });

  it('ends what a process that carries the mark has started too', async () => {
    const child = await start(
      GONE,
      'sleep 60 & until [ "$(</proc/$!/comm)" = sleep ]; do :; done; echo; wait',
    );
    const lines = await endAll();
    expect(lines.join()).toMatch(/bash \(\d+\), sleep \(\d+\)/);
    expect(isAlive(child)).toBe(false);
    expect(await endAll()).toEqual([]);
  });

  it.each([
    ['of a daemon that still runs', childEnvironment(work)[CHILD_MARK]],
    ['that works on something else', `${process.pid}:1:${workOf('/src/', '/other/')}`],
    ['without a mark', undefined],
    ['with a mark that is none', 'x'],
  ])('leaves a process alone %s', async (_name, mark) => {
    const child = await start(mark);
    expect(await endAll()).toEqual([]);
    expect(isAlive(child)).toBe(true);
  });

  it('leaves a connection of ssh that is shared alone', async () => {
    const child = await start(GONE, `echo; exec -a 'ssh: /run/control [mux]' sleep 60`);
    // The text of the shell has that name too: only the first word says that it has become this.
    await expect.poll(() => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).toMatch(/^ssh: .*\[mux\]/);
    expect(await endAll()).toEqual([]);
    expect(isAlive(child)).toBe(true);
  });

  it('kills what does not end at TERM', async () => {
    const child = await start(GONE, `trap '' TERM; echo; while :; do sleep 0.1; done`);
    await endAll({ ...systemClock, monotonicMs: () => 20 * performance.now() });
    expect(isAlive(child)).toBe(false);
  });

  it('marks what this process starts with its own number and start', () => {
    const { [CHILD_MARK]: mark = '' } = childEnvironment(work);
    expect(parseMark(`${CHILD_MARK}=${mark}`)).toEqual({
      daemon: { pid: process.pid, startTicks: startOf(process.pid) },
      work,
    });
  });
});
