// What every script can do: alarms, and descriptors that are observed.

import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createScriptHost } from '../../src/sync/script-host.ts';
import { FakeClock } from '../report/fake-clock.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { recordingLog } from './recording-log.ts';

const SOON = { deadlineMs: 5000 };

describe('ScriptHost', () => {
  it('calls at the time of an alarm, survives its error, and calls nothing after its end', () => {
    const clock = new FakeClock();
    const { log, lines } = recordingLog();
    const host = createScriptHost({ log, clock, onTerminate: () => undefined });
    const called: string[] = [];
    const at = host.nowSeconds();
    host.alarm(at + 2, () => called.push('second'));
    host.alarm(at + 1, () => {
      called.push('first');
      throw new Error('boom');
    });
    host.alarm(at + 3, () => called.push('third'));
    clock.advance(1000);
    expect([called, lines[0]]).toEqual([['first'], 'Error: in Lua: boom']);
    clock.advance(1000);
    host.end();
    clock.advance(1000);
    expect(called).toEqual(['first', 'second']);
  });

  describe('observe()', () => {
    let folder: string;
    let fifo: number;
    const recording = recordingLog();
    const host = createScriptHost({ log: recording.log, clock: systemClock, onTerminate: () => undefined });

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tsyncd-observe-'));
      execFileSync('mkfifo', [join(folder, 'fifo')]);
      fifo = openSync(join(folder, 'fifo'), constants.O_RDWR | constants.O_NONBLOCK);
    });
    afterEach(() => {
      host.end();
      rmSync(folder, { recursive: true });
    });

    it('calls when there is something to read, and not before', async () => {
      const read: string[] = [];
      const buffer = Buffer.alloc(10);
      const onReadable = (): void => void read.push(buffer.toString('utf8', 0, readSync(fifo, buffer)));
      let written = 0;
      const stop = host.observe?.(fifo, { onReadable, onWritable: () => void written++ });
      await waitUntil(() => written > 1, SOON);
      expect(read).toEqual([]);
      writeSync(fifo, 'hello');
      await waitUntil(() => read.length > 0, SOON);
      expect(read).toEqual(['hello']);
      stop?.();
      closeSync(fifo);
    });

    it('refuses a descriptor that is not open, and lets go of one that is closed', async () => {
      host.observe?.(fifo, { onReadable: () => undefined, onWritable: undefined });
      closeSync(fifo);
      await waitUntil(() => recording.lines.length > 0, SOON);
      expect(recording.lines).toEqual([`Warn: observefd: descriptor ${fifo} is not open any more`]);
      expect(host.observe?.(fifo, { onReadable: undefined, onWritable: undefined })).toBeUndefined();
    });
  });
});
