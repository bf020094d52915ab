// Directories without subdirectories are not listed at the start, and not looked up twice, unless something may have come between the
// watch and the look. The look is done by the lot, by the thread of the reader where it has time, else by the walker.

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { fromText, toText, type BytePath } from '../../src/byte-path.ts';
import { silentLog } from '../../src/log.ts';
import { inotifyBits } from '../../src/os/inotify.ts';
import { Audience, createHearer } from '../../src/watch/inotify/audience.ts';
import { BlindSpots } from '../../src/watch/inotify/blind-spots.ts';
import { createTree, type Directory } from '../../src/watch/inotify/directory.ts';
import { createInotifyLog } from '../../src/watch/inotify/inotify-log.ts';
import { startReader, type Reader } from '../../src/watch/inotify/reader.ts';
import { Walker } from '../../src/watch/inotify/walker.ts';
import { WatchTable } from '../../src/watch/inotify/watch-table.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { createListening } from './bench.ts';
import { buildThread } from './built-thread.ts';

const LEAVES = 600;

let folder: string;
let reader: Reader;
let asked: string[];

beforeAll(buildThread);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsyncd-test-'));
  asked = [];
  reader = startReader({ onEvents: () => undefined, onFailure: () => undefined });
  mkdirSync(at('outer/src/full/below'), { recursive: true });
  mkdirSync(at('outer/src/empty'));
  mkdirSync(at('other/src/full'), { recursive: true });
});
afterEach(async () => {
  await reader.close();
  rmSync(folder, { recursive: true });
});

const at = (path: string): string => join(folder, path);

interface WalkOptions {
  /** Happens after the first watch of `full`. */
  readonly meanwhile?: () => void;
  /** Happens before the walk makes sure. */
  readonly later?: () => void;
  /** Default: the thread has no time. */
  readonly countLinks?: Reader['countLinks'];
}

/** Walks outer/src. */
function walk({ meanwhile, later, countLinks = () => undefined }: WalkOptions = {}): Directory {
  const audience = new Audience();
  const source = fromText(`${at('outer/src')}/`);
  audience.add(
    createHearer({
      source,
      inotifyMode: 'CloseWrite',
      subdirs: true,
      wantsDirectory: () => true,
      listener: createListening().listener,
    }),
  );
  const walker = new Walker({
    table: new WatchTable(),
    log: createInotifyLog(silentLog),
    spots: new BlindSpots(),
    onRootGone: () => expect.unreachable(),
    onWatched: () => undefined,
    reader: {
      ...reader,
      add(path, mask) {
        const wd = reader.add(path, mask);
        const name = toText(path).slice(source.length);
        const isFirst = !asked.includes(name);
        asked.push(name);
        if (name === 'full/' && isFirst) meanwhile?.();
        return wd;
      },
      countLinks,
      isSilentSince(then) {
        later?.();
        return reader.isSilentSince(then);
      },
    },
  });
  const tree = createTree(source, audience);
  tree.mask = inotifyBits.create | inotifyBits.delete | inotifyBits.movedFrom | inotifyBits.movedTo;
  const { root } = tree;
  walker.look(root, 'quiet');
  while (!walker.isIdle) walker.step();
  return root;
}

const isUnlisted = (root: Directory, name: string): boolean | undefined =>
  root.children?.get(fromText(name))?.unlisted;

test('each is watched once, and their parent once more for a lot of them', () => {
  for (let i = 0; i < LEAVES; i++) mkdirSync(at(`outer/src/leaf${i}`));
  const root = walk();
  expect([...(root.children?.values() ?? [])].map(({ unlisted }) => unlisted)).not.toContain(true);
  expect(asked.filter((name) => name.startsWith('leaf'))).toHaveLength(LEAVES);
  expect(asked.filter((name) => name === '').length).toBeLessThan(10);
});

test('another one came under the name between the watch and the look: not taken for it', () => {
  const root = walk({
    meanwhile: () => {
      renameSync(at('outer/src/full'), at('full'));
      renameSync(at('other/src/full'), at('outer/src/full'));
    },
  });
  expect(isUnlisted(root, 'full')).toBe(true);
  expect(isUnlisted(root, 'empty')).toBe(false);
});

test('it came, and went again when it had been looked at: the one that is watched is listed', () => {
  const root = walk({
    meanwhile: () => {
      renameSync(at('outer/src/full'), at('full'));
      renameSync(at('other/src/full'), at('outer/src/full'));
    },
    later: () => {
      if (!existsSync(at('full'))) return;
      renameSync(at('outer/src/full'), at('other/src/full'));
      renameSync(at('full'), at('outer/src/full'));
    },
  });
  expect(isUnlisted(root, 'full')).toBe(false);
  expect([...(root.children?.get(fromText('full'))?.children?.keys() ?? [])]).toEqual(['below']);
  expect(asked).toContain('full/below/');
});

test('the same by what nothing is told of: a directory above the source', () => {
  const root = walk({
    meanwhile: () => {
      renameSync(at('outer'), at('outer2'));
      renameSync(at('other'), at('outer'));
    },
  });
  expect(isUnlisted(root, 'full')).toBe(true);
});

test('something else happened meanwhile: each is listed after all', () => {
  const root = walk({ meanwhile: () => mkdirSync(at('outer/src/new')) });
  expect(isUnlisted(root, 'empty')).toBe(false);
  expect(asked.filter((name) => name === 'empty/')).toHaveLength(2);
});

test('a source without subdirectories', () => {
  rmSync(at('outer/src/full'), { recursive: true });
  rmSync(at('outer/src/empty'), { recursive: true });
  const root = walk();
  expect(root.unlisted).toBe(false);
  expect(asked).toEqual(['', '']);
});

describe('of more than a lot', () => {
  const ready = (): Promise<void> =>
    waitUntil(() => reader.countLinks([])?.() !== undefined, { deadlineMs: 5000, what: 'the thread' });
  const makeLate = (paths: readonly BytePath[]): void => {
    for (const path of paths.filter((one) => !one.endsWith('/late/'))) mkdirSync(join(toText(path), 'late'));
  };
  const below = (root: Directory, name: string): readonly string[] =>
    [...(root.children?.get(fromText(name))?.children?.keys() ?? [])].map(toText);
  const withLate = (root: Directory): readonly string[] =>
    [...(root.children?.keys() ?? [])].map(toText).filter((name) => below(root, name).includes('late'));

  beforeEach(() => {
    for (let i = 0; i < LEAVES; i++) mkdirSync(at(`outer/src/leaf${i}`));
  });

  it('the thread finds the leaves, and who is none', async () => {
    await ready();
    let given = 0;
    const root = walk({
      countLinks: (paths) => {
        given += paths.length;
        return reader.countLinks(paths);
      },
    });
    expect(given).toBe(500);
    expect([...(root.children?.values() ?? [])].map(({ unlisted }) => unlisted)).not.toContain(true);
    expect(asked.filter((name) => name.startsWith('leaf'))).toHaveLength(LEAVES);
    expect(below(root, 'full')).toEqual(['below']);
  });

  it('what was made after the watch, before the thread looked, is seen', async () => {
    await ready();
    const root = walk({
      countLinks: (paths) => {
        makeLate(paths);
        return reader.countLinks(paths);
      },
    });
    expect(withLate(root)).toHaveLength(500);
  });

  it('what was made after the thread looked is told by the kernel, and listed', async () => {
    await ready();
    const root = walk({
      countLinks: (paths) => {
        const answer = reader.countLinks(paths);
        return (
          answer &&
          (() => {
            const counts = answer();
            makeLate(paths);
            return counts;
          })
        );
      },
    });
    expect(withLate(root)).toHaveLength(500);
  });

  it('the thread gives no answer in time: they are looked at all the same', () => {
    const root = walk({ countLinks: () => () => undefined });
    expect([...(root.children?.values() ?? [])].map(({ unlisted }) => unlisted)).not.toContain(true);
    expect(below(root, 'full')).toEqual(['below']);
  });
});
