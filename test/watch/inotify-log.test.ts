import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Log } from '../../src/log.ts';
import { createInotifyMonitor } from '../../src/watch/inotify-monitor.ts';
import { buildThread } from './built-thread.ts';
import { createBench, toHear } from './bench.ts';

beforeAll(buildThread);

test('inotify monitor writes the sentences lsyncd writes with -log Inotify', async () => {
  const bench = createBench();
  const lines: string[] = [];
  const log: Log = Object.assign(
    (category: string, text: string) => lines.push(`${category}: ${text.replaceAll(bench.root, '/w/src')}`),
    { isOn: (category: string) => category === 'Inotify' },
  );
  const monitor = createInotifyMonitor({ log });
  const at = (path: string): string => join(bench.root, path);
  try {
    mkdirSync(at('sub/deep'), { recursive: true });
    const listening = await bench.watch(monitor, { wantsDirectory: (path) => path !== '/skipd/' });
    writeFileSync(at('new.txt'), 'x');
    await toHear(listening, 'modify /new.txt');
    mkdirSync(at('dir'));
    await toHear(listening, 'create /dir/');
    mkdirSync(at('skipd'));
    await toHear(listening, 'create /skipd/');
    renameSync(at('new.txt'), at('renamed.txt'));
    renameSync(at('dir'), at('dir2'));
    await toHear(listening, 'move /dir/ -> /dir2/');
    renameSync(at('dir2'), join(bench.outside, 'dir2'));
    await toHear(listening, 'delete /dir2/ movedOut');
    rmSync(at('sub/deep'), { recursive: true });
    await toHear(listening, 'delete /sub/deep/');
  } finally {
    await monitor.close();
    bench.remove();
  }
  expect(lines).toEqual([
    'Inotify: addwatch( /w/src/ )-> 1 ',
    'Inotify: addwatch( /w/src/sub/ )-> 2 ',
    'Inotify: addwatch( /w/src/sub/deep/ )-> 3 ',
    'Inotify: got event Create new.txt(1.0)',
    'Inotify: got event Modify new.txt(1.0)',
    'Inotify: got event Create dir/(1.0)',
    'Inotify: addwatch( /w/src/dir/ )-> 4 ',
    'Inotify: got event Create skipd/(1.0)',
    'Inotify: not concerning "/w/src/skipd/"',
    'Inotify: got event Move new.txt(1.0) to renamed.txt(1.0)',
    'Inotify: got event Move dir/(1.0) to dir2/(1.0)',
    'Inotify: addwatch( /w/src/dir2/ )-> 4 ',
    'Inotify: handling unary move from.',
    'Inotify: got event Delete dir2/(1.0)',
    'Inotify: rmwatch()<-4',
    'Inotify: got event Delete deep/(2.0)',
    'Inotify: rmwatch()<-3',
  ]);
});
