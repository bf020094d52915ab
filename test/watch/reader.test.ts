// The thread that reads inotify: what it posts, and when.

import { spawnSync } from 'node:child_process';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { fromText } from '../../src/byte-path.ts';
import { inotifyBits } from '../../src/os/inotify.ts';
import { parseEvents } from '../../src/watch/inotify/parse-events.ts';
import { startReader, type Reader, type ReadEvents } from '../../src/watch/inotify/reader.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { buildThread } from './built-thread.ts';

let folder: string;
let reader: Reader;
let reads: ReadEvents[];

beforeAll(buildThread);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsyncd-reader-'));
  reads = [];
  reader = startReader({
    onEvents: (read) => reads.push(read),
    onFailure: (error) => {
      throw error;
    },
  });
  reader.add(folder, inotifyBits.create);
});
afterEach(async () => {
  await reader.close();
  rmSync(folder, { recursive: true });
});

function create(name: string): void {
  writeFileSync(join(folder, name), '');
}

const names = (): readonly string[] =>
  reads.flatMap(({ events }) => parseEvents(events).map(({ name }) => name));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it('says whether the kernel has told nothing, before an event is read and after', async () => {
  const then = reader.now();
  expect(reader.isSilentSince(then)).toBe(true);
  create('first');
  for (let i = 0; i < 1000; i++) expect(reader.isSilentSince(then)).toBe(false);
  await waitUntil(() => reads.length === 1, { deadlineMs: 5000, what: 'the first event' });
  expect(reader.isSilentSince(then)).toBe(false);
  await waitUntil(() => reader.isSilentSince(reader.now()), { deadlineMs: 5000, what: 'silence' });
  await reader.close();
  expect(reader.isSilentSince(reader.now())).toBe(false);
});

it('posts the first event at once, and joins what comes before that one is handled', async () => {
  create('first');
  await waitUntil(() => reads.length === 1, { deadlineMs: 5000, what: 'the first event' });
  const later = Array.from({ length: 40 }, (_, i) => `f${i}`);
  for (const name of later) {
    create(name);
    await pause(2);
  }
  await pause(50);
  expect(names()).toEqual(['first']);

  reader.handled(reads[0]?.events.byteLength ?? 0);
  await waitUntil(() => reads.length > 1, { deadlineMs: 5000, what: 'the rest' });
  expect(names()).toEqual(['first', ...later]);
  expect(reads).toHaveLength(2);
});

it('posts a new file together with the end of its write, where that comes at once', async () => {
  reader.add(folder, inotifyBits.create | inotifyBits.closeWrite);
  let handled = 0;
  const isTold = (name: string): boolean => {
    for (const { events } of reads.slice(handled)) reader.handled(events.byteLength);
    handled = reads.length;
    return names().filter((told) => told === name).length === 2;
  };
  for (const name of Array.from({ length: 20 }, (_, i) => `f${i}`)) {
    const file = openSync(join(folder, name), 'w');
    const closeAt = performance.now() + 0.3;
    while (performance.now() < closeAt);
    closeSync(file);
    await waitUntil(() => isTold(name), { deadlineMs: 5000 });
  }
  const masks = reads.map(({ events }) => parseEvents(events).map(({ mask }) => mask));
  const { create: made, closeWrite: written } = inotifyBits;
  // Where the processor is wanted elsewhere, one or the other comes by itself.
  expect(masks.filter(([first, second]) => first === made && second === written).length).toBeGreaterThan(10);
});

it('posts a new file of which nothing more comes', async () => {
  symlinkSync('nowhere', join(folder, 'link'));
  await waitUntil(() => names().includes('link'), { deadlineMs: 5000 });
});

it('posts what fills a buffer, handled or not', async () => {
  create('first');
  await waitUntil(() => reads.length === 1, { deadlineMs: 5000, what: 'the first event' });
  const later = Array.from({ length: 5000 }, (_, i) => `f${i}`);
  for (const name of later) create(name);
  await waitUntil(() => reads.length > 2, { deadlineMs: 5000, what: 'full buffers' });
  const unhandled = (): number => reads.reduce((sum, { events }) => sum + events.byteLength, 0);
  for (let done = 0; names().length <= later.length; await pause(5)) {
    reader.handled(unhandled() - done);
    done = unhandled();
  }
  expect(names()).toEqual(['first', ...later]);
});

it('tells since when the kernel had nothing left before the first of what is joined', async () => {
  create('first');
  await waitUntil(() => reads.length === 1, { deadlineMs: 5000, what: 'the first event' });
  const before = Date.now();
  await pause(20);
  create('a');
  await pause(20);
  create('b');
  await pause(20);
  reader.handled(reads[0]?.events.byteLength ?? 0);
  await waitUntil(() => reads.length > 1, { deadlineMs: 5000, what: 'the rest' });
  expect(reads[1]?.emptiedAt.wallMs).toBeLessThanOrEqual(before);
});

/** The thread loads koffi meanwhile, and would abort the process if it were cut off in that. */
it.each([0, 25, 50, 75, 100, 125, 150])('lets the process end %d ms after it was started', (ms) => {
  const built = fileURLToPath(new URL('../../dist/watch/inotify/reader.js', import.meta.url));
  const script = `
    import { startReader } from ${JSON.stringify(built)};
    startReader({ onEvents() {}, onFailure() {} });
    setTimeout(() => process.exit(7), ${ms});`;
  const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    stdio: 'ignore',
    timeout: 20_000,
  });
  expect({ status, signal }).toEqual({ status: 7, signal: null });
});

it('counts links beside us, a lot at a time', async () => {
  mkdirSync(join(folder, 'sub'));
  const paths = [`${folder}/`, `${folder}/sub/`, `${folder}/missing/`].map(fromText);
  await waitUntil(() => reader.countLinks([])?.() !== undefined, { deadlineMs: 5000, what: 'the thread' });
  const answer = reader.countLinks(paths);
  expect(answer?.()?.map((count) => count?.links)).toEqual([
    lstatSync(folder).nlink,
    lstatSync(join(folder, 'sub')).nlink,
    undefined,
  ]);
  // Not the links of the lot before.
  expect(reader.countLinks([fromText(`${folder}/missing/`)])?.()).toEqual([undefined]);
});

it('counts no links while it waits for us, and again when it does not', async () => {
  await reader.close();
  expect(reader.countLinks([])).toBeUndefined();
  reader = startReader({
    onEvents: (read) => reads.push(read),
    onFailure: (error) => {
      throw error;
    },
    backlogLimitBytes: 1,
  });
  reader.add(folder, inotifyBits.create);
  create('first');
  await waitUntil(() => reads.length === 1, { deadlineMs: 5000, what: 'the first event' });
  const answer = reader.countLinks([fromText(`${folder}/`)]);
  expect(answer?.()).toBeUndefined();
  expect(reader.countLinks([fromText(`${folder}/`)])).toBeUndefined();
  reader.handled(reads[0]?.events.byteLength ?? 0);
  await waitUntil(() => reader.countLinks([])?.() !== undefined, { deadlineMs: 5000, what: 'the thread' });
});
