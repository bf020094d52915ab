// A file from elsewhere that takes the place of one just moved, while nobody reads: inotify drops the second of two events in a row that differ
// by their cookie only, so `mv a x; mv ../out/o x` is one move to whoever listens. It arrives all the same.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkplace, startDaemon, type RunningDaemon, type Workplace } from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** What there is before, what then happens unseen. */
const CASES = [
  ['a file', 'echo 1 >a; echo other >"$OUT/o"', 'mv a x; mv "$OUT/o" x'],
  [
    'a file of the same size and second',
    'echo 1 >a; echo 2 >"$OUT/o"; touch -d 2020-01-01T00:00:00.1 a; touch -d 2020-01-01T00:00:00.2 "$OUT/o"',
    'mv a x; mv "$OUT/o" x',
  ],
  ['a file over another one', 'echo 1 >a; echo old >x; echo other >"$OUT/o"', 'mv a x; mv "$OUT/o" x'],
  ['a symlink', 'ln -s one a; ln -s two "$OUT/o"', 'mv a x; mv "$OUT/o" x'],
  ['a symlink for a file', 'echo 1 >a; ln -s f "$OUT/o"', 'mv a x; mv "$OUT/o" x'],
  ['an odd name', `echo 1 >-rf; echo other >"$OUT/o"`, `mv -- -rf $'x\\ny'; mv "$OUT/o" $'x\\ny'`],
  ['one that goes on', 'echo 1 >a; echo other >"$OUT/o"', 'mv a x; mv "$OUT/o" x; mv x y'],
  ['one that came back', 'echo 1 >a; echo other >"$OUT/o"', 'mv a x; mv x a; mv "$OUT/o" a'],
  [
    'one in a directory that goes on',
    'mkdir d; echo 1 >a; echo other >"$OUT/o"',
    'mv a d/x; mv "$OUT/o" d/x; mv d e',
  ],
] as const;

describe.each(['rsync', 'rsyncssh', 'direct'])('default.%s', (behaviour) => {
  let place: Workplace;
  let sshd: TestSshd | undefined;
  let daemon: RunningDaemon;
  let source: string;
  let target: string;
  let isFailed = false;

  beforeAll(async () => {
    place = makeWorkplace();
    for (const folder of ['src', 'trg', 'out']) mkdirSync(join(place.path, folder));
    source = join(place.path, 'src');
    target = join(place.path, 'trg');
    sshd = behaviour === 'rsyncssh' ? await startSshd(place.path) : undefined;
    const where =
      sshd === undefined
        ? `target = '${target}'`
        : `host = '${sshd.host}', targetdir = '${target}', ssh = ${sshd.luaTable}`;
    const config = `settings { nodaemon = true }
      sync { default.${behaviour}, source = '${source}', ${where}, delay = 0, rsync = { archive = true } }`;
    daemon = startDaemon({ args: [place.write('conf.lua', config)] });
    await daemon.saw('finished');
  });
  afterAll(async () => {
    daemon.child.kill('SIGCONT');
    if (isFailed) process.stderr.write(daemon.output());
    await daemon.stop();
    await sshd?.stop();
    place.end(isFailed);
  });

  function shell(text: string): void {
    execFileSync('bash', ['-ec', text], {
      cwd: source,
      env: { ...process.env, OUT: join(place.path, 'out') },
    });
  }

  async function becomesEqual(): Promise<void> {
    let left = 'not looked at';
    const isEqual = (): boolean => (left = differences(source, target, ['-rlptD'])) === '';
    await waitUntil(isEqual, { deadlineMs: 10_000 }).catch(() => (isFailed = true));
    expect(left).toBe('');
  }

  async function unseen(text: string): Promise<void> {
    daemon.child.kill('SIGSTOP');
    const state = (): string => readFileSync(`/proc/${daemon.child.pid}/status`, 'utf8');
    await waitUntil(() => /^State:\tT/m.test(state()), {
      deadlineMs: 5000,
      what: 'the daemon to stand still',
    });
    shell(text);
    daemon.child.kill('SIGCONT');
  }

  it.each(CASES)('brings %s', async (_what, before, moves) => {
    shell(`rm -rf ./* "$OUT"/*; ${before}`);
    await becomesEqual();
    await unseen(moves);
    await becomesEqual();
    expect(daemon.output()).not.toMatch(/(Warn|Error):/);
  });
});
