// Changes that are over before the monitor can look: all of them are made without a turn of the event loop, so every event is late.

import { mkdirSync, renameSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { libc } from '../../src/os/libc.ts';
import { createInotifyMonitor } from '../../src/watch/inotify-monitor.ts';
import type { Monitor } from '../../src/watch/monitor.ts';
import { buildThread } from './built-thread.ts';
import { createBench, createListening, settled, toHear } from './bench.ts';
import type { Bench, Told } from './bench.ts';
import { fromText } from '../../src/byte-path.ts';

beforeAll(buildThread);

let bench: Bench;
let monitor: Monitor;
const at = (path: string): string => join(bench.root, path);

beforeEach(() => {
  bench = createBench();
  monitor = createInotifyMonitor({ log: silentLog });
});
afterEach(async () => {
  await monitor.close();
  bench.remove();
});

function watchedPaths(): string[] {
  return [...monitor.watchedDirectories()].map(([, path]) => path.slice(bench.source.length - 1)).toSorted();
}

interface Race {
  readonly name: string;
  readonly given?: () => void;
  readonly when: () => void;
  readonly told: readonly Told[];
  readonly watched: readonly string[];
  /** Then a file made in each of these is told of, under the path it has. */
  readonly alive: readonly string[];
}

const races: readonly Race[] = [
  {
    name: 'a directory that is renamed before it could be watched is listed under its new name',
    when: () => {
      mkdirSync(at('a/x'), { recursive: true });
      writeFileSync(at('a/f'), '1');
      renameSync(at('a'), at('b'));
    },
    told: ['create /a/', 'delete /a/ movedOut', 'create /b/', 'create /b/f'],
    watched: ['/', '/b/', '/b/x/'],
    alive: ['b', 'b/x'],
  },
  {
    name: 'a new directory that takes the name of one just renamed is told apart from it',
    when: () => {
      mkdirSync(at('d'));
      writeFileSync(at('d/first'), '1');
      renameSync(at('d'), at('e'));
      mkdirSync(at('d'));
      writeFileSync(at('d/second'), '2');
    },
    told: ['create /d/', 'create /d/second', 'delete /e/ movedOut', 'create /e/', 'create /e/first'],
    watched: ['/', '/d/', '/e/'],
    alive: ['d', 'e'],
  },
  {
    name: 'a directory that is deleted and made again is listed again',
    given: () => mkdirSync(at('d/old'), { recursive: true }),
    when: () => {
      rmSync(at('d'), { recursive: true });
      mkdirSync(at('d/new'), { recursive: true });
    },
    told: ['delete /d/old/', 'delete /d/', 'create /d/', 'create /d/new/'],
    watched: ['/', '/d/', '/d/new/'],
    alive: ['d', 'd/new'],
  },
  {
    name: 'two directories swapped by three renames keep their watches',
    given: () => {
      mkdirSync(at('a/in-a'), { recursive: true });
      mkdirSync(at('b/in-b'), { recursive: true });
    },
    when: () => {
      renameSync(at('a'), at('tmp'));
      renameSync(at('b'), at('a'));
      renameSync(at('tmp'), at('b'));
    },
    told: ['move /a/ -> /tmp/', 'move /b/ -> /a/', 'move /tmp/ -> /b/'],
    watched: ['/', '/a/', '/a/in-b/', '/b/', '/b/in-a/'],
    alive: ['a/in-b', 'b/in-a'],
  },
  {
    name: 'a directory that replaces an empty one is watched, and the replaced one is not',
    given: () => {
      mkdirSync(at('a/x'), { recursive: true });
      mkdirSync(at('b'));
    },
    when: () => renameSync(at('a'), at('b')),
    told: ['move /a/ -> /b/ over'],
    watched: ['/', '/b/', '/b/x/'],
    alive: ['b', 'b/x'],
  },
  {
    name: 'the parent of a new directory moves before that could be watched',
    given: () => mkdirSync(at('p')),
    when: () => {
      mkdirSync(at('p/new/deep'), { recursive: true });
      writeFileSync(at('p/new/deep/f'), '1');
      renameSync(at('p'), at('q'));
    },
    told: ['create /p/new/', 'move /p/ -> /q/', 'create /q/new/deep/', 'create /q/new/deep/f'],
    watched: ['/', '/q/', '/q/new/', '/q/new/deep/'],
    alive: ['q', 'q/new', 'q/new/deep'],
  },
  {
    name: 'a directory moves below another one and is back before we know that it was ever away',
    when: () => {
      mkdirSync(at('p'));
      mkdirSync(at('q'));
      renameSync(at('p'), at('q/p'));
      renameSync(at('q/p'), at('p'));
      renameSync(at('q'), at('p/q'));
      writeFileSync(at('p/q/f'), '1');
    },
    told: ['create /p/q/f'],
    watched: ['/', '/p/', '/p/q/'],
    alive: ['p', 'p/q'],
  },
  {
    name: 'a directory that leaves and comes back is listed, for it may have changed outside',
    given: () => mkdirSync(at('d')),
    when: () => {
      renameSync(at('d'), join(bench.outside, 'd'));
      writeFileSync(join(bench.outside, 'd/f'), '1');
      renameSync(join(bench.outside, 'd'), at('d'));
    },
    told: ['delete /d/ movedOut', 'create /d/', 'create /d/f'],
    watched: ['/', '/d/'],
    alive: ['d'],
  },
  {
    name: 'a directory that became a file is not watched',
    given: () => mkdirSync(at('d')),
    when: () => {
      rmdirSync(at('d'));
      writeFileSync(at('d'), '1');
    },
    told: ['delete /d/', 'create /d', 'modify /d'],
    watched: ['/'],
    alive: [],
  },
];

describe('inotify monitor', () => {
  test.each(races)('$name', async ({ given, when, told, watched, alive }) => {
    given?.();
    const listening = await bench.watch(monitor);
    when();
    await toHear(listening, ...told);
    await settled(listening, bench.root);
    expect(watchedPaths()).toEqual(watched);
    for (const directory of alive) {
      listening.told.length = 0;
      writeFileSync(at(`${directory}/alive`), '1');
      await toHear(listening, `create /${directory}/alive`);
    }
  });

  test('two names that are exchanged in one step are both looked at', async () => {
    const renameat2 = libc.func(
      'int renameat2(int, const char *from, int, const char *to, unsigned int flags)',
    );
    mkdirSync(at('a/in-a'), { recursive: true });
    mkdirSync(at('b/in-b'), { recursive: true });
    const listening = await bench.watch(monitor);
    expect(renameat2(-100, at('a'), -100, at('b'), 2)).toBe(0);
    await toHear(listening, 'create /a/in-b/');
    await toHear(listening, 'create /b/in-a/');
    expect(watchedPaths()).toEqual(['/', '/a/', '/a/in-b/', '/b/', '/b/in-a/']);
  });

  test('two directories that are made and swapped by three renames at once are told apart', async () => {
    const listening = await bench.watch(monitor);
    mkdirSync(at('a/in-a'), { recursive: true });
    mkdirSync(at('b/in-b'), { recursive: true });
    renameSync(at('a'), at('tmp'));
    renameSync(at('b'), at('a'));
    renameSync(at('tmp'), at('b'));
    await toHear(listening, 'create /a/in-b/', 'create /b/in-a/');
    await settled(listening, bench.root);
    writeFileSync(at('a/f'), '1');
    writeFileSync(at('b/g'), '1');
    await toHear(listening, 'create /a/f', 'create /b/g');
    expect(watchedPaths()).toEqual(['/', '/a/', '/a/in-b/', '/b/', '/b/in-a/']);
  });

  test('a directory moved while it is written to is told under its new path', async () => {
    mkdirSync(at('d'));
    const listening = await bench.watch(monitor);
    for (let i = 0; i < 50; i++) {
      writeFileSync(at(`${i % 2 === 0 ? 'd' : 'e'}/f${i}`), '1');
      renameSync(at(i % 2 === 0 ? 'd' : 'e'), at(i % 2 === 0 ? 'e' : 'd'));
    }
    writeFileSync(at('d/last'), '1');
    await toHear(listening, 'create /d/f0', 'move /d/ -> /e/', 'move /e/ -> /d/', 'create /d/last');
    expect(listening.told.filter((sentence) => sentence.startsWith('move'))).toHaveLength(50);
  });

  test('a directory moved where nobody wants it is told as a move, and not watched any more', async () => {
    mkdirSync(at('d/e'), { recursive: true });
    const listening = await bench.watch(monitor, { wantsDirectory: (path) => !path.startsWith('/skip/') });
    renameSync(at('d'), at('skip'));
    await toHear(listening, 'move /d/ -> /skip/');
    writeFileSync(at('skip/e/f'), '1');
    await settled(listening, bench.root);
    expect(listening.told).toEqual(['move /d/ -> /skip/']);
    expect(watchedPaths()).toEqual(['/']);
  });

  test('a directory moved from where nobody wanted it is new, with all that is in it', async () => {
    mkdirSync(at('skip/e'), { recursive: true });
    writeFileSync(at('skip/e/f'), '1');
    const listening = await bench.watch(monitor, { wantsDirectory: (path) => !path.startsWith('/skip/') });
    renameSync(at('skip'), at('d'));
    await toHear(listening, 'delete /skip/ movedOut', 'create /d/', 'create /d/e/', 'create /d/e/f');
    expect(watchedPaths()).toEqual(['/', '/d/', '/d/e/']);
  });

  test('what a move takes out of an exclude is listed, and what it takes into one is not watched', async () => {
    mkdirSync(at('a/secret'), { recursive: true });
    writeFileSync(at('a/secret/f'), '1');
    mkdirSync(at('a/open'));
    const unwanted = new Set(['/a/secret/', '/b/open/']);
    const listening = await bench.watch(monitor, { wantsDirectory: (path) => !unwanted.has(path) });
    renameSync(at('a'), at('b'));
    await toHear(listening, 'move /a/ -> /b/', 'create /b/secret/', 'create /b/secret/f');
    expect(watchedPaths()).toEqual(['/', '/b/', '/b/secret/']);
  });

  test('a directory that was found before the file of that name was heard to leave is listed again when it is heard of', async () => {
    mkdirSync(at('p'));
    for (const name of ['v', 'y']) writeFileSync(at(`p/${name}`), '1');
    await bench.watch(monitor);
    // What is in p is new to this one once p is q: listed then, as it is after all of the following.
    const listening = await bench.watch(monitor, { wantsDirectory: (path) => path !== '/p/' });
    renameSync(at('p'), at('q'));
    renameSync(at('q/y'), at('q/x'));
    renameSync(at('q/x'), at('q/z'));
    mkdirSync(at('q/x'));
    writeFileSync(at('q/x/f'), '1');
    rmSync(at('q/v'));
    mkdirSync(at('q/v'));
    writeFileSync(at('q/v/f'), '1');
    await toHear(listening, 'create /q/x/f', 'move /q/x -> /q/z', 'create /q/x/', 'create /q/x/f');
    await toHear(listening, 'create /q/v/f', 'delete /q/v', 'create /q/v/', 'create /q/v/f');
    await settled(listening, bench.root);
    expect(watchedPaths()).toEqual(['/', '/q/', '/q/v/', '/q/x/']);
    writeFileSync(at('q/x/alive'), '1');
    await toHear(listening, 'create /q/x/alive');
  });

  test('a directory from elsewhere that replaces one just moved, which the kernel does not mention, is found', async () => {
    for (const name of ['d', 'm']) mkdirSync(at(name));
    mkdirSync(join(bench.outside, 'o/deep'), { recursive: true });
    await monitor.close();
    monitor = createInotifyMonitor({ log: silentLog, backlogLimitBytes: 0 });
    const listening = await bench.watch(monitor);
    // After a move what was watched lately is looked up again, and not once more.
    renameSync(at('m'), at('n'));
    await settled(listening, bench.root);
    await monitor.drained();
    // The reader has something to wait with for this thread, and leaves the rest in the kernel's queue.
    for (let i = 0; i < 2000; i++) writeFileSync(at('f'), '1');
    // Two events in a row that differ by their cookie only: inotify drops the second.
    renameSync(at('d'), at('e'));
    renameSync(join(bench.outside, 'o'), at('e'));
    await toHear(listening, 'move /d/ -> /e/', 'delete /e/ movedOut', 'create /e/', 'create /e/deep/');
    await settled(listening, bench.root);
    expect(watchedPaths()).toEqual(['/', '/e/', '/e/deep/', '/n/']);
    writeFileSync(at('e/deep/alive'), '1');
    await toHear(listening, 'create /e/deep/alive');
  });

  test('a move between two sources is a delete in one and a create in the other', async () => {
    const other = createBench();
    try {
      mkdirSync(at('d/e'), { recursive: true });
      const here = await bench.watch(monitor);
      const there = await other.watch(monitor);
      renameSync(at('d'), join(other.root, 'd'));
      await toHear(here, 'delete /d/ movedOut');
      await toHear(there, 'create /d/', 'create /d/e/');
      writeFileSync(join(other.root, 'd/e/f'), '1');
      await toHear(there, 'create /d/e/f');
      expect(here.told).toEqual(['delete /d/ movedOut']);
    } finally {
      other.remove();
    }
  });

  test('a source inside another source is told of in both, with one watch for both', async () => {
    mkdirSync(at('inner/d'), { recursive: true });
    const outer = await bench.watch(monitor);
    const inner = createListening();
    const watch = await monitor.watch({
      source: fromText(`${at('inner')}/`),
      inotifyMode: 'CloseWrite',
      subdirs: true,
      wantsDirectory: () => true,
      listener: inner.listener,
    });
    expect(monitor.size).toBe(3);
    writeFileSync(at('inner/d/f'), '1');
    await toHear(outer, 'create /inner/d/f', 'modify /inner/d/f');
    await toHear(inner, 'create /d/f', 'modify /d/f');
    watch.stop();
    expect(monitor.size).toBe(3);
    writeFileSync(at('inner/d/g'), '1');
    await toHear(outer, 'create /inner/d/g');
    expect(inner.told).toEqual(['create /d/f', 'modify /d/f']);
  });

  test('a source that is moved away is trouble, and nothing is told under its old path', async () => {
    const listening = await bench.watch(monitor);
    renameSync(bench.root, join(bench.outside, 'source'));
    await toHear(listening, 'trouble source-gone moved away');
    writeFileSync(join(bench.outside, 'source/f'), '1');
    expect(monitor.size).toBe(0);
    expect(listening.told).toEqual(['trouble source-gone moved away']);
  });

  test.each([
    ['CloseWrite', ['create /f', 'modify /f']],
    ['Modify', ['create /f', 'modify /f']],
    ['CloseWrite or Modify', ['create /f', 'modify /f', 'modify /f']],
  ] as const)('inotifyMode %s tells of a new file as %j', async (inotifyMode, told) => {
    const listening = await bench.watch(monitor, { inotifyMode });
    writeFileSync(at('f'), '1');
    await settled(listening, bench.root);
    await toHear(listening, ...told);
    expect(listening.told.filter((sentence) => sentence.endsWith('/f'))).toEqual(told);
  });

  test('a second listener with another inotifyMode hears its kind of news, the first one its own', async () => {
    const closed = await bench.watch(monitor, { inotifyMode: 'CloseWrite' });
    const both = await bench.watch(monitor, { inotifyMode: 'CloseWrite or Modify' });
    writeFileSync(at('f'), '1');
    await toHear(both, 'create /f', 'modify /f', 'modify /f');
    expect(closed.told).toEqual(['create /f', 'modify /f']);
  });
});
