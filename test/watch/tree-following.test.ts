// Random changes, in bursts the monitor cannot keep up with: whoever does what the events say ends with an equal tree.

import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { libc } from '../../src/os/libc.ts';
import { createInotifyMonitor } from '../../src/watch/inotify-monitor.ts';
import { buildThread } from './built-thread.ts';
import { createBench, settled } from './bench.ts';
import type { Bench } from './bench.ts';
import { Mirror, differences, snapshotOf } from './snapshot.ts';

beforeAll(buildThread);

const renameat2 = libc.func('int renameat2(int, const char *from, int, const char *to, unsigned int flags)');
const atWorkingDirectory = -100;
const exchangeFlag = 2;

type Change =
  | { readonly kind: 'mkdir' | 'mkdirs' | 'write' | 'remove' | 'chmod' | 'symlink'; readonly path: string }
  | { readonly kind: 'rename' | 'exchange' | 'link'; readonly path: string; readonly to: string }
  | { readonly kind: 'moveOut' | 'moveIn'; readonly path: string; readonly name: string }
  | { readonly kind: 'changeOutside'; readonly name: string }
  | { readonly kind: 'letItWork' | 'settle' };

const name = fc.constantFrom('a', 'b', 'c');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const single = <K extends string>(...kinds: K[]) => fc.record({ kind: fc.constantFrom(...kinds), path });
const double = <K extends string>(...kinds: K[]) =>
  fc.record({ kind: fc.constantFrom(...kinds), path, to: path });

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: single('mkdir', 'mkdirs', 'write') },
  { weight: 2, arbitrary: single('remove', 'chmod', 'symlink') },
  { weight: 5, arbitrary: double('rename') },
  { weight: 1, arbitrary: double('exchange', 'link') },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('moveOut', 'moveIn'), path, name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('changeOutside'), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('letItWork', 'settle') }) },
);

let writes = 0;

/** Many changes are impossible as things stand (no such parent, not empty): then nothing happens. */
function apply({ root, outside }: Bench, step: Change): void {
  const at = (relative: string): string => join(root, relative);
  try {
    if (step.kind === 'mkdir') mkdirSync(at(step.path));
    else if (step.kind === 'mkdirs') mkdirSync(at(step.path), { recursive: true });
    else if (step.kind === 'write') writeFileSync(at(step.path), `${++writes}`);
    else if (step.kind === 'remove') rmSync(at(step.path), { recursive: true });
    else if (step.kind === 'chmod') chmodSync(at(step.path), 0o700);
    else if (step.kind === 'symlink') symlinkSync('nowhere', at(step.path));
    else if (step.kind === 'rename') renameSync(at(step.path), at(step.to));
    else if (step.kind === 'link') linkSync(at(step.path), at(step.to));
    else if (step.kind === 'exchange') {
      renameat2(atWorkingDirectory, at(step.path), atWorkingDirectory, at(step.to), exchangeFlag);
    } else if (step.kind === 'moveOut') renameSync(at(step.path), join(outside, step.name));
    else if (step.kind === 'moveIn') renameSync(join(outside, step.name), at(step.path));
    else if (step.kind === 'changeOutside') {
      mkdirSync(join(outside, step.name, 'b/c'), { recursive: true });
      writeFileSync(join(outside, step.name, 'b', 'f'), `${++writes}`);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
  }
}

async function follow(changes: readonly Change[]): Promise<string[]> {
  const bench = createBench();
  const monitor = createInotifyMonitor({ log: silentLog });
  try {
    mkdirSync(join(bench.root, 'a/b'), { recursive: true });
    writeFileSync(join(bench.root, 'a/b/c'), 'first');
    const mirror = new Mirror(bench.root);
    const listening = await bench.watch(monitor);
    let heard = 0;
    const compare = async (): Promise<string[]> => {
      await settled(listening, bench.root);
      for (const event of listening.events.slice(heard)) mirror.hear(event);
      heard = listening.events.length;
      mirror.send();
      return differences(mirror.held, snapshotOf(bench.root));
    };
    for (const step of changes) {
      if (step.kind === 'settle') {
        const found = await compare();
        if (found.length > 0) return [...found, ...listening.told];
      } else if (step.kind === 'letItWork') await new Promise((resolve) => setImmediate(resolve));
      else apply(bench, step);
    }
    const found = await compare();
    return found.length > 0 ? [...found, ...listening.told] : [];
  } finally {
    await monitor.close();
    bench.remove();
  }
}

const runs = Number(process.env['TSYNCD_TEST_RUNS'] ?? 60);

test('inotify monitor tells enough to follow any sequence of changes, however fast they come', async () => {
  const sequences = fc.array(change, { minLength: 5, maxLength: 40, size: 'max' });
  await fc.assert(
    fc.asyncProperty(sequences, async (changes) => {
      expect(await follow(changes)).toEqual([]);
    }),
    { numRuns: runs, endOnFailure: process.env['TSYNCD_TEST_SHRINK'] === undefined },
  );
});
