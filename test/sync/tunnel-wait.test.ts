// A sync whose tunnel comes and goes: what waits for it, and what its children get of its address.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Behaviour, Outcome, Work } from '../../src/behaviour/behaviour.ts';
import { plainSentences } from '../../src/behaviour/sentences.ts';
import type { ChildEnd } from '../../src/run/command.ts';
import { ProcessSlots } from '../../src/run/process-slots.ts';
import { Sync } from '../../src/sync/sync.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { FakeClock } from '../report/fake-clock.ts';
import { makeSpec } from './make-spec.ts';
import { recordingLog } from './recording-log.ts';

describe('a sync whose tunnel', () => {
  let folder: string;
  let sync: Sync;
  let clock: FakeClock;
  let port: number | undefined;
  let inside: number;
  let isFatal: boolean;
  /** What it was asked to do. */
  let asked: string[];
  let ends: ChildEnd[];
  let outcome: Outcome;
  let beforeChild: () => void;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsyncd-tunnel-'));
    mkdirSync(`${folder}/src`);
    clock = new FakeClock();
    port = undefined;
    inside = 0;
    isFatal = false;
    asked = [];
    ends = [];
    outcome = { verdict: 'ok' };
    beforeChild = () => undefined;
    sync = new Sync(makeSpec({ source: `${folder}/src/`, target: `${folder}/trg/` }), {
      log: recordingLog().log,
      clock,
      slots: new ProcessSlots(undefined),
      tunnel: {
        get isReady() {
          return port !== undefined;
        },
        enter() {
          if (port === undefined) return undefined;
          inside++;
          return { address: { host: 'localhost', port }, leave: () => void inside-- };
        },
      },
      createBehaviour: () => behaviour,
      insist: false,
      onChildOutput: () => undefined,
      onChange: () => undefined,
      onStarted: () => undefined,
      childEnvironment: {},
      drained: async () => undefined,
      rewatch: async () => undefined,
      onFatal: () => (isFatal = true),
    });
    sync.start();
  });
  afterEach(async () => {
    await sync.fade();
    rmSync(folder, { recursive: true });
  });

  const behaviour: Behaviour = {
    takesMoves: true,
    sentences: plainSentences('/src/'),
    startup: () => work('startup'),
    batch: ({ changes }) => work(changes.map(({ path }) => path).join(' ')),
  };

  async function* work(name: string): Work {
    asked.push(name);
    beforeChild();
    const command = {
      binary: 'sh',
      args: ['-c', `echo "$1" >>${folder}/said`, 'sh', '^localhost:^localport'],
    };
    ends.push(yield command);
    return outcome;
  }

  async function done(count: number): Promise<void> {
    await waitUntil(() => ends.length === count && sync.runningChildren === 0, { deadlineMs: 10_000 });
    await new Promise((resolve) => setImmediate(resolve));
  }

  function isUp(at: number): void {
    port = at;
    sync.onTunnelReady();
  }

  function modified(path: string): void {
    writeFileSync(`${folder}/src${path}`, '');
    sync.onEvent({ kind: 'modify', path });
    sync.onBurstEnd();
    clock.advance(2000);
  }

  it('is not up yet waits with everything, and then goes through it', async () => {
    modified('/a');
    expect(asked).toEqual([]);
    isUp(4711);
    await done(2);
    expect(asked).toEqual(['startup', '/a']);
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(readFileSync(`${folder}/said`, 'utf8')).toBe('localhost:4711\nlocalhost:4711\n');
    expect(inside).toBe(0);
  });

  it('breaks down at the startup does not end the daemon, and is not waited for longer than it takes', async () => {
    outcome = {
      verdict: 'again',
      reason: 'rsync ended with 10',
      exitCode: 10,
      remaining: { moves: [], changes: [] },
      rescan: [],
    };
    isUp(4711);
    await done(1);
    port = undefined;
    expect(isFatal).toBe(false);
    clock.advance(600_000);
    expect(asked).toEqual(['startup']);
    outcome = { verdict: 'ok' };
    isUp(4712);
    await done(2);
    expect(asked).toEqual(['startup', 'startup']);
  });

  it('breaks down between two commands gets no child into it', async () => {
    beforeChild = () => (port = undefined);
    isUp(4711);
    await done(1);
    expect(ends[0]).toMatchObject({ exitCode: 255, spawnError: 'its tunnel is down' });
  });
});
