// The children of one sync: what becomes of one that runs longer than it may.

import { afterEach, describe, expect, it } from 'vitest';
import { judge } from '../../src/behaviour/verdict.ts';
import type { Command } from '../../src/run/command.ts';
import { explainEnd } from '../../src/run/exit-meaning.ts';
import { WorkRunner } from '../../src/sync/work-runner.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { FakeClock } from '../report/fake-clock.ts';
import { recordingLog } from './recording-log.ts';

describe('a child that runs longer than childTimeout', () => {
  const clock = new FakeClock();
  let runner: WorkRunner;
  afterEach(() => runner.signal('SIGKILL'));

  /** `script` writes a line once it is ready for signals. */
  async function start(script: string, { isLimited = true } = {}) {
    let output = '';
    const { log, lines } = recordingLog();
    runner = new WorkRunner({
      name: 'Sync1',
      log,
      clock,
      childEnvironment: {},
      childTimeoutMs: isLimited ? 5000 : undefined,
      source: '/src/',
      onChildOutput: (_stream, chunk) => void (output += chunk.toString()),
      isStopping: () => false,
    });
    const command: Command = { binary: 'bash', args: ['-c', script] };
    const ended = runner.runChild(command);
    await waitUntil(() => output !== '', { deadlineMs: 10_000, what: 'the child' });
    return { command, ended, lines };
  }

  it('gets TERM, and its end is tried again whatever the exit code', async () => {
    const { command, ended, lines } = await start(
      `trap 'exit 1' TERM; echo ready; while :; do sleep 0.01; done`,
    );
    clock.advance(4999);
    expect(lines).toEqual([]);
    clock.advance(1);
    const end = await ended;
    expect(lines).toEqual(['Warn: Sync1: "bash" has run for 5 s (childTimeout); ending it']);
    expect(end).toMatchObject({ exitCode: 255, isTimedOut: true });
    expect(judge(new Map([[255, 'die']]), end)).toEqual({ verdict: 'again', isKnown: true });
    expect(explainEnd(command, end)).toBe('bash took longer than childTimeout allows');
    expect(clock.waiting).toBe(0);
  });

  it('gets KILL ten seconds later', async () => {
    const { ended } = await start(`trap '' TERM; echo ready; while :; do sleep 0.01; done`);
    clock.advance(14_999);
    expect(runner.size).toBe(1);
    clock.advance(1);
    expect(await ended).toMatchObject({ signal: 'SIGKILL', isTimedOut: true });
  });

  it('is let be where there is none, and one that ends in time is what it is', async () => {
    const inTime = await start('echo ready; exit 3');
    const end = await inTime.ended;
    expect(end.exitCode).toBe(3);
    expect(end).not.toHaveProperty('isTimedOut');
    expect(clock.waiting).toBe(0);
    await start('echo ready; exec sleep 60', { isLimited: false });
    expect(clock.waiting).toBe(0);
  });
});
