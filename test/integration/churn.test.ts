// Seeded random changes at full speed against the built daemon; equal at the end. TSYNCD_CHURN_OPERATIONS and TSYNCD_CHURN_SEED
// for longer ones, and others.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { churn } from '../helpers/churn.ts';
import { makeWorkplace, startDaemon, type RunningDaemon, type Workplace } from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const operations = Number(process.env['TSYNCD_CHURN_OPERATIONS'] ?? 1500);
const seed = Number(process.env['TSYNCD_CHURN_SEED'] ?? 20_261_121);

interface Case {
  readonly title: string;
  readonly behaviour: 'rsync' | 'rsyncssh' | 'direct';
  readonly delay: number;
  readonly maxProcesses: number;
  readonly more?: string;
}

const bigAlone = 'batchSizeLimit = 2,';

const CASES: readonly Case[] = [
  { title: 'rsync, delay 0', behaviour: 'rsync', delay: 0, maxProcesses: 1 },
  { title: 'rsync, delay 1, 3 processes', behaviour: 'rsync', delay: 1, maxProcesses: 3 },
  { title: 'rsyncssh, delay 0', behaviour: 'rsyncssh', delay: 0, maxProcesses: 1 },
  { title: 'rsyncssh, delay 1', behaviour: 'rsyncssh', delay: 1, maxProcesses: 1 },
  { title: 'direct, delay 0', behaviour: 'direct', delay: 0, maxProcesses: 1 },
  { title: 'direct, delay 0, 4 processes', behaviour: 'direct', delay: 0, maxProcesses: 4 },
  { title: 'direct, delay 1', behaviour: 'direct', delay: 1, maxProcesses: 1 },
  { title: 'rsync, big files alone', behaviour: 'rsync', delay: 0, maxProcesses: 3, more: bigAlone },
  { title: 'rsyncssh, big files alone', behaviour: 'rsyncssh', delay: 1, maxProcesses: 3, more: bigAlone },
];

describe.each(CASES)(
  'after churn the trees are equal: $title',
  ({ behaviour, delay, maxProcesses, more }) => {
    let place: Workplace;
    let sshd: TestSshd | undefined;
    let daemon: RunningDaemon | undefined;

    beforeEach(async () => {
      place = makeWorkplace();
      for (const folder of ['src', 'trg', 'out']) mkdirSync(join(place.path, folder));
      sshd = behaviour === 'rsyncssh' ? await startSshd(place.path) : undefined;
    });
    afterEach(async (context) => {
      const failed = context.task.result?.state === 'fail';
      await daemon?.stop();
      if (failed) place.write('output', daemon?.output() ?? '');
      await sshd?.stop();
      place.end(failed);
    });

    it(`with seed ${seed}`, async () => {
      const [source, target] = [join(place.path, 'src'), join(place.path, 'trg')];
      const where =
        sshd === undefined
          ? `target = '${target}'`
          : `host = '${sshd.host}', targetdir = '${target}', ssh = ${sshd.luaTable}`;
      const config = `settings { nodaemon = true }
      sync { default.${behaviour}, source = '${source}', ${where}, delay = ${delay}, ${more ?? ''} maxProcesses = ${maxProcesses}, rsync = { archive = true } }`;
      daemon = startDaemon({
        args: ['-log', 'Exec', '-log', 'Delay', '-log', 'Inotify', place.write('conf.lua', config)],
      });
      await daemon.saw('finished');
      await churn({ folder: source, outside: join(place.path, 'out'), operations, seed });
      const flags = ['-rlptD'];
      let left = 'not looked at';
      const isEqual = (): boolean => (left = differences(source, target, flags)) === '';
      await waitUntil(isEqual, { deadlineMs: 25_000 }).catch(() => undefined);
      expect(left).toBe('');
      expect(daemon.output()).not.toContain('bug of ours');
    });
  },
);
