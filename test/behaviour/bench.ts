// A source, a target and a behaviour between them, driven without queue or daemon: a change is made by a shell, the batch that
// a queue would have made of it is given by the test.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBehaviour, type BehaviourContext } from '../../src/behaviour/create-behaviour.ts';
import type { Behaviour, Outcome, Work } from '../../src/behaviour/behaviour.ts';
import { fromText, type BytePath } from '../../src/byte-path.ts';
import type { DirectSpec, RsyncSpec, RsyncSshSpec, SyncSpec, Verdict } from '../../src/config/sync-spec.ts';
import type { Log } from '../../src/log.ts';
import type { Batch, Delay, DelayKind } from '../../src/queue/delay.ts';
import type { ChildEnd, Command } from '../../src/run/command.ts';
import { doFileWork } from '../../src/run/file-work/do-file-work.ts';
import { explainEnd } from '../../src/run/exit-meaning.ts';
import { rsyncCapability } from '../../src/run/rsync-capability.ts';
import { createOpenSshTransport } from '../../src/run/ssh-transport.ts';
import { startChild } from '../../src/run/start-child.ts';

const AGAIN_CODES = [3, 5, 6, 10, 11, 12, 14, 20, 21, 22, 23, 30, 35, 255];

export const EXIT_CODES: ReadonlyMap<number, Verdict> = new Map<number, Verdict>([
  ...([0, 24] as const).map((code) => [code, 'ok'] as const),
  ...AGAIN_CODES.map((code) => [code, 'again'] as const),
  ...[1, 2, 4, 25].map((code) => [code, 'die'] as const),
]);

/** `kind` and what it needs are given by the test; the rest is lsyncd's default. */
export type SpecPatch = Partial<Omit<RsyncSpec, 'kind'>> &
  Partial<Omit<RsyncSshSpec, 'kind'>> &
  Partial<Omit<DirectSpec, 'kind'>>;

export interface Bench {
  readonly folder: string;
  readonly source: string;
  readonly target: string;
  readonly behaviour: Behaviour;
  /** What was logged, `Category: text`. */
  readonly lines: string[];
  /** Every command that ran, with its end. */
  readonly ran: { readonly command: Command; readonly end: ChildEnd }[];
  /** Runs shell text in the source. */
  shell(text: string): void;
  run(work: Work): Promise<Outcome>;
  batch(batch: Partial<Batch>): Promise<Outcome>;
  /** And what comes back of it though nothing failed, as from a queue: moves that have to be done another way. */
  batches(batch: Partial<Batch>): Promise<Outcome>;
  end(): void;
}

export interface BenchOptions {
  readonly kind: SyncSpec['kind'];
  readonly spec?: SpecPatch;
  readonly context?: Partial<BehaviourContext>;
  /** Commands are not run but end like this; undefined: this one is run. */
  readonly pretend?: (command: Command) => Partial<ChildEnd> | undefined;
  /** Called before each command that is run. */
  readonly before?: (command: Command) => void;
}

export function makeBench({
  kind,
  spec = {},
  context = {},
  pretend,
  before = () => undefined,
}: BenchOptions): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'tsyncd-behaviour-'));
  const source = join(folder, 'src');
  const target = join(folder, 'trg');
  mkdirSync(source);
  mkdirSync(target);
  const lines: string[] = [];
  const log: Log = Object.assign(
    (category: string, text: string) => void lines.push(`${category}: ${text}`),
    {
      isOn: () => true,
    },
  );
  const ran: { command: Command; end: ChildEnd }[] = [];
  const behaviour = createBehaviour(makeSpec({ kind, spec, source, target }), {
    log,
    capability: rsyncCapability,
    explainEnd,
    createSshTransport: createOpenSshTransport,
    ...context,
  });
  const start = async (command: Command): Promise<ChildEnd> => {
    const pretended = pretend?.(command);
    if (pretended !== undefined) return { ...NOTHING, ...pretended };
    before(command);
    if (command.files !== undefined) return { ...NOTHING, files: doFileWork(command.files, () => false) };
    return startChild(command).ended;
  };
  const run = async (work: Work): Promise<Outcome> => {
    let step = await work.next();
    while (step.done !== true) {
      const command = step.value;
      const end = await start(command);
      ran.push({ command, end });
      step = await work.next(end);
    }
    return step.value;
  };
  const batch = async ({ moves = [], changes = [] }: Partial<Batch>): Promise<Outcome> =>
    run(behaviour.batch({ moves, changes }));
  return {
    folder,
    source,
    target,
    behaviour,
    lines,
    ran,
    shell: (text) =>
      void execFileSync('bash', ['-ec', text], {
        cwd: source,
        env: { ...process.env, OUT: folder, TRG: target },
      }),
    run,
    batch,
    batches: async (first) => {
      const outcome = await batch(first);
      return outcome.verdict === 'again' && outcome.exitCode === 0 ? batch(outcome.remaining) : outcome;
    },
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const NOTHING: ChildEnd = {
  exitCode: 0,
  signal: undefined,
  spawnError: undefined,
  stderr: '',
  durationMs: 0,
};

function makeSpec({
  kind,
  spec,
  source,
  target,
}: {
  kind: SyncSpec['kind'];
  spec: SpecPatch;
  source: string;
  target: string;
}): SyncSpec {
  const base = {
    index: 1,
    name: 'Sync1',
    where: 'test',
    source: fromText(`${source}/`),
    delayMs: 0,
    maxDelays: 1000,
    maxProcesses: 1,
    init: true,
    delete: true,
    subdirs: true,
    filters: [],
    excludes: [],
    monitor: undefined,
    crontab: [],
    tunnel: undefined,
    childTimeoutMs: undefined,
    rescanIntervalMs: 60_000,
    maxDelete: undefined,
    maxRetries: 5,
    maxPaths: 100_000,
    allowEmptySource: false,
    rsync: rsyncOptions(),
    rsyncExitCodes: EXIT_CODES,
  } as const;
  if (kind === 'rsync')
    return { ...base, kind, target: fromText(`${target}/`), batchSizeLimit: undefined, ...spec };
  if (kind === 'direct') return { ...base, kind, target: fromText(`${target}/`), ...spec };
  return {
    ...base,
    kind,
    host: 'localhost',
    targetdir: fromText(`${target}/`),
    ssh: { binary: 'ssh', args: [], transport: 'openssh', isShared: false },
    xargs: { binary: 'xargs', delimiter: '\0', extra: ['-0', 'rm', '-rf', '--'] },
    sshExitCodes: new Map<number, Verdict>([
      [0, 'ok'],
      [255, 'again'],
    ]),
    batchSizeLimit: undefined,
    ...spec,
  };
}

/** lsyncd's defaults, changed. */
export function rsyncOptions(patch: Partial<RsyncSpec['rsync']> = {}): RsyncSpec['rsync'] {
  return {
    binary: 'rsync',
    shortFlags: 'lptgoD',
    extra: [],
    longOptions: [],
    deleteExcluded: false,
    fileList: undefined,
    ...patch,
  };
}

/** One waiting event. */
export function delay(kind: DelayKind, path: BytePath, more: Partial<Delay> = {}): Delay {
  return { kind, path, status: 'active', dueMs: 0, whole: false, ...more };
}

export function move(path: BytePath, movedTo: BytePath): Delay {
  return delay('Move', path, { movedTo });
}
