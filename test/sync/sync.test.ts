// One sync with a fake clock and a behaviour that does as it is told: when it runs what, and what becomes of what fails.

import { moveAsChanges } from '../../src/behaviour/moves.ts';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Batch, Behaviour, Outcome, Work } from '../../src/behaviour/behaviour.ts';
import { plainSentences } from '../../src/behaviour/sentences.ts';
import type { Delay } from '../../src/queue/delay.ts';
import { ProcessSlots } from '../../src/run/process-slots.ts';
import { QUIET_MS } from '../../src/sync/source-halt.ts';
import { Sync } from '../../src/sync/sync.ts';
import { FakeClock } from '../report/fake-clock.ts';
import { makeSpec, type SpecChanges } from './make-spec.ts';
import { recordingLog } from './recording-log.ts';

const OK: Outcome = { verdict: 'ok' };

/** A try that failed as a whole. */
function fails(exitCode: number, remaining?: Batch): Outcome {
  return {
    verdict: 'again',
    reason: `rsync ended with ${exitCode}`,
    exitCode,
    remaining: remaining ?? { moves: [], changes: [] },
    rescan: [],
  };
}

/** Work without a child. */
async function* work(result: () => Outcome | Promise<Outcome>): Work {
  yield* [];
  return result();
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) await Promise.resolve();
}

describe('Sync', () => {
  let folder: string;
  let source: string;
  let clock: FakeClock;
  let lines: string[];
  let sync: Sync;
  /** What it was asked to do: `startup`, or the paths of a batch. */
  let asked: string[];
  let started: number;
  let fatal: number;
  let watched: number;
  let rewatch: () => Promise<void>;
  let drained: () => Promise<void>;
  let onStartup: () => Outcome | Promise<Outcome>;
  let onBatch: (batch: Batch) => Outcome | Promise<Outcome>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsyncd-sync-'));
    source = `${folder}/src/`;
    mkdirSync(source);
    writeFileSync(`${source}a`, '');
    clock = new FakeClock();
    asked = [];
    started = 0;
    fatal = 0;
    watched = 0;
    rewatch = async () => undefined;
    drained = async () => undefined;
    onStartup = () => OK;
    onBatch = () => OK;
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await sync.fade();
    rmSync(folder, { recursive: true, force: true });
  });

  function behaviour(takesMoves: boolean): Behaviour {
    return {
      takesMoves,
      sentences: plainSentences(source),
      startup() {
        asked.push('startup');
        return work(() => onStartup());
      },
      batch(batch) {
        const moves = batch.moves.map(({ path, movedTo }) => `${path}>${movedTo}`);
        asked.push([...moves, ...batch.changes.map(({ path }) => path)].join(' '));
        return work(() => onBatch(batch));
      },
    };
  }

  async function start(
    changes: SpecChanges = {},
    { insist = false, takesMoves = true, slots = new ProcessSlots(undefined) } = {},
  ): Promise<void> {
    create(changes, { insist, takesMoves, slots });
    sync.start();
    await settle();
  }

  function create(
    changes: SpecChanges,
    {
      insist,
      takesMoves,
      slots,
    }: { readonly insist: boolean; readonly takesMoves: boolean; readonly slots: ProcessSlots },
  ): void {
    const recording = recordingLog();
    lines = recording.lines;
    sync = new Sync(makeSpec({ source, target: `${folder}/trg/`, ...changes }), {
      log: recording.log,
      clock,
      slots,
      createBehaviour: () => behaviour(takesMoves),
      insist,
      onChildOutput: () => undefined,
      onChange: () => undefined,
      onStarted: () => started++,
      childEnvironment: {},
      drained: () => drained(),
      rewatch: () => {
        watched++;
        return rewatch();
      },
      onFatal: () => fatal++,
    });
  }

  async function advance(ms: number): Promise<void> {
    clock.advance(ms);
    await settle();
  }

  async function modified(...paths: readonly string[]): Promise<void> {
    for (const path of paths) sync.onEvent({ kind: 'modify', path });
    sync.onBurstEnd();
    await settle();
  }

  const asks = (): string[] => asked.splice(0);
  const said = (): string[] => lines.splice(0);

  describe('startup', () => {
    it('runs once, then batches after the delay', async () => {
      await start();
      expect(asks()).toEqual(['startup']);
      expect(started).toBe(1);
      await modified('/f', '/g');
      await advance(999);
      expect(asks()).toEqual([]);
      await advance(1);
      expect(asks()).toEqual(['/f /g']);
      expect(sync.queue.size).toBe(0);
    });

    it('is left out with init = false', async () => {
      await start({ init: false, delayMs: 0 });
      expect(started).toBe(1);
      await modified('/f');
      expect(asks()).toEqual(['/f']);
    });

    it('a target that cannot be reached ends the daemon', async () => {
      onStartup = () => fails(10);
      await start();
      expect(fatal).toBe(1);
      expect(started).toBe(0);
      expect(said()).toEqual([
        `Error: Temporary or permanent failure on startup of "${source}". Terminating since "insist" is not set.`,
        'Error: Sync1: rsync ended with 10',
      ]);
    });

    it('with insist it is tried again with growing pauses, and no batch goes before it', async () => {
      onStartup = () => fails(10);
      await start({ delayMs: 0 }, { insist: true });
      await modified('/f');
      asks();
      const pauses: number[] = [];
      for (let i = 0; i < 5; i++) {
        let ms = 0;
        for (; asked.length === 0; ms += 100) await advance(100);
        pauses.push(ms);
        expect(asks()).toEqual(['startup']);
      }
      for (const [index, ms] of pauses.entries()) {
        expect(ms).toBeGreaterThanOrEqual(1000 * 2 ** index);
        expect(ms).toBeLessThanOrEqual(1200 * 2 ** index + 100);
      }
      expect(said()).toEqual([
        `Normal: Retrying startup of "${source}": 10`,
        'Warn: Sync1: rsync ended with 10',
      ]);
      onStartup = () => OK;
      await advance(60_000);
      expect(asks()).toEqual(['startup', '/f']);
      expect(said().at(-1)).toBe('Normal: Sync1: works again after 6 failed tries');
      expect(fatal).toBe(0);
    });

    it('an exit code that is fatal ends the daemon', async () => {
      onStartup = () => ({ verdict: 'die', reason: 'rsync ended with 1', exitCode: 1 });
      await start({}, { insist: true });
      expect(fatal).toBe(1);
    });

    it('a partial one that does not tell what failed lets batches go, and is tried again for ever', async () => {
      vi.spyOn(Math, 'random').mockReturnValue(0);
      onStartup = () => fails(23);
      await start({ delayMs: 0 });
      expect(started).toBe(1);
      expect(said()).toEqual(['Warn: Sync1: rsync ended with 23; trying again, with growing pauses']);
      expect(sync.problems).toEqual(['the full sync was partial: rsync ended with 23']);
      await modified('/f');
      expect(asks()).toEqual(['startup', '/f']);
      for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
        expect(said()).toEqual(
          seconds === 32
            ? ['Error: Sync1: still partial after 6 full syncs: rsync ended with 23; trying on']
            : [],
        );
        await advance(seconds * 1000 - 1);
        expect(asks()).toEqual([]);
        await advance(1);
        expect(asks()).toEqual(['startup']);
      }
      expect(sync.problems).toHaveLength(1);
      onStartup = () => OK;
      await advance(300_000);
      expect(sync.problems).toEqual([]);
    });

    it('a partial one that tells what failed has only that tried again', async () => {
      vi.spyOn(Math, 'random').mockReturnValue(0);
      const bad: Delay = { kind: 'Modify', path: '/bad', status: 'active', dueMs: 0, whole: false };
      onStartup = () => fails(23, { moves: [], changes: [bad] });
      await start({ delayMs: 0 });
      expect(started).toBe(1);
      expect(said()).toEqual(['Warn: Sync1: rsync ended with 23; trying 1 path again, with growing pauses']);
      expect(sync.problems).toEqual(['trying again /bad (1 try): rsync ended with 23']);
      asks();
      await advance(999);
      expect(asks()).toEqual([]);
      await advance(1);
      expect(asks()).toEqual(['/bad']);
      expect(said()).toEqual(['Normal: Sync1: 1 path that had failed arrived']);
      expect(sync.problems).toEqual([]);
    });
  });

  describe('a batch that fails', () => {
    it('is tried again with growing pauses; what comes meanwhile goes along', async () => {
      await start({ delayMs: 0 }, { insist: true });
      asks();
      onBatch = (batch) => fails(12, batch);
      await modified('/f');
      expect(asks()).toEqual(['/f']);
      await modified('/g');
      expect(asks()).toEqual([]);
      await advance(1300);
      expect(asks()).toEqual(['/f /g']);
      await advance(1300);
      expect(asks()).toEqual([]);
      onBatch = () => OK;
      await advance(1300);
      expect(asks()).toEqual(['/f /g']);
      expect(said()).toEqual([
        'Normal: Retrying (list): 12',
        'Warn: Sync1: rsync ended with 12',
        'Normal: Sync1: works again after 2 failed tries',
      ]);
    });

    it('what is left of it goes at once when nothing is wrong with the target', async () => {
      await start({ delayMs: 0 });
      asks();
      let isFirst = true;
      onBatch = (batch) => {
        if (!isFirst) return OK;
        isFirst = false;
        return fails(0, { moves: [], changes: batch.changes.slice(1) });
      };
      await modified('/f', '/g');
      expect(asks()).toEqual(['/f /g', '/g']);
    });

    it('partly, in a directory that moves then: it arrives by its new name, though another move has to be done another way', async () => {
      await start({ delayMs: 0 });
      asks();
      onBatch = ({ changes }) => fails(23, { moves: [], changes });
      await modified('/d/bad');
      onBatch = ({ moves }) => fails(0, { moves: [], changes: moves.slice(1).flatMap(moveAsChanges) });
      for (const [path, movedTo] of [
        ['/d/', '/e/'],
        ['/f', '/g'],
      ] as const)
        sync.onEvent({ kind: 'move', path, movedTo, overExistingDirectory: false });
      sync.onBurstEnd();
      await settle();
      expect(sync.problems).toEqual(['trying again /e/bad (1 try): rsync ended with 23']);
      onBatch = () => OK;
      await advance(2000);
      expect(asks().slice(0, 2)).toEqual(['/d/bad', '/d/>/e/ /f>/g']);
      expect(said().at(-1)).toBe('Normal: Sync1: 1 path that had failed arrived');
      expect(sync.problems).toEqual([]);
    });

    it('partly: only what is left is tried again, after six tries named, and tried on until it arrives', async () => {
      vi.spyOn(Math, 'random').mockReturnValue(0);
      await start({ delayMs: 0 });
      asks();
      const isBad = ({ path }: { path: string }): boolean => path === '/bad';
      onBatch = (batch) =>
        batch.changes.some(isBad) ? fails(23, { moves: [], changes: batch.changes.filter(isBad) }) : OK;
      await modified('/bad', '/good');
      expect(asks()).toEqual(['/bad /good']);
      expect(said()).toEqual(['Warn: Sync1: rsync ended with 23; trying 1 path again, with growing pauses']);
      for (const seconds of [1, 2, 4, 8, 16, 32, 64]) {
        expect(said()).toEqual(
          seconds === 32
            ? ['Error: Sync1: could not send 1 path:\n/bad\n(rsync ended with 23); trying on']
            : [],
        );
        await modified('/other');
        expect(asks()).toEqual(['/other']);
        await advance(seconds * 1000 - 1);
        expect(asks()).toEqual([]);
        await advance(1);
        expect(asks()).toEqual(['/bad']);
      }
      expect(sync.problems).toEqual(['failed /bad (8 tries): rsync ended with 23']);
      expect(sync.queue.size).toBe(1);
      onBatch = () => OK;
      await modified('/bad');
      expect(said()).toEqual(['Normal: Sync1: 1 path that had failed arrived']);
      expect(sync.problems).toEqual([]);
      expect(sync.queue.size).toBe(0);
    });

    it('has 1,000 paths while the target is away, and 10,000 when it is not', async () => {
      await start({ delayMs: 0 }, { insist: true });
      asks();
      const sizes = (): number[] => asks().map((paths) => paths.split(' ').length);
      onBatch = (batch) => fails(12, batch);
      await modified('/first');
      await modified(...Array.from({ length: 12_000 }, (_, index) => `/${index}`));
      await advance(1300);
      await advance(2500);
      expect(sizes()).toEqual([1, 1000, 1000]);
      onBatch = () => OK;
      await advance(5000);
      await settle();
      expect(sizes()).toEqual([1000, 10_000, 1001]);
    });

    it('is whole directories once more than maxPaths wait', async () => {
      await start({ delayMs: 0, maxPaths: 100 }, { insist: true });
      asks();
      onBatch = (batch) => fails(12, batch);
      await modified('/first');
      await modified(...Array.from({ length: 1000 }, (_, index) => `/d${index % 10}/${index}`));
      expect(sync.queue.size).toBeLessThanOrEqual(100);
      onBatch = () => OK;
      asks();
      await advance(1300);
      expect(asks().join(' ').split(' ').toSorted()).toEqual(
        [...Array.from({ length: 10 }, (_, index) => `/d${index}/`), '/first'].toSorted(),
      );
    });

    it('by a fatal exit code ends the daemon', async () => {
      await start({ delayMs: 0 });
      onBatch = () => ({ verdict: 'die', reason: 'rsync ended with 1', exitCode: 1 });
      await modified('/f');
      expect(fatal).toBe(1);
    });

    it('by a bug of ours is logged, and everything is looked at again', async () => {
      await start({ delayMs: 0 });
      asks();
      onBatch = () => {
        throw new Error('planned');
      };
      await modified('/f');
      expect(said()[0]).toMatch(/^Error: Sync1: a bug of ours: Error: planned\n {4}at /);
      onBatch = () => OK;
      await advance(1300);
      expect(asks()).toEqual(['/f', 'startup']);
      await modified('/g');
      expect(asks()).toEqual(['/g']);
    });
  });

  describe('a bug of ours', () => {
    const planned = (): never => {
      throw new Error('planned');
    };

    it.each([
      ['while an event is taken in', () => vi.spyOn(sync.queue, 'add').mockImplementationOnce(planned)],
      [
        'while it looks at what is due',
        () => vi.spyOn(sync.queue, 'nextDueMs').mockImplementationOnce(planned),
      ],
      ['while a batch is taken', () => vi.spyOn(sync.queue, 'take').mockImplementationOnce(planned)],
      ['while a batch is put away', () => vi.spyOn(sync.queue, 'done').mockImplementationOnce(planned)],
      ['while changes are waited for', () => (drained = () => Promise.reject(new Error('planned')))],
    ])(
      '%s: it is logged with its stack, and everything is sent again; the monitor hears nothing of it',
      async (_name, plant) => {
        await start({ delayMs: 0 });
        asks();
        plant();
        await modified('/f');
        drained = async () => undefined;
        expect(said().join('\n')).toMatch(/^Error: Sync1: a bug of ours: Error: planned\n {4}at /);
        asks();
        await advance(1300);
        expect(asks()[0]).toBe('startup');
        await modified('/f', '/g');
        await advance(1000);
        // Nothing of the batch that it broke off is held back.
        expect(asks().join(' ')).toContain('/f /g');
        expect(sync.queue.size).toBe(0);
        expect(fatal).toBe(0);
      },
    );

    it('in trouble that the monitor tells does not reach the monitor', async () => {
      await start();
      vi.spyOn(sync, 'resync').mockImplementationOnce(planned);
      sync.onTrouble({ kind: 'overflow', isRescanned: false });
      expect(said().at(-1)).toContain('a bug of ours: Error: planned');
    });

    it('is said once until everything is sent again, however often it happens', async () => {
      await start({ delayMs: 1000 });
      vi.spyOn(sync.queue, 'add').mockImplementation(planned);
      await modified(...Array.from({ length: 20 }, (_, index) => `/${index}`));
      expect(said()).toHaveLength(1);
      expect(fatal).toBe(0);
    });

    it('five times with nothing done between them ends the daemon; the pauses grow', async () => {
      await start({ delayMs: 0 });
      onStartup = planned;
      sync.resync('test');
      await settle();
      const pauses: number[] = [];
      while (pauses.length < 4) {
        asks();
        let ms = 0;
        for (; asked.length === 0; ms += 100) await advance(100);
        pauses.push(ms);
      }
      for (const [index, ms] of pauses.entries()) expect(ms).toBeGreaterThanOrEqual(1000 * 2 ** index);
      expect(fatal).toBe(1);
      expect(said().at(-1)).toBe('Error: Sync1: ending after 5 bugs of ours with nothing done between them');
    });

    it('four times and then a success, again and again, does not', async () => {
      await start({ delayMs: 0 });
      for (let round = 0; round < 3; round++) {
        onStartup = planned;
        sync.resync('test');
        await settle();
        for (let i = 0; i < 3; i++) await advance(10_000);
        onStartup = () => OK;
        await advance(20_000);
      }
      expect(fatal).toBe(0);
      expect(said().filter((line) => line.includes('bug of ours')).length).toBeGreaterThanOrEqual(9);
    });
  });

  describe('moves and full syncs', () => {
    const move = { kind: 'move', path: '/a', movedTo: '/b', overExistingDirectory: false } as const;

    it('a move goes as a move', async () => {
      await start({ delayMs: 0 });
      asks();
      sync.onEvent(move);
      await modified();
      expect(asks()).toEqual(['/a>/b']);
    });

    it('a move before a full sync is not done after it', async () => {
      await start({ delayMs: 5000 });
      asks();
      sync.onEvent(move);
      await modified('/a');
      sync.resync('some events were lost');
      await settle();
      await advance(5000);
      const [full, batch = ''] = asks();
      expect(full).toBe('startup');
      expect(batch.split(' ').toSorted()).toEqual(['/a', '/b']);
    });

    it('a move while a full sync runs is not done after it', async () => {
      let finish: (outcome: Outcome) => void = () => undefined;
      onStartup = () => new Promise((resolve) => (finish = resolve));
      await start({ delayMs: 0 });
      sync.onEvent(move);
      await modified('/a');
      expect(asks()).toEqual(['startup']);
      finish(OK);
      await settle();
      expect(asks().join(' ').split(' ').toSorted()).toEqual(['/a', '/b']);
    });

    it('lost events are looked for: what is found is counted, and no full sync follows', async () => {
      await start({ delayMs: 0 });
      asks();
      sync.onTrouble({ kind: 'overflow', isRescanned: true });
      sync.onTrouble({ kind: 'overflow', isRescanned: true });
      sync.onEvent({ kind: 'listing', path: '/d/' });
      await modified('/d/f');
      sync.onTrouble({ kind: 'rescanned' });
      await settle();
      expect(asks().join(' ').split(' ').toSorted()).toEqual(['/d/', '/d/f']);
      expect(sync.watchNotes).toEqual(["Lost events: 2 overflows of the kernel's event queue, made up for"]);
      expect(lines.filter((line) => line.includes('what changed'))).toEqual([
        "Normal: Sync1: some events were lost (overflow of the kernel's event queue); looking for what changed",
        'Normal: Sync1: looked for what changed; 2 paths to compare',
      ]);
    });

    it('what a batch leaves to a full sync is done by one', async () => {
      await start({ delayMs: 0 });
      asks();
      let isFirst = true;
      onBatch = (batch) => {
        if (!isFirst) return Promise.resolve(OK);
        isFirst = false;
        const remaining = { moves: [], changes: batch.changes };
        const why = { reason: 'r', exitCode: 0, rescan: [], fullSync: 'this rsync cannot' } as const;
        return Promise.resolve({ verdict: 'again', remaining, ...why });
      };
      await modified('/f');
      await settle();
      expect(asks()).toEqual(['/f', 'startup', '/f']);
      expect(lines).toContain('Normal: Sync1: this rsync cannot; doing a full sync');
    });

    it('lost events lead to a full sync where times do not tell, once no batch is running', async () => {
      await start({ delayMs: 0, maxProcesses: 2 });
      asks();
      let finish: (outcome: Outcome) => void = () => undefined;
      onBatch = () => new Promise((resolve) => (finish = resolve));
      await modified('/f');
      sync.onTrouble({ kind: 'overflow', isRescanned: false });
      await modified('/g');
      expect(asks()).toEqual(['/f']);
      finish(OK);
      await settle();
      expect(asks()).toEqual(['startup', '/g']);
      finish(OK);
    });
  });

  describe('a source that is gone', () => {
    const gone = { kind: 'source-gone', reason: 'moved away' } as const;

    it('halts it; when it is back it is watched again and sent whole', async () => {
      await start({ delayMs: 0 });
      asks();
      renameSync(source, `${folder}/away`);
      sync.onTrouble(gone);
      await modified('/f');
      expect(asks()).toEqual([]);
      expect(said()).toEqual([
        `Error: Cannot go on with Sync1: its source "${source}" was moved away; put it back: nothing is sent or deleted until it is there with something in it`,
      ]);
      expect(sync.problems).toEqual(['halted: its source was moved away']);
      await advance(10_000);
      expect(watched).toBe(0);
      renameSync(`${folder}/away`, source);
      await advance(1000);
      expect(watched).toBe(1);
      expect(asks()).toEqual(['startup', '/f']);
      expect(said()).toEqual([`Normal: Sync1: the source "${source}" is back; doing a full sync`]);
      expect(sync.problems).toEqual([]);
    });

    it('without an event: it is found before a batch, which is not sent', async () => {
      await start({ delayMs: 1000 });
      asks();
      await modified('/f');
      renameSync(source, `${folder}/away`);
      mkdirSync(source);
      await advance(1000);
      expect(asks()).toEqual([]);
      expect(said().join()).toContain('is another directory now (unmounted or replaced)');
    });

    it('before the start: it does not start, and the others do not wait for it', async () => {
      renameSync(source, `${folder}/away`);
      await start();
      expect(asks()).toEqual([]);
      expect(started).toBe(1);
      expect(sync.problems).toHaveLength(1);
      renameSync(`${folder}/away`, source);
      await advance(1000);
      expect(watched).toBe(1);
      await advance(QUIET_MS);
      expect(asks()).toEqual(['startup']);
    });

    it('filled again bit by bit: it is sent once nothing has changed in it for a while', async () => {
      await start({ delayMs: 0 });
      asks();
      rmSync(source, { recursive: true });
      sync.onTrouble(gone);
      said();
      mkdirSync(source);
      await advance(2000);
      expect(watched).toBe(0);
      writeFileSync(`${source}1`, '');
      await advance(1000);
      expect(watched).toBe(1);
      expect(said()).toEqual([
        'Normal: Sync1: something is in the source again; going on once nothing has changed in it for 5 s (at HUP: at once)',
      ]);
      for (const file of ['/2', '/3', '/4']) {
        await advance(QUIET_MS - 1000);
        await modified(file);
      }
      expect(asks()).toEqual([]);
      expect(sync.problems).toEqual(['halted: its source was moved away']);
      await advance(QUIET_MS);
      expect(asks()[0]).toBe('startup');
      expect(watched).toBe(1);
    });

    it('filled and gone again before that: it is looked for anew', async () => {
      await start({ delayMs: 0 });
      asks();
      rmSync(`${source}a`);
      sync.halt('is empty');
      writeFileSync(`${source}b`, '');
      await advance(1000);
      rmSync(`${source}b`);
      await advance(2 * QUIET_MS);
      expect(asks()).toEqual([]);
      writeFileSync(`${source}c`, '');
      await advance(1000);
      expect(asks()).toEqual([]);
      await advance(QUIET_MS);
      expect(asks()).toEqual(['startup']);
    });

    it('while the watches of others are still being set: it does not start', async () => {
      create({}, { insist: false, takesMoves: true, slots: new ProcessSlots(undefined) });
      sync.onTrouble(gone);
      sync.start();
      await settle();
      expect(asks()).toEqual([]);
      await advance(1000);
      expect(asks()).toEqual(['startup']);
    });

    it('a target that is away when it comes back does not end the daemon', async () => {
      renameSync(source, `${folder}/away`);
      onStartup = () => fails(10);
      await start();
      renameSync(`${folder}/away`, source);
      await advance(1000);
      await advance(QUIET_MS);
      expect(asks()).toEqual(['startup']);
      expect(fatal).toBe(0);
    });

    it('when it cannot be watched, that is said once, and tried again', async () => {
      await start();
      asks();
      rewatch = async () => {
        throw new Error('no watches are left');
      };
      sync.onTrouble(gone);
      said();
      for (let i = 0; i < 5; i++) await advance(1000);
      expect(watched).toBe(5);
      expect(said()).toEqual(['Error: Sync1: the source cannot be watched: no watches are left']);
      rewatch = async () => undefined;
      await advance(1000);
      expect(asks()).toEqual(['startup']);
    });

    it('when it goes again while it is watched anew, it is watched anew', async () => {
      await start();
      asks();
      rewatch = async () => {
        if (watched === 1) sync.onTrouble(gone);
      };
      sync.onTrouble(gone);
      await advance(1000);
      expect(asks()).toEqual([]);
      await advance(1000);
      expect(watched).toBe(2);
      expect(asks()).toEqual(['startup']);
    });

    it('what a batch did meanwhile is of no use: the full sync makes up for it', async () => {
      await start({ delayMs: 0 });
      asks();
      let finish: (outcome: Outcome) => void = () => undefined;
      onBatch = (batch) => new Promise((resolve) => (finish = () => resolve(fails(20, batch))));
      await modified('/f');
      sync.onTrouble(gone);
      said();
      finish(OK);
      await settle();
      expect(said()).toEqual([]);
      expect(sync.queue.size).toBe(0);
      await advance(1000);
      expect(asks()).toEqual(['/f', 'startup']);
    });
  });

  describe('fading', () => {
    it('starts nothing more, and waits for what runs', async () => {
      await start({ delayMs: 0 });
      asks();
      let finish: (outcome: Outcome) => void = () => undefined;
      onBatch = () => new Promise((resolve) => (finish = resolve));
      await modified('/f');
      let isOver = false;
      const over = sync.fade().then(() => (isOver = true));
      await modified('/g');
      await advance(60_000);
      expect(asks()).toEqual(['/f']);
      expect(isOver).toBe(false);
      finish(fails(20));
      await over;
      expect(said()).toEqual([]);
      expect(clock.waiting).toBe(0);
    });

    it('while it waits for the source ends that too', async () => {
      await start();
      sync.onTrouble({ kind: 'source-gone', reason: 'deleted' });
      await sync.fade();
      expect(clock.waiting).toBe(0);
    });

    it('while it waits for its turn gives the turn back', async () => {
      const slots = new ProcessSlots(1);
      const release = await slots.acquire(9);
      await start({}, { slots });
      expect(asks()).toEqual([]);
      await sync.fade();
      release();
      await settle();
      expect(asks()).toEqual([]);
      expect(slots.busy).toBe(0);
    });
  });
});
