// What every monitor promises, whatever it is made of. Run by <name>-monitor.test.ts, with the table of what that monitor can know.

import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fromText, toBuffer } from '../../src/byte-path.ts';
import { MachineError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import type { Log } from '../../src/log.ts';
import type { Monitor } from '../../src/watch/monitor.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { createBench, settled, toHear } from './bench.ts';
import type { Bench, Told } from './bench.ts';
import type { Capabilities } from './capabilities.ts';
import { Mirror, differences, snapshotOf } from './snapshot.ts';

interface Case {
  readonly name: string;
  /** Before the watch. */
  readonly given?: (at: Places) => void;
  readonly when: (at: Places) => void;
  readonly told: (can: Capabilities) => readonly Told[];
}

interface Places {
  readonly root: string;
  readonly outside: string;
}

const file = 'f';

const cases: readonly Case[] = [
  {
    name: 'a new file',
    when: ({ root }) => writeFileSync(join(root, file), 'x'),
    told: (can) => ['create /f', ...(can.closedAfterWrite ? ['modify /f'] : [])],
  },
  {
    name: 'a file that is written again',
    given: ({ root }) => writeFileSync(join(root, file), 'x'),
    when: ({ root }) => writeFileSync(join(root, file), 'longer'),
    told: () => ['modify /f'],
  },
  {
    name: 'an append',
    given: ({ root }) => writeFileSync(join(root, file), 'x'),
    when: ({ root }) => appendFileSync(join(root, file), 'y'),
    told: () => ['modify /f'],
  },
  {
    name: 'a truncation by open',
    given: ({ root }) => writeFileSync(join(root, file), 'x'),
    when: ({ root }) => writeFileSync(join(root, file), ''),
    told: () => ['modify /f'],
  },
  {
    name: 'a truncation to a length',
    given: ({ root }) => writeFileSync(join(root, file), 'xyz'),
    when: ({ root }) => truncateSync(join(root, file), 1),
    told: () => ['modify /f'],
  },
  {
    name: 'chmod of a file',
    given: ({ root }) => writeFileSync(join(root, file), 'x'),
    when: ({ root }) => chmodSync(join(root, file), 0o600),
    told: (can) => (can.attributes ? ['attrib /f'] : []),
  },
  {
    name: 'other times of a file',
    given: ({ root }) => writeFileSync(join(root, file), 'x'),
    when: ({ root }) => utimesSync(join(root, file), 1, 1_000_000_000),
    told: (can) => (can.attributes ? ['attrib /f'] : ['modify /f']),
  },
  {
    name: 'a deleted file',
    given: ({ root }) => writeFileSync(join(root, file), 'x'),
    when: ({ root }) => rmSync(join(root, file)),
    told: () => ['delete /f'],
  },
  {
    name: 'a symlink',
    given: ({ root }) => writeFileSync(join(root, file), 'x'),
    when: ({ root }) => symlinkSync(file, join(root, 'link')),
    told: () => ['create /link'],
  },
  {
    name: 'a hard link',
    given: ({ root }) => writeFileSync(join(root, file), 'x'),
    when: ({ root }) => linkSync(join(root, file), join(root, 'hard')),
    told: () => ['create /hard'],
  },
  {
    name: 'a new directory',
    when: ({ root }) => mkdirSync(join(root, 'd')),
    told: () => ['create /d/'],
  },
  {
    name: 'chmod of a directory, once',
    given: ({ root }) => mkdirSync(join(root, 'd')),
    when: ({ root }) => chmodSync(join(root, 'd'), 0o700),
    told: (can) => (can.attributes ? ['attrib /d/'] : []),
  },
  {
    name: 'a deleted tree, from the bottom up',
    given: ({ root }) => {
      mkdirSync(join(root, 'd/e'), { recursive: true });
      writeFileSync(join(root, 'd/e/f'), 'x');
    },
    when: ({ root }) => rmSync(join(root, 'd'), { recursive: true }),
    told: (can) => (can.order ? ['delete /d/e/f', 'delete /d/e/', 'delete /d/'] : ['delete /d/']),
  },
  {
    name: 'a renamed file',
    given: ({ root }) => writeFileSync(join(root, file), 'x'),
    when: ({ root }) => renameSync(join(root, file), join(root, 'g')),
    told: (can) => (can.moves ? ['move /f -> /g'] : ['create /g']),
  },
  {
    name: 'a file renamed over another one',
    given: ({ root }) => {
      writeFileSync(join(root, file), 'x');
      writeFileSync(join(root, 'g'), 'other');
    },
    when: ({ root }) => renameSync(join(root, file), join(root, 'g')),
    told: (can) => (can.moves ? ['move /f -> /g'] : ['modify /g']),
  },
  {
    name: 'a directory moved within the tree',
    given: ({ root }) => {
      mkdirSync(join(root, 'd/e'), { recursive: true });
      mkdirSync(join(root, 'other'));
      writeFileSync(join(root, 'd/e/f'), 'x');
    },
    when: ({ root }) => renameSync(join(root, 'd'), join(root, 'other/d')),
    told: (can) => (can.moves ? ['move /d/ -> /other/d/'] : ['create /other/d/']),
  },
  {
    name: 'a directory renamed over an empty one',
    given: ({ root }) => {
      mkdirSync(join(root, 'd'));
      mkdirSync(join(root, 'empty'));
      writeFileSync(join(root, 'd/f'), 'x');
    },
    when: ({ root }) => renameSync(join(root, 'd'), join(root, 'empty')),
    told: (can) => (can.moves ? ['move /d/ -> /empty/ over'] : ['create /empty/f']),
  },
  {
    name: 'a directory moved in, with all that is in it',
    given: ({ outside }) => {
      mkdirSync(join(outside, 'd/e'), { recursive: true });
      writeFileSync(join(outside, 'd/e/f'), 'x');
    },
    when: ({ root, outside }) => renameSync(join(outside, 'd'), join(root, 'd')),
    told: () => ['create /d/', 'create /d/e/', 'create /d/e/f'],
  },
  {
    name: 'a directory moved out',
    given: ({ root }) => mkdirSync(join(root, 'd/e'), { recursive: true }),
    when: ({ root, outside }) => renameSync(join(root, 'd'), join(outside, 'd')),
    told: (can) => (can.moves ? ['delete /d/ movedOut'] : ['delete /d/']),
  },
  {
    name: 'a file moved in',
    given: ({ outside }) => writeFileSync(join(outside, file), 'x'),
    when: ({ root, outside }) => renameSync(join(outside, file), join(root, file)),
    told: () => ['create /f'],
  },
];

const oddNames: readonly (readonly [what: string, name: string])[] = [
  ['a line feed', 'a\nb'],
  ['quotes', `it's "so"`],
  ['a leading dash', '-rf'],
  ['a command', '$(id);`id`'],
  ['an asterisk and brackets', '*[x]?'],
  ['spaces at both ends', ' a '],
  ['255 bytes', 'n'.repeat(255)],
  ['letters that are not ASCII', 'Größe-日本'],
  ['a name like a backup or swap file', '.a.swp~'],
];

export interface ContractOptions {
  readonly create: (options: { readonly log: Log }) => Monitor;
  readonly can: Capabilities;
}

/** Declares the suite. */
export function monitorContract(name: Monitor['name'], { create, can }: ContractOptions): void {
  let bench: Bench;
  let monitor: Monitor;

  beforeEach(() => {
    bench = createBench();
    monitor = create({ log: silentLog });
  });
  afterEach(async () => {
    await monitor.close();
    bench.remove();
  });

  describe(`${name} monitor`, () => {
    test.each(cases)('tells of $name', async ({ given, when, told }) => {
      given?.(bench);
      const listening = await bench.watch(monitor);
      when(bench);
      await toHear(listening, ...told(can));
      await settled(listening, bench.root);
      if (can.order) expect(listening.told).toEqual(told(can));
    });

    test('tells of a symlink to nowhere, or of nothing more than what comes after it', async () => {
      const listening = await bench.watch(monitor);
      symlinkSync('nowhere', join(bench.root, 'link'));
      writeFileSync(join(bench.root, 'after'), 'x');
      await toHear(listening, 'create /after');
      expect(listening.told.includes('create /link')).toBe(can.danglingLinks);
    });

    test('tells of a named pipe', async () => {
      const listening = await bench.watch(monitor);
      await run(`mkfifo pipe`, bench.root);
      await toHear(listening, 'create /pipe');
    });

    test('tells nothing of what was there before', async () => {
      mkdirSync(join(bench.root, 'd/e'), { recursive: true });
      writeFileSync(join(bench.root, 'd/e/f'), 'x');
      const listening = await bench.watch(monitor);
      await settled(listening, bench.root);
      expect(listening.told).toEqual([]);
    });

    test('tells of changes at every depth, also in directories made later', async () => {
      mkdirSync(join(bench.root, 'a/b/c'), { recursive: true });
      const listening = await bench.watch(monitor);
      writeFileSync(join(bench.root, 'a/b/c/old'), 'x');
      await toHear(listening, 'create /a/b/c/old');
      mkdirSync(join(bench.root, 'a/b/c/d'));
      await toHear(listening, 'create /a/b/c/d/');
      writeFileSync(join(bench.root, 'a/b/c/d/new'), 'x');
      await toHear(listening, 'create /a/b/c/d/new');
    });

    test('tells under the new path what happens in a directory that was moved', async () => {
      mkdirSync(join(bench.root, 'd/e'), { recursive: true });
      const listening = await bench.watch(monitor);
      renameSync(join(bench.root, 'd'), join(bench.root, 'moved'));
      await toHear(listening, can.moves ? 'move /d/ -> /moved/' : 'create /moved/e/');
      listening.told.length = 0;
      writeFileSync(join(bench.root, 'moved/e/f'), 'x');
      await toHear(listening, 'create /moved/e/f');
      expect(listening.told.filter((sentence) => sentence.includes('/d/'))).toEqual([]);
    });

    test('tells nothing of a directory that has left the tree', async () => {
      mkdirSync(join(bench.root, 'd/e'), { recursive: true });
      const listening = await bench.watch(monitor);
      renameSync(join(bench.root, 'd'), join(bench.outside, 'd'));
      await toHear(listening, can.moves ? 'delete /d/ movedOut' : 'delete /d/');
      await settled(listening, bench.root);
      listening.told.length = 0;
      writeFileSync(join(bench.outside, 'd/f'), 'x');
      writeFileSync(join(bench.outside, 'd/e/f'), 'x');
      mkdirSync(join(bench.outside, 'd/e/g'));
      await settled(listening, bench.root);
      expect(listening.told).toEqual([]);
    });

    test('neither watches nor lists what nobody wants', async () => {
      mkdirSync(join(bench.root, 'skip/deep'), { recursive: true });
      mkdirSync(join(bench.root, 'keep'));
      const listening = await bench.watch(monitor, { wantsDirectory: (path) => !path.endsWith('/skip/') });
      mkdirSync(join(bench.root, 'keep/skip/deep'), { recursive: true });
      writeFileSync(join(bench.root, 'skip/f'), 'x');
      writeFileSync(join(bench.root, 'skip/deep/f'), 'x');
      writeFileSync(join(bench.root, 'keep/skip/f'), 'x');
      writeFileSync(join(bench.root, 'keep/f'), 'x');
      await toHear(listening, 'create /keep/f');
      await settled(listening, bench.root);
      expect(listening.told.filter((sentence) => /skip\/./.test(sentence))).toEqual([]);
      const watched = [...monitor.watchedDirectories()].map(([, path]) => path);
      expect(watched.toSorted()).toEqual([bench.source, `${bench.source}keep/`]);
      expect(monitor.size).toBe(2);
    });

    test('watches the source alone when subdirs is false', async () => {
      mkdirSync(join(bench.root, 'd'));
      const listening = await bench.watch(monitor, { subdirs: false });
      writeFileSync(join(bench.root, 'd/f'), 'x');
      mkdirSync(join(bench.root, 'new'));
      writeFileSync(join(bench.root, 'new/f'), 'x');
      writeFileSync(join(bench.root, 'f'), 'x');
      await toHear(listening, 'create /f');
      await settled(listening, bench.root);
      expect(listening.told.filter((sentence) => /d\/.|new\/./.test(sentence))).toEqual([]);
    });

    test('does not follow a symlink to a directory', async () => {
      symlinkSync(bench.outside, join(bench.root, 'link'));
      const listening = await bench.watch(monitor);
      symlinkSync(bench.outside, join(bench.root, 'later'));
      await toHear(listening, 'create /later');
      writeFileSync(join(bench.outside, 'f'), 'x');
      await settled(listening, bench.root);
      expect(listening.told).toEqual(['create /later']);
    });

    test.each(oddNames)('tells of a name with %s', async (_what, oddName) => {
      const listening = await bench.watch(monitor);
      writeFileSync(join(bench.root, oddName), 'x');
      await toHear(listening, `create /${fromText(oddName)}`);
      mkdirSync(join(bench.root, `${oddName.slice(0, 254)}+`));
      await toHear(listening, `create /${fromText(`${oddName.slice(0, 254)}+`)}/`);
      writeFileSync(join(bench.root, `${oddName.slice(0, 254)}+`, oddName), 'x');
      await toHear(listening, `create /${fromText(`${oddName.slice(0, 254)}+/${oddName}`)}`);
    });

    test('tells of a name that is not UTF-8, or that it cannot', async () => {
      const listening = await bench.watch(monitor);
      writeFileSync(toBuffer(`${bench.source}\xe9\xff`), 'x');
      await toHear(listening, can.byteNames ? 'create /\xe9\xff' : 'trouble blind /\xe9\xff EILSEQ');
    });

    test('misses nothing of bursts of new directories and files', async () => {
      const mirror = new Mirror(bench.root);
      const listening = await bench.watch(monitor);
      const rounds = 50;
      for (let round = 0; round < rounds; round++) await run(burst(round), bench.root);
      let heard = 0;
      await waitUntil(
        () => {
          // Each once: a move that is done again takes along what came into its place.
          for (const event of listening.events.slice(heard)) mirror.hear(event);
          heard = listening.events.length;
          mirror.send();
          return differences(mirror.held, snapshotOf(bench.root)).length === 0;
        },
        { deadlineMs: 20_000, what: 'the mirror to be equal' },
      ).catch(() => expect(differences(mirror.held, snapshotOf(bench.root))).toEqual([]));
    });

    test('says when a burst has ended', async () => {
      const listening = await bench.watch(monitor);
      writeFileSync(join(bench.root, file), 'x');
      await toHear(listening, 'create /f');
      await waitUntil(() => listening.bursts() > 0, { deadlineMs: 5000 });
    });

    test('tells both listeners of one source, each what it wants', async () => {
      mkdirSync(join(bench.root, 'a'));
      mkdirSync(join(bench.root, 'b'));
      const first = await bench.watch(monitor, { wantsDirectory: (path) => path !== '/b/' });
      const second = await bench.watch(monitor, { wantsDirectory: (path) => path !== '/a/' });
      writeFileSync(join(bench.root, 'a/f'), 'x');
      writeFileSync(join(bench.root, 'b/f'), 'x');
      writeFileSync(join(bench.root, 'f'), 'x');
      await toHear(first, 'create /f');
      await toHear(second, 'create /f');
      await toHear(first, 'create /a/f');
      await toHear(second, 'create /b/f');
      expect(first.told).not.toContain('create /b/f');
      expect(second.told).not.toContain('create /a/f');
    });

    test('is silent after stop(), while others of the same source go on', async () => {
      mkdirSync(join(bench.root, 'd'));
      const stopped = await bench.watch(monitor);
      const other = await bench.watch(monitor);
      stopped.watch.stop();
      stopped.watch.stop();
      writeFileSync(join(bench.root, 'd/f'), 'x');
      await toHear(other, 'create /d/f');
      await settled(other, bench.root);
      expect(stopped.told).toEqual([]);
      other.watch.stop();
      expect(monitor.size).toBe(0);
      expect([...monitor.watchedDirectories()]).toEqual([]);
    });

    test('is silent after close(), and refuses to watch', async () => {
      const listening = await bench.watch(monitor);
      await monitor.close();
      await monitor.close();
      writeFileSync(join(bench.root, file), 'x');
      expect(monitor.size).toBe(0);
      await expect(bench.watch(monitor)).rejects.toThrow(MachineError);
      expect(listening.told).toEqual([]);
    });

    test('says when the source is deleted, and can watch it again when it is back', async () => {
      const listening = await bench.watch(monitor);
      rmSync(bench.root, { recursive: true });
      await waitUntil(() => listening.told.some((sentence) => sentence.startsWith('trouble source-gone')), {
        deadlineMs: 10_000,
        what: 'source-gone',
      });
      listening.watch.stop();
      mkdirSync(bench.root);
      const again = await bench.watch(monitor);
      writeFileSync(join(bench.root, file), 'x');
      await toHear(again, 'create /f');
    });

    test.each([
      ['is not there', () => rmSync(bench.root, { recursive: true })],
      [
        'is a file',
        () => {
          rmSync(bench.root, { recursive: true });
          writeFileSync(bench.root, 'x');
        },
      ],
    ])('refuses a source that %s', async (_what, given) => {
      given();
      await expect(bench.watch(monitor)).rejects.toThrow(/^Cannot watch ".*source\/": .*(ENOENT|ENOTDIR)/);
      expect(monitor.size).toBe(0);
    });

    test('is called what it is', () => {
      expect(monitor.name).toBe(name);
    });
  });
}

/** A shell's worth of changes, another one each round. */
function burst(round: number): string {
  const top = `r${round}`;
  return [
    `mkdir -p ${top}/a/b/c; echo 1 >${top}/a/b/c/f; echo 2 >${top}/a/f`,
    `mkdir ${top}/a/b/d && cp -r ${top}/a/b ${top}/copy; echo 3 >${top}/copy/d/g`,
    round % 2 === 0 ? `rm -rf ${top}/a/b/c; mkdir -p ${top}/a/b/c/x; echo 4 >${top}/a/b/c/x/h` : 'true',
    round % 3 === 0 ? `mv ${top}/a ${top}/z; echo 5 >${top}/z/b/i; mkdir -p ${top}/a/q` : 'true',
  ].join('; ');
}

async function run(script: string, directory: string): Promise<void> {
  const child = spawn('sh', ['-c', script], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  expect(code).toBe(0);
}
