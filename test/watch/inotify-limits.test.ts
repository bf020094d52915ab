// What happens when there is too much: events, directories, or too few rights; and at the end of the process.

import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { Audience, createHearer } from '../../src/watch/inotify/audience.ts';
import { BlindSpots } from '../../src/watch/inotify/blind-spots.ts';
import { createTree } from '../../src/watch/inotify/directory.ts';
import { createInotifyLog } from '../../src/watch/inotify/inotify-log.ts';
import { Walker, type Look } from '../../src/watch/inotify/walker.ts';
import { WatchTable } from '../../src/watch/inotify/watch-table.ts';
import { createInotifyMonitor } from '../../src/watch/inotify-monitor.ts';
import { buildThread } from './built-thread.ts';
import { createBench, createListening, settled, toHear } from './bench.ts';
import type { Bench } from './bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

beforeAll(buildThread);

/** `fs.inotify.max_queued_events` is 16,384 unless somebody changed it; a file makes two events. */
const filesOfAnOverflow = 12_000;

let bench: Bench;
const at = (path: string): string => join(bench.root, path);

beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.remove());

/** So that what was there before is told apart from what changed since. */
async function moreThanTheSlack(): Promise<void> {
  const end = Date.now() + 2100;
  await waitUntil(() => Date.now() > end, { deadlineMs: 10_000 });
}

describe('inotify monitor', () => {
  test('says that the kernel dropped events, finds the directories anew, and goes on', async () => {
    mkdirSync(at('gone'));
    mkdirSync(at('moved/deep'), { recursive: true });
    mkdirSync(at('stays'));
    const monitor = createInotifyMonitor({ log: silentLog, backlogLimitBytes: 0 });
    try {
      const listening = await bench.watch(monitor);
      // This thread does not let go until all is done, and the reader waits for this thread: the kernel's queue fills.
      for (let i = 0; i < filesOfAnOverflow; i++) writeFileSync(at(`stays/${i}`), '');
      rmSync(at('gone'), { recursive: true });
      renameSync(at('moved'), at('new-name'));
      mkdirSync(at('made/deep'), { recursive: true });
      writeFileSync(at('made/deep/f'), '1');
      await toHear(
        listening,
        'trouble overflow',
        'create /made/',
        'create /made/deep/',
        'create /made/deep/f',
      );
      await toHear(listening, 'create /new-name/deep/');
      const watched = [...monitor.watchedDirectories()].map(([, path]) =>
        path.slice(bench.source.length - 1),
      );
      expect(watched.toSorted()).toEqual(
        ['/', '/made/', '/made/deep/', '/new-name/', '/new-name/deep/', '/stays/'].toSorted(),
      );
      for (const directory of ['stays', 'new-name/deep', 'made/deep']) {
        writeFileSync(at(`${directory}/after`), '1');
        await toHear(listening, `create /${directory}/after`);
      }
    } finally {
      await monitor.close();
    }
  });

  test('tells what may have changed since events were lost, and no more', async () => {
    for (const directory of ['old', 'hot', 'from', 'gone/deep', 'same/deep'])
      mkdirSync(at(directory), { recursive: true });
    for (const file of ['old/f', 'hot/f', 'hot/mode', 'hot/gone', 'from/f', 'same/deep/f'])
      writeFileSync(at(file), 'x');
    const monitor = createInotifyMonitor({ log: silentLog, backlogLimitBytes: 0 });
    try {
      await moreThanTheSlack();
      const listening = await bench.watch(monitor);
      mkdirSync(at('filler'));
      await settled(listening, bench.root);
      for (let i = 0; i < filesOfAnOverflow; i++) writeFileSync(at(`filler/${i}`), '');
      appendFileSync(at('hot/f'), 'y');
      chmodSync(at('hot/mode'), 0o600);
      utimesSync(at('hot/f'), 1, 1);
      rmSync(at('hot/gone'));
      renameSync(at('from/f'), at('hot/moved'));
      rmSync(at('gone'), { recursive: true });
      mkdirSync(at('gone'));
      await toHear(listening, 'trouble overflow', 'trouble rescanned');
      const told = listening.told.slice(listening.told.indexOf('trouble overflow'));
      const found = told.filter((sentence) => !/filler|settled|trouble/.test(sentence));
      expect(found.toSorted()).toEqual(
        [
          'listing /',
          'listing /hot/',
          'listing /from/',
          'create /hot/f',
          'create /hot/mode',
          'create /hot/moved',
          'delete /gone/ movedOut',
          'create /gone/',
        ].toSorted(),
      );
    } finally {
      await monitor.close();
    }
  });

  test('a mark is passed only when what was lost before it is told', async () => {
    mkdirSync(at('filler'));
    const monitor = createInotifyMonitor({ log: silentLog, backlogLimitBytes: 0 });
    try {
      const listening = await bench.watch(monitor);
      for (let i = 0; i < filesOfAnOverflow; i++) writeFileSync(at(`filler/${i}`), '');
      writeFileSync(at('last'), 'x');
      await monitor.drained();
      expect(listening.told).toContain('create /last');
      expect(listening.told).toContain('trouble rescanned');
    } finally {
      await monitor.close();
    }
  });

  describe('a directory that cannot be watched', () => {
    /** A walker whose reader refuses what `refused` names. */
    function makeWalk(errno: number) {
      const listening = createListening();
      const audience = new Audience();
      const table = new WatchTable();
      const spots = new BlindSpots();
      const numbers = new Map<string, number>();
      let refused = /\/bad\//;
      const walker = new Walker({
        table,
        log: createInotifyLog(silentLog),
        spots,
        onRootGone: () => expect.unreachable(),
        onWatched: () => undefined,
        reader: {
          add: (path) => {
            if (refused.test(path)) return -errno;
            const wd = numbers.get(path) ?? numbers.size + 1;
            numbers.set(path, wd);
            return wd;
          },
          remove: () => undefined,
          now: () => 0,
          isSilentSince: () => false,
          countLinks: () => undefined,
        },
      });
      audience.add(
        createHearer({
          source: bench.source,
          inotifyMode: 'CloseWrite',
          subdirs: true,
          wantsDirectory: () => true,
          listener: listening.listener,
        }),
      );
      const tree = createTree(bench.source, audience);
      const look = (how: Look, since?: number): void => {
        for (const top of how === 'again' ? spots.topmost() : [tree.root]) walker.look(top, how, since);
        while (!walker.isIdle) walker.step();
      };
      const news = (): unknown => spots.takeNews().get(tree);
      const refuse = (pattern: RegExp): void => void (refused = pattern);
      return { listening, table, look, news, refuse };
    }

    test.each([
      ['EACCES', 13],
      ['ENAMETOOLONG', 36],
    ])('is named (%s), the others are watched, and it is new as soon as it can be', (code, errno) => {
      mkdirSync(at('bad/below'), { recursive: true });
      mkdirSync(at('good'));
      const { listening, look, news, refuse, table } = makeWalk(errno);
      look('quiet');
      expect(news()).toEqual([{ code, path: '/bad/', count: 1 }]);
      expect(table.size).toBe(2);
      look('again', 0);
      expect(news()).toBeUndefined();
      expect(listening.told).toEqual([]);
      refuse(/nothing/);
      look('again', Number.POSITIVE_INFINITY);
      expect(listening.told).toEqual(['delete /bad/ movedOut', 'create /bad/', 'create /bad/below/']);
      expect(news()).toEqual([]);
      expect(table.size).toBe(4);
    });

    test('for want of watches is listed all the same, and told of as it changes', () => {
      for (const path of ['bad/same', 'bad/gone', 'bad/replaced']) mkdirSync(at(path), { recursive: true });
      for (const path of ['bad/same/old', 'bad/replaced/old']) writeFileSync(at(path), '');
      const { listening, look, news, refuse, table } = makeWalk(28);
      look('quiet');
      expect(news()).toEqual([{ code: 'ENOSPC', path: '/bad/', count: 4 }]);
      look('again', Number.POSITIVE_INFINITY);
      expect(listening.told).toEqual([]);
      rmSync(at('bad/gone'), { recursive: true });
      mkdirSync(at('bad/new'));
      writeFileSync(at('bad/new/f'), '');
      mkdirSync(join(bench.outside, 'other'));
      rmSync(at('bad/replaced'), { recursive: true });
      renameSync(join(bench.outside, 'other'), at('bad/replaced'));
      look('again', Number.POSITIVE_INFINITY);
      expect(listening.told.toSorted()).toEqual(
        [
          'delete /bad/gone/ movedOut',
          'create /bad/new/',
          'create /bad/new/f',
          'delete /bad/replaced/ movedOut',
          'create /bad/replaced/',
        ].toSorted(),
      );
      listening.told.length = 0;
      look('again', 0);
      expect(listening.told).toContain('listing /bad/');
      expect(listening.told).toContain('create /bad/same/old');
      listening.told.length = 0;
      refuse(/nothing/);
      look('again', Number.POSITIVE_INFINITY);
      expect(listening.told).toEqual([]);
      expect(news()).toEqual([]);
      expect(table.size).toBe(5);
    });
  });

  test.each([
    ['process.exit()', 'process.exit(7)', 7],
    ['an error nobody catches', 'throw new Error("test")', 1],
    ['nothing left to do', 'watch.stop()', 0],
    ['close()', 'await monitor.close()', 0],
  ])('lets the process end by %s', (_name, statement, exitCode) => {
    const monitor = fileURLToPath(new URL('../../dist/watch/inotify-monitor.js', import.meta.url));
    const script = `
      import { createInotifyMonitor } from ${JSON.stringify(monitor)};
      const log = Object.assign(() => undefined, { isOn: () => false });
      const monitor = createInotifyMonitor({ log });
      const listener = { onEvent() {}, onTrouble() {}, onBurstEnd() {} };
      const options = { inotifyMode: 'CloseWrite', subdirs: true, wantsDirectory: () => true, listener };
      const watch = await monitor.watch({ ...options, source: ${JSON.stringify(bench.source)} });
      await new Promise((resolve) => setTimeout(resolve, 100));
      ${statement};`;
    const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      stdio: 'ignore',
      timeout: 20_000,
    });
    expect({ status, signal }).toEqual({ status: exitCode, signal: null });
  });

  test('keeps the process alive while it watches', () => {
    const monitor = fileURLToPath(new URL('../../dist/watch/inotify-monitor.js', import.meta.url));
    const script = `
      import { createInotifyMonitor } from ${JSON.stringify(monitor)};
      import { writeFileSync } from 'node:fs';
      const log = Object.assign(() => undefined, { isOn: () => false });
      const listener = { onEvent() { process.exit(9); }, onTrouble() {}, onBurstEnd() {} };
      const options = { inotifyMode: 'CloseWrite', subdirs: true, wantsDirectory: () => true, listener };
      await createInotifyMonitor({ log }).watch({ ...options, source: ${JSON.stringify(bench.source)} });
      writeFileSync(${JSON.stringify(at('f'))}, '');`;
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      stdio: 'ignore',
      timeout: 20_000,
    });
    expect(status).toBe(9);
  });
});
