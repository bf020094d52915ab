import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { canWrite } from '../../src/os/poll.ts';
import { StreamSink } from '../../src/report/stream-sink.ts';
import { FakeClock } from './fake-clock.ts';
import { makeTempDir } from './temp-dir.ts';

/** A real pipe, whose writing end blocks. */
function makePipe() {
  const path = join(makeTempDir(), 'fifo');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  onTestFinished(() => closeSync(writer));
  return { reader, writer };
}

function readAll(reader: number): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(65_536);
    try {
      const count = readSync(reader, chunk);
      if (count === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, count));
    } catch {
      return Buffer.concat(chunks);
    }
  }
}

function drain({ clock, reader }: { clock: FakeClock; reader: number }): Buffer {
  const chunks: Buffer[] = [];
  while (clock.waiting > 0) {
    chunks.push(readAll(reader));
    clock.advance(100);
  }
  return Buffer.concat([...chunks, readAll(reader)]);
}

function lines(count: number): Buffer[] {
  return Array.from({ length: count }, (_, at) => Buffer.from(`line ${at} ${'x'.repeat(1000)}\n`));
}

describe('StreamSink', () => {
  it('neither blocks nor loses anything when a reader is slow', () => {
    const { reader, writer } = makePipe();
    onTestFinished(() => closeSync(reader));
    const clock = new FakeClock();
    const sink = new StreamSink(writer, { clock, canWrite });
    const written = lines(300);
    for (const line of written) sink.write(line);
    expect(clock.waiting).toBe(1);
    expect(drain({ clock, reader }).equals(Buffer.concat(written))).toBe(true);
  });

  it('keeps a bounded amount for a reader that does not read, and tells how much was dropped', () => {
    const { reader, writer } = makePipe();
    onTestFinished(() => closeSync(reader));
    const clock = new FakeClock();
    const sink = new StreamSink(writer, { clock, canWrite });
    const written = lines(3000);
    for (const line of written) sink.write(line);
    const read = drain({ clock, reader });
    const told = /\nWarn: (\d+) bytes of output were dropped, as nobody read them\n$/u.exec(
      read.toString('latin1'),
    );
    const total = Buffer.concat(written).length;
    expect(read.length - (told?.[0].length ?? 0) + 1 + Number(told?.[1])).toBe(total);
    expect(read.length).toBeLessThan(1.2 * 1024 * 1024);
  });

  it('survives a reader that has gone', () => {
    const { reader, writer } = makePipe();
    closeSync(reader);
    const clock = new FakeClock();
    const sink = new StreamSink(writer, { clock, canWrite });
    sink.write(Buffer.from('x\n'));
    sink.write(Buffer.from('y\n'));
    expect(clock.waiting).toBe(0);
  });

  it('survives a full disk and a closed descriptor', () => {
    const full = openSync('/dev/full', 'w');
    const clock = new FakeClock();
    new StreamSink(full, { clock, canWrite }).write(Buffer.from('x'));
    closeSync(full);
    new StreamSink(full, { clock, canWrite }).write(Buffer.from('x'));
    expect(clock.waiting).toBe(0);
  });

  it('waits a while at close() for a reader that still reads', async () => {
    const path = join(makeTempDir(), 'fifo');
    execFileSync('mkfifo', [path]);
    const reader = spawn('sh', ['-c', 'exec <"$1"; sleep 0.2; wc -c', 'sh', path], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const answer = once(reader.stdout, 'data');
    const writer = openSync(path, constants.O_WRONLY);
    const sink = new StreamSink(writer, { clock: systemClock, canWrite });
    const written = lines(300);
    for (const line of written) sink.write(line);
    sink.close();
    closeSync(writer);
    expect(Number(String(await answer))).toBe(Buffer.concat(written).length);
  });

  it('forgets at close() what nobody reads', () => {
    const { reader, writer } = makePipe();
    onTestFinished(() => closeSync(reader));
    const clock = new FakeClock();
    const waits: (number | undefined)[] = [];
    const sink = new StreamSink(writer, {
      clock,
      canWrite: (fd, waitMs) => {
        waits.push(waitMs);
        return canWrite(fd);
      },
    });
    for (const line of lines(300)) sink.write(line);
    sink.close();
    sink.close();
    expect(clock.waiting).toBe(0);
    expect(waits.at(-1)).toBe(1000);
    expect(waits.filter((waitMs) => waitMs !== 0)).toHaveLength(1);
  });
});
