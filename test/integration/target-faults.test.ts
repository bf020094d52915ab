// Targets that fail under load and come back: all arrives, nothing stays named as failed, memory is what it was, and the log says
// what it should. TSYNCD_FAULT_SECONDS=60 makes each fault that long.

import { spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import {
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { underLoad } from '../helpers/load.ts';
import { endChild, freePort, startRsyncd } from '../helpers/rsyncd.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { becomeEqual } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const FAULT_MS = Number(process.env['TSYNCD_FAULT_SECONDS'] ?? 2) * 1000;

/** The pauses between tries have grown by then. */
const RECOVERY_MS = 30_000 + 3 * FAULT_MS;

/** More than that is kept somewhere; less is what a garbage collection has not done yet. */
const MAX_GROWTH_MB = 120;

let place: Workplace;
let daemon: RunningDaemon | undefined;
let sshd: TestSshd | undefined;
let children: ChildProcess[];
let undo: (() => void)[];

beforeEach(() => {
  place = makeWorkplace();
  daemon = undefined;
  sshd = undefined;
  children = [];
  undo = [];
  mkdirSync(path('src'));
  mkdirSync(path('mnt'));
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  if (failed)
    process.stderr.write(
      `${(daemon?.output() ?? '').slice(-10_000)}\n${readText(path('status')).slice(0, 3000)}`,
    );
  await daemon?.stop();
  await sshd?.stop();
  await Promise.all(children.map(endChild));
  for (const step of undo.toReversed()) step();
  place.end(failed);
});

function path(name: string): string {
  return join(place.path, name);
}

/** An rsync daemon for `mnt`, which ends with the test. */
function serveMnt(port: number): ChildProcess {
  const child = startRsyncd({ folder: place.path, path: path('mnt'), port });
  children.push(child);
  return child;
}

function sh(script: string): { readonly isDone: boolean; readonly stderr: string } {
  const { status, stderr } = spawnSync('sh', ['-ec', script], { encoding: 'utf8' });
  return { isDone: status === 0, stderr };
}

/** What only root may do, and not everywhere. */
function needs(context: TestContext, script: string): void {
  const { isDone, stderr } = sh(script);
  context.skip(!isDone && process.env['TSYNCD_TEST_NO_SKIP'] !== '1', `not permitted here: ${stderr}`);
  expect(stderr).toBe('');
}

/** Each sync of `src`, with delay 0 unless it says otherwise. */
function start(...syncs: readonly string[]): Promise<RunningDaemon> {
  return startWithin(10_000, syncs);
}

/** Their startups must all be over in that time. */
async function startWithin(deadlineMs: number, syncs: readonly string[]): Promise<RunningDaemon> {
  const blocks = syncs.map((sync) => `sync { delay = 0, ${sync}, source = '${path('src')}' }`);
  const config = place.write(
    'conf.lua',
    `settings { nodaemon = true, insist = true, statusFile = '${path('status')}', statusInterval = 1 }\n${blocks.join('\n')}\n`,
  );
  const running = startDaemon({ args: [config] });
  daemon = running;
  await running.saw(/finished/, { times: syncs.length, deadlineMs });
  return running;
}

function rssMegabytes({ child }: RunningDaemon): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
}

interface Fault {
  readonly targets?: readonly string[];
  readonly begin: () => void | Promise<void>;
  readonly end: () => void | Promise<void>;
  /** It is seen that the target fails; the first line of the log about it. */
  readonly says: RegExp;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The fault under load, and what is promised after it. */
async function suffer(
  running: RunningDaemon,
  { targets = ['mnt/trg'], begin, end, says }: Fault,
): Promise<void> {
  await underLoad(path('src'), () => pause(500));
  await everythingArrives(targets);
  const before = rssMegabytes(running);
  await underLoad(path('src'), async () => {
    await begin();
    await running.saw(says, { deadlineMs: RECOVERY_MS });
    await pause(FAULT_MS);
    await end();
    await pause(500);
  });
  await everythingArrives(targets);
  expect(rssMegabytes(running) - before).toBeLessThan(MAX_GROWTH_MB);
}

/** Equal, nothing waits, nothing is named. */
async function everythingArrives(targets: readonly string[], flags = '-rlt'): Promise<void> {
  for (const target of targets) {
    expect(await becomeEqual(path('src'), path(target), { flags: [flags], deadlineMs: RECOVERY_MS })).toBe(
      '',
    );
  }
  const status = (): string => readText(path('status'));
  await waitUntil(() => !/^There are [1-9]|^Problems:/m.test(status()), {
    deadlineMs: RECOVERY_MS,
    what: `nothing to wait and nothing to be wrong: ${status()}`,
  });
}

function lines(running: RunningDaemon, pattern: RegExp): string[] {
  return running
    .output()
    .split('\n')
    .filter((line) => pattern.test(line));
}

/** One line when it begins, one a minute, one when it is over. */
async function expectQuiet(running: RunningDaemon): Promise<void> {
  // The trees are equal, and the status file says so, a moment before that is heard here.
  await running.saw(/Sync1: works again/);
  const minutes = Math.ceil((FAULT_MS + 60_000) / 60_000);
  const over = lines(running, /Sync1: works again after \d+ failed (try|tries)$/);
  expect(over.length).toBeGreaterThan(0);
  expect(lines(running, /Warn: Sync1: \S+ (ended with|took longer)/).length).toBeLessThanOrEqual(
    over.length * minutes,
  );
  expect(lines(running, /Error/)).toEqual([]);
}

describe('a server that is stopped and started again', () => {
  it(
    'rsync daemon',
    async () => {
      const port = await freePort();
      let rsyncd = serveMnt(port);
      const running = await start(`default.rsync, target = 'rsync://127.0.0.1:${port}/mod/trg'`);
      await suffer(running, {
        begin: () => endChild(rsyncd),
        end: () => void (rsyncd = serveMnt(port)),
        says: /Warn: Sync1: rsync ended with (10|12)/,
      });
      await expectQuiet(running);
    },
    120_000 + 5 * RECOVERY_MS,
  );

  it(
    'sshd',
    async () => {
      const server = await startSshd(place.path);
      sshd = server;
      const running = await start(
        `default.rsyncssh, host = '${server.host}', targetdir = '${path('mnt/trg')}', ssh = ${server.luaTable}`,
      );
      await suffer(running, {
        begin: () => server.stop(),
        end: () => server.start(),
        says: /Warn: Sync1: \S+ (ended with (255|12)|.*connect)/i,
      });
      await expectQuiet(running);
    },
    120_000 + 5 * RECOVERY_MS,
  );
});

it(
  'a link that is cut: the connection that hangs is ended after childTimeout',
  async (context) => {
    const id = `tsy${process.pid % 100_000}`;
    const net = `198.18.${process.pid % 250}`;
    undo.push(() => sh(`ip netns del ${id} 2>/dev/null; ip link del ${id} 2>/dev/null; true`));
    needs(
      context,
      `ip netns add ${id}; ip link add ${id} type veth peer name eth0 netns ${id}
     ip addr add ${net}.1/24 dev ${id}; ip link set ${id} up
     ip -n ${id} addr add ${net}.2/24 dev eth0; ip -n ${id} link set eth0 up; ip -n ${id} link set lo up`,
    );
    const before = ['ip', 'netns', 'exec', id];
    children.push(
      startRsyncd({ folder: place.path, path: path('mnt'), port: 8730, address: `${net}.2`, before }),
    );
    const running = await start(
      `default.rsync, target = 'rsync://${net}.2:8730/mod/trg', childTimeout = 2, rsync = { bwlimit = 200 }`,
    );
    await suffer(running, {
      begin: () => expect(sh(`ip -n ${id} link set eth0 down`).stderr).toBe(''),
      end: () => expect(sh(`ip -n ${id} link set eth0 up`).stderr).toBe(''),
      says: /Warn: Sync1: rsync (ended with (10|12)|took longer than childTimeout allows)/,
    });
    expect(lines(running, /works again/).length).toBeGreaterThan(0);
  },
  120_000 + 5 * RECOVERY_MS,
);

describe('a disk that is full, and has room again', () => {
  it.for(['rsync', 'rsyncssh', 'direct'])(
    'default.%s',
    { timeout: 120_000 + 5 * RECOVERY_MS },
    async (kind, context) => {
      undo.push(() => sh(`umount -l ${path('mnt')}; true`));
      needs(context, `mount -t tmpfs -o mode=755,size=8m tsyncd-test ${path('mnt')}`);
      sshd = kind === 'rsyncssh' ? await startSshd(place.path) : undefined;
      const where =
        sshd === undefined
          ? `target = '${path('mnt/trg')}'`
          : `host = '${sshd.host}', targetdir = '${path('mnt/trg')}', ssh = ${sshd.luaTable}`;
      const running = await start(`default.${kind}, ${where}`);
      await suffer(running, {
        begin: () =>
          void sh(
            `dd if=/dev/zero of=${path('mnt/fill')} bs=64k || true; dd if=/dev/zero of=${path('mnt/fill2')} bs=1 count=4096 || true`,
          ),
        end: () => rmSync(path('mnt/fill')),
        says: /No space left on device/,
      });
    },
  );
});

describe('a batch whose new directories are named alone, and that breaks in the middle', () => {
  const DIRECTORIES = 30;
  const FILES_IN_EACH = 100;

  /** An rsync that notes how it is called, holds batches while there is `hold`, and is slow enough to be caught at work. */
  async function startSlowly(target: string): Promise<RunningDaemon> {
    const script = [
      `echo "$*" >>${path('calls')}`,
      `case "$*" in *--files-from=-*) while [ -e ${path('hold')} ]; do sleep 0.05; done;; esac`,
      'exec rsync "$@"',
    ];
    const binary = place.write('rsync', `#!/bin/sh\n${script.join('\n')}\n`);
    chmodSync(binary, 0o755);
    return start(
      `default.rsync, target = '${target}', delay = 1, rsync = { binary = '${binary}', bwlimit = 500 }`,
    );
  }

  /** All of them come in one batch: while they are made, a batch before it is held. */
  async function makeDirectories(): Promise<void> {
    const batches = (): number => readText(path('calls')).match(/--files-from=-/g)?.length ?? 0;
    writeFileSync(path('hold'), '');
    writeFileSync(path('src/first'), '');
    await waitUntil(() => batches() === 1, { deadlineMs: 10_000, what: 'a batch to be held' });
    for (let directory = 0; directory < DIRECTORIES; directory++) {
      mkdirSync(path(`src/new${directory}`));
      for (let file = 0; file < FILES_IN_EACH; file++)
        writeFileSync(path(`src/new${directory}/f${file}`), `${directory} ${file}\n`.repeat(120));
    }
    // Their delay is over.
    await pause(1500);
    rmSync(path('hold'));
  }

  /** Some of it has arrived, and by far not all. */
  async function middle(): Promise<void> {
    await waitUntil(() => existsSync(path('mnt/trg/new2/f99')) || existsSync(path('mnt/trg/new10/f99')), {
      deadlineMs: 20_000,
      what: 'some of the new directories at the target',
    });
    expect(existsSync(path(`mnt/trg/new9/f${FILES_IN_EACH - 1}`))).toBe(false);
    expect(readText(path('calls'))).toMatch(/^-r .*--files-from=-/m);
  }

  function arrived(): number {
    let count = 0;
    for (let directory = 0; directory < DIRECTORIES; directory++)
      for (let file = 0; file < FILES_IN_EACH; file++)
        if (existsSync(path(`mnt/trg/new${directory}/f${file}`))) count++;
    return count;
  }

  /** An rsync whose partner was killed does not always remove the one it was writing (docs/reliability.md, "What is not promised"). */
  function removeTemporaryFiles(): void {
    expect(sh(`find ${path('mnt/trg')} -type f -name '.f*.??????' -delete`).stderr).toBe('');
  }

  function childrenOf(pid: number | undefined): readonly number[] {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
  }

  it('rsync is killed', { timeout: 2 * RECOVERY_MS }, async () => {
    const running = await startSlowly(path('mnt/trg'));
    await makeDirectories();
    await middle();
    for (const pid of childrenOf(running.child.pid)) process.kill(pid, 'SIGKILL');
    await running.saw(/Warn: Sync1: rsync /);
    await waitUntil(() => arrived() === DIRECTORIES * FILES_IN_EACH, {
      deadlineMs: RECOVERY_MS,
      what: 'all files at the target',
    });
    removeTemporaryFiles();
    // The time of a directory in which that removed one is not the source's any more.
    await everythingArrives(['mnt/trg'], '-rltO');
  });

  it('the server goes away, and comes back', { timeout: 2 * RECOVERY_MS }, async () => {
    const port = await freePort();
    const rsyncd = serveMnt(port);
    const running = await startSlowly(`rsync://127.0.0.1:${port}/mod/trg`);
    await makeDirectories();
    await middle();
    const serving = childrenOf(rsyncd.pid);
    expect(serving).not.toEqual([]);
    await endChild(rsyncd);
    for (const pid of serving) process.kill(pid, 'SIGKILL');
    await running.saw(/Warn: Sync1: rsync ended with (10|12|30)/);
    await pause(FAULT_MS);
    serveMnt(port);
    await everythingArrives(['mnt/trg']);
    await expectQuiet(running);
  });

  it('the disk fills, and has room again', { timeout: 3 * RECOVERY_MS }, async (context) => {
    undo.push(() => sh(`umount -l ${path('mnt')}; true`));
    needs(context, `mount -t tmpfs -o mode=755,size=16m tsyncd-test ${path('mnt')}`);
    const running = await startSlowly(path('mnt/trg'));
    await makeDirectories();
    await middle();
    sh(
      `dd if=/dev/zero of=${path('mnt/fill')} bs=64k || true; dd if=/dev/zero of=${path('mnt/fill2')} bs=1 count=4096 || true`,
    );
    await running.saw(/No space left on device/, { deadlineMs: RECOVERY_MS });
    await pause(FAULT_MS);
    rmSync(path('mnt/fill'));
    await everythingArrives(['mnt/trg']);
  });
});

describe('what an ordinary user may not do', () => {
  /** With an rsync of nobody's, as of a user on another host. */
  async function startAsNobody(context: TestContext): Promise<RunningDaemon> {
    needs(context, `chmod 755 ${place.path}; mkdir ${path('mnt/trg')}; chown 65534:65534 ${path('mnt/trg')}`);
    const binary = place.write(
      'rsync',
      '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups rsync "$@"\n',
    );
    chmodSync(binary, 0o755);
    return start(
      `default.rsync, target = '${path('mnt/trg')}', maxRetries = 1, rsync = { binary = '${binary}' }`,
    );
  }

  it('a target that may not be written, and may again, without any event', async (context) => {
    const running = await startAsNobody(context);
    mkdirSync(path('src/shut'));
    writeFileSync(path('src/shut/a'), '1');
    await everythingArrives(['mnt/trg']);
    chownSync(path('mnt/trg/shut'), 0, 0);
    writeFileSync(path('src/shut/b'), '2');
    writeFileSync(path('src/fine'), '3');
    await running.saw('Warn: Sync1: rsync ended with 23');
    // The directory too, where its time could not be set.
    await running.saw(/Error: Sync1: could not send (1 path|2 paths):\n(\/shut\n)?\/shut\/b\n/);
    await waitUntil(
      () => /^ {2}failed \/shut\/b \(\d+ tries\): .*Permission denied/m.test(readText(path('status'))),
      {
        deadlineMs: 10_000,
        what: 'its name and the reason in the status file',
      },
    );
    expect(readText(path('mnt/trg/fine'))).toBe('3');
    chownSync(path('mnt/trg/shut'), 65_534, 65_534);
    await waitUntil(() => readText(path('mnt/trg/shut/b')) === '2', { deadlineMs: RECOVERY_MS });
    await running.saw(/Sync1: (1 path|2 paths) that had failed arrived/);
    await everythingArrives(['mnt/trg']);
  });

  it('a file that may not be read arrives once it may be', async (context) => {
    const running = await startAsNobody(context);
    writeFileSync(path('src/secret'), '1', { mode: 0o600 });
    writeFileSync(path('src/fine'), '2');
    await running.saw(/Error: Sync1: could not send 1 path:\n\/secret\n/);
    chmodSync(path('src/secret'), 0o644);
    await waitUntil(() => readText(path('mnt/trg/secret')) === '1', { deadlineMs: 5000 });
    await everythingArrives(['mnt/trg']);
  });

  it('a startup that cannot send all names what it could not, and goes on', async (context) => {
    mkdirSync(path('src/shut'), { mode: 0o700 });
    writeFileSync(path('src/shut/a'), '1');
    writeFileSync(path('src/fine'), '2');
    const running = await startAsNobody(context);
    await running.saw(/Error: Sync1: could not send 1 path:\n\/shut\n/);
    expect(lines(running, /recursive full rsync/)).toHaveLength(1);
    chmodSync(path('src/shut'), 0o755);
    await waitUntil(() => readText(path('mnt/trg/shut/a')) === '1', { deadlineMs: 5000 });
    await everythingArrives(['mnt/trg']);
  });
});

it(
  'an sshd that lets one in at a time: several syncs all arrive',
  async () => {
    const server = await startSshd(place.path, ['MaxStartups 1']);
    sshd = server;
    const targets = ['mnt/1', 'mnt/2', 'mnt/3', 'mnt/4'];
    const syncs = targets.map(
      (target) =>
        `default.rsyncssh, host = '${server.host}', targetdir = '${path(target)}', ssh = ${server.luaTable}`,
    );
    // Three of the four are refused at first, and try again as after any fault.
    await startWithin(RECOVERY_MS, syncs);
    await underLoad(path('src'), () => pause(FAULT_MS));
    await everythingArrives(targets);
  },
  120_000 + 5 * RECOVERY_MS,
);

/** As after the clock was set, or from an archive. */
it('files with times of the past and of the future arrive, also when only their content is new', async () => {
  await start(`default.rsync, target = '${path('mnt/1')}'`, `default.direct, target = '${path('mnt/2')}'`);
  for (const content of ['one', 'two', 'six']) {
    for (const [name, seconds] of [
      ['past', 1],
      ['now', Date.now() / 1000],
      ['future', 4e9],
    ] as const) {
      writeFileSync(path(`src/${name}`), content);
      utimesSync(path(`src/${name}`), Math.floor(seconds), Math.floor(seconds));
    }
    await everythingArrives(['mnt/1', 'mnt/2']);
    for (const name of ['past', 'now', 'future']) {
      for (const target of ['mnt/1', 'mnt/2']) expect(readText(path(`${target}/${name}`))).toBe(content);
    }
  }
});

it('several writes of one size within a second all arrive, in many rounds', async () => {
  const rounds = Number(process.env['TSYNCD_QUICK_ROUNDS'] ?? 3);
  const server = await startSshd(place.path);
  sshd = server;
  const ssh = `host = '${server.host}', ssh = ${server.luaTable}`;
  const targets = ['mnt/1', 'mnt/2', 'mnt/3', 'mnt/4'];
  const kinds = ['default.rsync', `default.rsyncssh, ${ssh}`];
  const syncs = kinds.flatMap((kind, index) =>
    [0, 1].map((delay) => {
      const where = path(targets[2 * index + delay] ?? '');
      return `sync { ${kind}, ${index === 0 ? 'target' : 'targetdir'} = '${where}', source = '${path('src')}', delay = ${delay} }`;
    }),
  );
  const config = place.write(
    'conf.lua',
    `settings { nodaemon = true, statusFile = '${path('status')}', statusInterval = 1 }\n${syncs.join('\n')}\n`,
  );
  daemon = startDaemon({ args: [config] });
  await daemon.saw(/finished/, { times: 4 });
  for (let round = 0; round < rounds; round++) {
    for (let write = 0; write < 8; write++) {
      for (const name of ['a', 'b', 'c'])
        writeFileSync(path(`src/${name}`), `${round}.${write}.${name}`.padEnd(20));
      await pause(round * 17 + write * 11);
    }
    writeFileSync(path('src/by-rename~'), `${round}`.padEnd(20));
    renameSync(path('src/by-rename~'), path('src/by-rename'));
    await everythingArrives(targets);
    expect(statSync(path('mnt/1/a')).size).toBe(20);
  }
}, 120_000);
