import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { KEPT_STDERR_BYTES, type ChildStream } from '../../src/run/child-output.ts';
import { startChild } from '../../src/run/start-child.ts';

const sh = (script: string, more: object = {}): Parameters<typeof startChild>[0] => ({
  binary: 'sh',
  args: ['-c', script],
  ...more,
});

const where = async (more: object): Promise<string | undefined> =>
  (await startChild(sh('pwd', { keepsStdout: true, ...more })).ended).stdout;

describe('startChild()', () => {
  it('tells the exit code and keeps stderr', async () => {
    const end = await startChild(sh('echo no >&2; exit 7')).ended;
    expect(end).toMatchObject({ exitCode: 7, signal: undefined, spawnError: undefined, stderr: 'no\n' });
  });

  it('hands output on as it comes', async () => {
    const got = new Map<ChildStream, string>();
    await startChild(sh('echo out; echo err >&2'), {
      onOutput: (stream, chunk) => got.set(stream, chunk.toString()),
    }).ended;
    expect(Object.fromEntries(got)).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  });

  it('keeps stdout to itself when the command asks for it', async () => {
    const got: string[] = [];
    const end = await startChild(sh('echo answer', { keepsStdout: true }), {
      onOutput: (_, chunk) => got.push(chunk.toString()),
    }).ended;
    expect(end.stdout).toBe('answer\n');
    expect(got).toEqual([]);
  });

  it('keeps only the last 64 KiB of stderr, and says so', async () => {
    const { stderr, isStderrCut } = await startChild(
      sh('yes 0123456789 | head -c 400000 >&2; printf END >&2'),
    ).ended;
    expect(stderr.length).toBe(KEPT_STDERR_BYTES);
    expect(stderr.endsWith('END')).toBe(true);
    expect(isStderrCut).toBe(true);
    expect(await startChild(sh('printf END >&2')).ended).not.toHaveProperty('isStderrCut');
  });

  it('gives the stdin bytes unchanged and closes it', async () => {
    const stdin = Buffer.from([0, 255, 10, 0x80]);
    const { stdout } = await startChild({ binary: 'cat', args: [], stdin, keepsStdout: true }).ended;
    expect(Buffer.from(stdout ?? '', 'latin1')).toEqual(stdin);
  });

  it('has no input without stdin', async () => {
    expect((await startChild(sh('wc -c', { keepsStdout: true })).ended).stdout?.trim()).toBe('0');
  });

  it.each([
    ['reads nothing', 'exit 3'],
    ['closes its stdin first', 'exec <&-; exit 3'],
    ['dies of a signal', 'kill -KILL $$'],
  ])('survives a child that %s of a list larger than any pipe', async (_what, script) => {
    const end = await startChild(sh(script, { stdin: Buffer.alloc(8 * 1024 * 1024, 'x') })).ended;
    expect([3, 137]).toContain(end.exitCode);
  });

  it('tells a signal as 128 + its number', async () => {
    expect(await startChild(sh('kill -TERM $$')).ended).toMatchObject({ exitCode: 143, signal: 'SIGTERM' });
  });

  it('ends with 255 and the reason when there is no such program', async () => {
    const child = startChild({ binary: '/nonexistent/rsync', args: [], stdin: Buffer.from('x') });
    expect(child.pid).toBeUndefined();
    expect(await child.ended).toMatchObject({ exitCode: 255, spawnError: 'spawn /nonexistent/rsync ENOENT' });
  });

  it('ends with 255 when an argument cannot be passed', async () => {
    expect(await startChild({ binary: 'true', args: ['a\0b'] }).ended).toMatchObject({ exitCode: 255 });
  });

  it('runs in / unless told otherwise', async () => {
    expect([await where({}), await where({ cwd: '/tmp' })]).toEqual(['/\n', '/tmp\n']);
  });

  it('ends a child that is told to', async () => {
    const child = startChild({ binary: 'sleep', args: ['100'] });
    child.terminate('SIGTERM');
    expect((await child.ended).signal).toBe('SIGTERM');
    child.terminate('SIGTERM');
  });

  it('does not wait for a grandchild that keeps the streams open', async () => {
    const began = performance.now();
    const end = await startChild(sh('sleep 20 & echo $!', { keepsStdout: true })).ended;
    process.kill(Number(end.stdout), 'SIGKILL');
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(end.exitCode).toBe(0);
  });
});
