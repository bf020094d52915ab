import { endianness } from 'node:os';
import { describe, expect, test } from 'vitest';
import { EventStream, pairingDistance } from '../../src/watch/inotify/move-pairing.ts';
import { parseEvents } from '../../src/watch/inotify/parse-events.ts';
import type { KernelEvent } from '../../src/watch/inotify/parse-events.ts';
import { inotifyBits } from '../../src/os/inotify.ts';

function bytesOf(event: KernelEvent): Buffer {
  const name = Buffer.from(event.name, 'latin1');
  const padded = event.name === '' ? 0 : Math.ceil((name.length + 1) / 16) * 16;
  const buffer = Buffer.alloc(16 + padded);
  const write32 = endianness() === 'LE' ? 'writeUInt32LE' : 'writeUInt32BE';
  buffer[write32](event.wd >>> 0, 0);
  buffer[write32](event.mask, 4);
  buffer[write32](event.cookie, 8);
  buffer[write32](padded, 12);
  name.copy(buffer, 16);
  return buffer;
}

const created = (name: string, wd = 1): KernelEvent => ({ wd, mask: inotifyBits.create, cookie: 0, name });
const from = (name: string, cookie: number): KernelEvent => ({
  wd: 1,
  mask: inotifyBits.movedFrom,
  cookie,
  name,
});
const to = (name: string, cookie: number): KernelEvent => ({
  wd: 2,
  mask: inotifyBits.movedTo,
  cookie,
  name,
});

describe('parseEvents()', () => {
  test.each([
    ['nothing', []],
    ['an event of the directory itself', [{ wd: 3, mask: inotifyBits.ignored, cookie: 0, name: '' }]],
    ['an overflow, whose number is -1', [{ wd: -1, mask: inotifyBits.overflow, cookie: 0, name: '' }]],
    ['a name of 16 bytes, which needs 32', [created('n'.repeat(16))]],
    ['a name of 255 bytes', [created('n'.repeat(255)), created('next')]],
    ['bytes that are not UTF-8', [created('\xff\xe9\n'), from('a', 4_000_000_000)]],
    ['the highest bit of a mask', [{ ...created('d'), mask: (inotifyBits.create | 0x80000000) >>> 0 }]],
  ] as const)('reads %s', (_name, events) => {
    const bytes = Buffer.concat(events.map(bytesOf));
    expect(parseEvents(bytes)).toEqual(events);
    const elsewhere = Buffer.concat([Buffer.alloc(5), bytes]).subarray(5);
    expect(parseEvents(elsewhere)).toEqual(events);
  });
});

function stepsOf(stream: EventStream): string[] {
  const steps: string[] = [];
  for (let step = stream.next(); step !== undefined; step = stream.next()) {
    if (step.kind === 'event') steps.push(step.event.name);
    else if (step.kind === 'half') steps.push(`half ${step.half.name}`);
    else steps.push(`${step.from.name} -> ${step.to.name}`);
  }
  return steps;
}

describe('EventStream', () => {
  test.each<{ name: string; events: readonly KernelEvent[]; steps: readonly string[] }>([
    { name: 'joins the two halves of a move', events: [from('a', 1), to('b', 1)], steps: ['a -> b'] },
    {
      name: 'joins them over what came between, which is behind the move then',
      events: [from('a', 1), created('x'), to('b', 1), created('y')],
      steps: ['a -> b', 'x', 'y'],
    },
    {
      name: 'tells interleaved moves apart by their cookies',
      events: [from('a', 1), from('c', 2), to('b', 1), to('d', 2)],
      steps: ['a -> b', 'c -> d'],
    },
    { name: 'gives a moved-to without its origin at once', events: [to('b', 1)], steps: ['half b'] },
    { name: 'keeps a moved-from at the end', events: [created('x'), from('a', 1)], steps: ['x'] },
    {
      name: 'gives up a moved-from when enough other events came',
      events: [from('a', 1), ...Array.from({ length: pairingDistance }, () => created('x'))],
      steps: ['half a', ...Array.from({ length: pairingDistance }, () => 'x')],
    },
  ])('$name', ({ events, steps }) => {
    const stream = new EventStream();
    stream.push(events);
    expect(stepsOf(stream)).toEqual(steps);
  });

  test('joins halves that two reads brought', () => {
    const stream = new EventStream();
    stream.push([created('x'), from('a', 1)]);
    expect(stepsOf(stream)).toEqual(['x']);
    expect(stream.waiting).toBe(1);
    stream.push([to('b', 1), created('y')]);
    expect(stepsOf(stream)).toEqual(['a -> b', 'y']);
    expect(stream.waiting).toBe(0);
  });

  test('gives a moved-from alone when told to give up', () => {
    const stream = new EventStream();
    stream.push([from('a', 1)]);
    expect(stream.next()).toBeUndefined();
    expect(stream.next({ giveUp: true })).toEqual({ kind: 'half', half: from('a', 1) });
  });
});
