// Fewer watches than directories, in a user namespace with a limit of its own; and directories that may not be read. What cannot be watched
// is looked at from time to time, and everything arrives.

import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  countMatches,
  makeWorkplace,
  readText,
  startDaemon,
  TSYNCD,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { becomeEqual } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const DEADLINE_MS = 30_000;

/** Arguments of unshare: a namespace of one's own, with a limit below that of the machine, for what follows. */
function withWatches(count: number): readonly string[] {
  const enter = `echo ${count} >/proc/sys/user/max_inotify_watches && exec "$0" "$@"`;
  return ['-Ur', 'sh', '-c', enter];
}

const noNamespaces = spawnSync('unshare', [...withWatches(1), 'true']).status !== 0;
const mayNotSkip = process.env['TSYNCD_TEST_NO_SKIP'] === '1';

let place: Workplace;
let daemon: RunningDaemon | undefined;

beforeEach(() => {
  place = makeWorkplace();
  for (const folder of ['src', 'trg', 'out']) mkdirSync(path(folder));
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  await daemon?.stop();
  if (failed) place.write('output', daemon?.output() ?? '');
  place.end(failed);
});

function path(name: string): string {
  return join(place.path, name);
}

function config(behaviour: string): string {
  return place.write(
    'conf.lua',
    `settings { nodaemon = true, statusFile = '${path('status')}', statusInterval = 1, rescanInterval = 1 }
     sync { default.${behaviour}, source = '${path('src')}', target = '${path('trg')}', delay = 0,
       rsync = { archive = true, file_list = true } }\n`,
  );
}

async function expectEqual(): Promise<void> {
  const left = await becomeEqual(path('src'), path('trg'), { flags: ['-rlptD'], deadlineMs: DEADLINE_MS });
  expect(left, daemon?.output()).toBe('');
}

describe.skipIf(noNamespaces && !mayNotSkip)('with fewer watches than directories', () => {
  async function start(behaviour: string, watches: number): Promise<RunningDaemon> {
    daemon = startDaemon({ program: 'unshare', args: [...withWatches(watches), TSYNCD, config(behaviour)] });
    await daemon.saw('finished');
    return daemon;
  }

  it.each(['rsync', 'direct'])('default.%s brings over whatever changes below them', async (behaviour) => {
    for (let i = 0; i < 40; i++) {
      mkdirSync(path(`src/d${i}/deep`), { recursive: true });
      place.write(`src/d${i}/f`, `${i}`);
      place.write(`src/d${i}/deep/gone`, `${i}`);
    }
    const running = await start(behaviour, 10);
    await running.saw(
      /Error: Sync1|Error: Cannot watch \d+ directories of Sync1 \(one is ".*"\): no inotify/,
    );
    expect(running.output()).toMatch(
      /Cannot watch 7\d directories of Sync1 .*: 8\d directories need one; 10 are allowed for all programs of this user; raise the limit: sysctl -w fs\.inotify\.max_user_watches=128\. Until then: looked at every 1 s/,
    );
    for (let i = 0; i < 40; i += 2) {
      place.write(`src/d${i}/f`, 'changed');
      chmodSync(path(`src/d${i}/deep`), 0o700);
      rmSync(path(`src/d${i}/deep/gone`));
      mkdirSync(path(`src/d${i}/new/deep`), { recursive: true });
      writeFileSync(path(`src/d${i}/new/deep/f`), 'new');
    }
    renameSync(path('src/d1'), path('src/d3/deep/moved'));
    renameSync(path('src/d5/deep'), path('out/deep'));
    renameSync(path('src/d7/deep'), path('src/d5/deep'));
    rmSync(path('src/d9'), { recursive: true });
    writeFileSync(path('src/d9'), 'a file now');
    await expectEqual();
    // What has no event either: only times, and another directory of the same name.
    renameSync(path('out/deep'), path('src/d11/deep/inner'));
    chmodSync(path('src/d13/f'), 0o600);
    await expectEqual();
    expect(countMatches(running.output(), 'Cannot watch')).toBe(1);
    expect(countMatches(running.output(), 'recursive full rsync')).toBe(1);
    expect(running.output()).not.toContain('bug of ours');
    await waitUntil(
      () => /^Not watched: \d+ directories \(ENOSPC\), looked at/m.test(readText(path('status'))),
      {
        deadlineMs: DEADLINE_MS,
      },
    );
    for (let i = 10; i < 40; i++) rmSync(path(`src/d${i}`), { recursive: true });
    for (let i = 1; i < 10; i++) rmSync(path(`src/d${i}`), { recursive: true, force: true });
    await running.saw('all its directories are watched again', { deadlineMs: DEADLINE_MS });
    await expectEqual();
    place.write('src/d0/after', '1');
    await expectEqual();
    await waitUntil(() => !readText(path('status')).includes('Not watched'), { deadlineMs: DEADLINE_MS });
  });

  it('a source without any watch is looked at from time to time too', async () => {
    mkdirSync(path('src/d'));
    place.write('src/d/gone', '1');
    const running = await start('rsync', 0);
    expect(running.output()).toMatch(/Cannot watch 2 directories of Sync1 .*max_user_watches=4\./);
    place.write('src/f', '1');
    rmSync(path('src/d/gone'));
    await expectEqual();
  });

  it.skipIf(process.getuid?.() !== 0 && !mayNotSkip)(
    'a directory that may not be read is named once, and arrives when it may (root makes it unreadable)',
    async () => {
      mkdirSync(path('src/secret/deep'), { recursive: true });
      place.write('src/secret/deep/f', '1');
      // Of a user that the namespace does not know, so that its root has no rights there.
      chownSync(path('src/secret'), 4711, 4711);
      chmodSync(path('src/secret'), 0o700);
      const running = await start('rsync', 100);
      await running.saw(
        /Error: Cannot watch 1 directory of Sync1 \(one is ".*\/secret\/"\): EACCES\. Until then: looked at every 1 s/,
      );
      place.write('src/other', '1');
      await waitUntil(() => readText(path('trg/other')) === '1', { deadlineMs: DEADLINE_MS });
      chownSync(path('src/secret'), 0, 0);
      await waitUntil(() => readText(path('trg/secret/deep/f')) === '1', { deadlineMs: DEADLINE_MS });
      await running.saw('all its directories are watched again');
      place.write('src/secret/deep/f', '22');
      await waitUntil(() => readText(path('trg/secret/deep/f')) === '22', { deadlineMs: DEADLINE_MS });
      expect(countMatches(running.output(), 'Cannot watch')).toBe(1);
    },
  );
});
