// Seeded random changes at full speed against the built daemon, each behaviour at each delay and number of processes; equal
// whenever it is left alone, and at the end. TSYNCD_CHURN_OPERATIONS and TSYNCD_CHURN_SEED for longer ones, and others;
// TSYNCD_CHURN_ONLY for those settings whose title has that text.

import { mkdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it, type ExpectStatic } from 'vitest';
import { Churn } from '../helpers/churn.ts';
import {
  makeWorkplace,
  readText,
  startDaemon,
  TSYNCD,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { becomeEqual } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const operations = Number(process.env['TSYNCD_CHURN_OPERATIONS'] ?? 5000);
const seed = Number(process.env['TSYNCD_CHURN_SEED'] ?? 20_261_121);
const only = process.env['TSYNCD_CHURN_ONLY'] ?? '';

/** A difference that a later change would hide is found when it is left alone often. */
const OPERATIONS_AT_ONCE = 2500;
const DEADLINE_MS = 300_000;
/** Files are bigger when they were appended to. */
const BIG_BYTES = 6;
/** It needs some 120 MB when it does nothing. */
const MAX_RSS_KIB = 300 * 1024;

interface Setting {
  readonly behaviour: 'rsync' | 'rsyncssh' | 'direct';
  readonly delay: number;
  readonly maxProcesses: number;
  readonly bigFilesAlone?: boolean;
}

// A default.rsyncssh has more than one process only where big files go alone.
const SETTINGS: readonly Setting[] = (['rsync', 'rsyncssh', 'direct'] as const).flatMap((behaviour) =>
  [0, 1, 5].flatMap((delay): Setting[] => [
    { behaviour, delay, maxProcesses: 1 },
    { behaviour, delay, maxProcesses: 4, bigFilesAlone: behaviour === 'rsyncssh' },
  ]),
);

const bigAlone: Setting = { behaviour: 'rsync', delay: 0, maxProcesses: 3, bigFilesAlone: true };

const titleOf = ({ behaviour, delay, maxProcesses, bigFilesAlone = false }: Setting): string =>
  `${behaviour}, delay ${delay}, maxProcesses ${maxProcesses}${bigFilesAlone ? ', big files alone' : ''}`;

const chosen = [...SETTINGS, bigAlone]
  .map((setting) => ({ setting, title: titleOf(setting) }))
  .filter(({ title }) => title.includes(only));

describe.concurrent(`after ${operations} changes with seed ${seed} the trees are equal`, () => {
  let sshPlace: Workplace;
  let sshd: TestSshd;

  beforeAll(async () => {
    sshPlace = makeWorkplace();
    sshd = await startSshd(sshPlace.path);
  });
  afterAll(async () => {
    await sshd.stop();
    sshPlace.end(false);
  });

  it.for(chosen)(
    '$title',
    { timeout: 180_000 + operations * 60 },
    async ({ setting }, { expect, onTestFinished }) => {
      const run = new ChurnRun(setting, sshd);
      onTestFinished(async ({ task }) => run.end(task.result?.state === 'fail'));
      await run.start();
      for (let left = operations; left > 0; left -= OPERATIONS_AT_ONCE) {
        await run.change(Math.min(left, OPERATIONS_AT_ONCE));
        await run.expectEqual(expect);
      }
    },
  );
});

/** A daemon with its trees. */
class ChurnRun {
  readonly #place: Workplace = makeWorkplace();
  readonly #source = join(this.#place.path, 'src');
  readonly #target = join(this.#place.path, 'trg');
  readonly #output = join(this.#place.path, 'output');
  readonly #status = join(this.#place.path, 'status');
  readonly #config: string;
  #daemon: RunningDaemon | undefined;
  readonly #churn: Churn;
  #changedMs = 0;

  constructor(setting: Setting, sshd: TestSshd) {
    const outside = join(this.#place.path, 'out');
    for (const folder of [this.#source, this.#target, outside]) mkdirSync(folder);
    this.#churn = new Churn({ folder: this.#source, outside, seed });
    this.#config = this.#place.write('conf.lua', this.#configOf(setting, sshd));
  }

  async start(): Promise<void> {
    // What it says goes to a file: a long run says more than fits into memory.
    const shell = `exec "$0" "$@" >>'${this.#output}' 2>&1`;
    const logged = ['Exec', 'Delay', 'Inotify'].flatMap((category) => ['-log', category]);
    this.#daemon = startDaemon({ program: 'sh', args: ['-c', shell, TSYNCD, ...logged, this.#config] });
    await waitUntil(() => readText(this.#output).includes('finished'), {
      deadlineMs: DEADLINE_MS,
      what: this.#output,
    });
  }

  async change(count: number): Promise<void> {
    await this.#churn.run(count);
    this.#changedMs = Date.now();
  }

  async expectEqual(expect: ExpectStatic): Promise<void> {
    await this.#isIdle();
    const flags = ['-rlptD', ...(process.getuid?.() === 0 ? ['-og'] : [])];
    const left = await becomeEqual(this.#source, this.#target, { flags, deadlineMs: DEADLINE_MS });
    expect(left, `kept in ${this.#place.path}`).toBe('');
    await this.#isIdle();
    const said = readText(this.#output);
    expect(said).not.toContain('bug of ours');
    expect(said).not.toContain('Error:');
    expect(residentKib(this.#daemon?.child.pid)).toBeLessThan(MAX_RSS_KIB);
    truncateSync(this.#output);
  }

  async end(failed: boolean): Promise<void> {
    await this.#daemon?.stop();
    this.#place.end(failed);
  }

  /** By its status file, which costs less than to compare the trees again and again. */
  async #isIdle(): Promise<void> {
    const isIdle = (): boolean =>
      statSync(this.#status).mtimeMs > this.#changedMs &&
      /There are 0 delays\n(?![\s\S]*Problems:)/.test(readText(this.#status));
    await waitUntil(isIdle, { deadlineMs: DEADLINE_MS, what: `an idle ${this.#status}` });
  }

  #configOf({ behaviour, delay, maxProcesses, bigFilesAlone = false }: Setting, sshd: TestSshd): string {
    const where =
      behaviour === 'rsyncssh'
        ? `host = '${sshd.host}', targetdir = '${this.#target}', ssh = ${sshd.luaTable}`
        : `target = '${this.#target}'`;
    const more = bigFilesAlone ? `batchSizeLimit = ${BIG_BYTES},` : '';
    return `settings { nodaemon = true, statusFile = '${this.#status}', statusInterval = 1 }
      sync { default.${behaviour}, source = '${this.#source}', ${where}, delay = ${delay}, ${more} maxProcesses = ${maxProcesses}, rsync = { archive = true } }`;
  }
}

function residentKib(pid: number | undefined): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
