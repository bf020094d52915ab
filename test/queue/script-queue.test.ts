// The queue of script syncs: every event by itself, in order, and nothing before what it overlaps.

import { describe, expect, it } from 'vitest';
import { describeCombination } from '../../src/queue/describe-combination.ts';
import { ScriptQueue, type ScriptDelay, type ScriptQueueOptions } from '../../src/queue/script-queue.ts';
import type { FsEvent } from '../../src/watch/monitor.ts';

function make(options: Partial<ScriptQueueOptions> = {}): ScriptQueue {
  return new ScriptQueue({ delayMs: 10, maxDelays: 1000, takesMoves: true, ...options });
}

const create = (path: string): FsEvent => ({ kind: 'create', path });
const modify = (path: string): FsEvent => ({ kind: 'modify', path });
const remove = (path: string): FsEvent => ({ kind: 'delete', path, movedOut: false });
const move = (path: string, movedTo: string): FsEvent => ({
  kind: 'move',
  path,
  movedTo,
  overExistingDirectory: false,
});

const named = (delays: Iterable<ScriptDelay>): string[] =>
  [...delays].map(
    ({ kind, path, movedTo }) => `${kind} ${path}${movedTo === undefined ? '' : ` ${movedTo}`}`,
  );

function say(queue: ScriptQueue, ...events: readonly FsEvent[]): string[] {
  return events.flatMap((event) => queue.add(event, 0).flatMap(describeCombination));
}

describe('ScriptQueue', () => {
  it('gives different events of one path one after the other, and others beside them', () => {
    const queue = make();
    expect(say(queue, create('/f'), modify('/f'), create('/g'))).toEqual([
      'New Create: /f',
      'Modify: /f blocked by Create: /f',
      'New Create: /g',
    ]);
    expect(named(queue.ready(10))).toEqual(['Create /f', 'Create /g']);
    const [first] = queue.ready(10);
    queue.done(first === undefined ? [] : [first]);
    expect(named(queue.ready(10))).toEqual(['Modify /f', 'Create /g']);
  });

  it('takes an event in that says what the newest of its path says already, unless that is active', () => {
    const queue = make();
    expect(say(queue, modify('/f'), modify('/f'))).toEqual([
      'New Modify: /f',
      'Modify: /f absorbed by Modify: /f',
    ]);
    queue.start([...queue.ready(10)]);
    expect(say(queue, modify('/f'), modify('/f'))).toEqual([
      'Modify: /f blocked by Modify: /f',
      'Modify: /f absorbed by Modify: /f',
    ]);
    expect(queue.size).toBe(2);
  });

  it('holds what is below a directory until its own event is done, and a directory until what is below it is', () => {
    const queue = make();
    say(queue, create('/d/'), create('/d/f'), create('/de'), remove('/d/'));
    expect(named(queue.waiting())).toEqual(['Create /d/', 'Create /de']);
    finish(queue, 'Create /d/');
    expect(named(queue.waiting())).toEqual(['Create /d/f', 'Create /de']);
    finish(queue, 'Create /d/f');
    expect(named(queue.waiting())).toEqual(['Create /de', 'Delete /d/']);
  });

  it('makes two of a move when nobody wants moves, or something of its origin waits', () => {
    expect(say(make({ takesMoves: false }), move('/a', '/b'))).toEqual([
      'splitting Move into Delete & Create',
      'New Delete: /a',
      'New Create: /b',
    ]);
    expect(say(make(), modify('/a'), move('/a', '/b'))).toEqual([
      'New Modify: /a',
      'Move: /a -> /b splits on Modify: /a',
      'Delete: /a blocked by Modify: /a',
      'New Create: /b',
    ]);
  });

  it('keeps a move together that waits only for what is active', () => {
    const queue = make();
    say(queue, modify('/a'));
    queue.start([...queue.ready(10)]);
    expect(say(queue, move('/a', '/b'))).toEqual(['Move: /a -> /b blocked by Modify: /a']);
  });

  it('asks for a listing of a directory that came by a move which is split', () => {
    const [, , destination] = make({ takesMoves: false }).add(move('/a/', '/b/'), 0);
    expect(destination?.needsListing).toBe('/b/');
  });

  it('keeps a move together, and both its ends busy', () => {
    const queue = make();
    say(queue, move('/a', '/b'), modify('/a'), modify('/b'), modify('/c'));
    expect(named(queue.waiting())).toEqual(['Move /a /b', 'Modify /c']);
  });

  it('lets nothing pass a startup or a blanket event, which themselves wait for what is active', () => {
    const queue = make();
    const init = queue.addBlanket('Init', 0);
    say(queue, create('/f'));
    expect(named(queue.waiting())).toEqual(['Init /']);
    queue.start([init]);
    queue.addBlanket('Blanket', 0);
    say(queue, create('/g'));
    expect(named(queue.waiting())).toEqual([]);
    queue.done([init]);
    expect(named(queue.waiting())).toEqual(['Create /f', 'Blanket /']);
    finish(queue, 'Blanket /');
    expect(named(queue.waiting())).toEqual(['Create /f', 'Create /g']);
  });

  it('is due after the delay, or at once when more than maxDelays wait', () => {
    const queue = make({ maxDelays: 3 });
    say(queue, create('/a'), create('/b'));
    expect([queue.nextDueMs(), named(queue.ready(9))]).toEqual([10, []]);
    say(queue, create('/c'));
    expect([queue.nextDueMs(), named(queue.ready(0))]).toEqual([
      Number.NEGATIVE_INFINITY,
      ['Create /a', 'Create /b', 'Create /c'],
    ]);
  });

  it('gives back in its old place what is to be tried again, later', () => {
    const queue = make();
    say(queue, create('/a'), create('/b'));
    const [first] = queue.ready(10);
    const started = first === undefined ? [] : [first];
    queue.start(started);
    expect(named(queue.waiting())).toEqual(['Create /b']);
    queue.again(started, 500);
    expect(named(queue.waiting())).toEqual(['Create /a', 'Create /b']);
    expect(named(queue.ready(10))).toEqual(['Create /b']);
    expect(queue.nextDueMs()).toBe(10);
  });

  it('refuses to start what is active, and to hold a delete of the source itself', () => {
    const queue = make();
    say(queue, create('/a'));
    const delays = [...queue.ready(10)];
    queue.start(delays);
    expect(() => queue.start(delays)).toThrow('Cannot start Create /a: it is active');
    expect(say(queue, remove('/'))).toEqual(['Delete: / refused']);
  });
});

describe('ScriptQueue.choose()', () => {
  it('takes what is held back by taken ones along, and nothing that is held back by others', () => {
    const queue = make();
    say(queue, create('/d/'), create('/d/f'), create('/e/'), create('/e/f'), create('/g'));
    const asked: string[] = [];
    const chosen = queue.choose((delay) => {
      asked.push(delay.path);
      return delay.path === '/e/' ? 'leave' : 'take';
    });
    expect(asked).toEqual(['/d/', '/d/f', '/e/', '/g']);
    expect(named(chosen)).toEqual(['Create /d/', 'Create /d/f', 'Create /g']);
    queue.start(chosen);
    queue.again(chosen, 0);
    expect(named(queue.waiting())).toEqual(['Create /d/', 'Create /e/', 'Create /g']);
    queue.done(chosen);
    expect(named(queue.waiting())).toEqual(['Create /e/']);
  });

  it('ends when it is told to', () => {
    const queue = make();
    say(queue, create('/a'), create('/b'), create('/c'));
    expect(named(queue.choose(({ path }) => (path === '/b' ? 'end' : 'take')))).toEqual(['Create /a']);
  });
});

function finish(queue: ScriptQueue, name: string): void {
  queue.done([...queue.waiting()].filter((delay) => named([delay])[0] === name));
}
