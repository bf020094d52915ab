// maxDelete in the running daemon: the sync that would delete more halts until HUP, the others go on.

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const FILES = ['1', '2', '3', '4', '5'];
const HALTED =
  'Error: Cannot go on with Sync1: more than 3 paths would be deleted at its target (maxDelete); put them back';

let place: Workplace;
let daemon: RunningDaemon | undefined;

beforeEach(() => {
  place = makeWorkplace();
  for (const folder of ['src', 'trg', 'other', 'other-trg']) mkdirSync(path(folder));
  for (const file of FILES) place.write(`src/${file}`, file);
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  if (failed) process.stderr.write(daemon?.output() ?? '');
  await daemon?.stop();
  place.end(failed);
});

function path(name: string): string {
  return join(place.path, name);
}

function run(sync: string, settings = ''): RunningDaemon {
  const config = place.write(
    'conf.lua',
    `settings { nodaemon = true, maxDelete = 3, statusFile = '${path('status')}', statusInterval = 0, ${settings} }
     sync { ${sync}, source = '${path('src')}', target = '${path('trg')}', delay = 1 }
     sync { default.rsync, source = '${path('other')}', target = '${path('other-trg')}', delay = 0 }\n`,
  );
  daemon = startDaemon({ args: [config] });
  return daemon;
}

async function arrives(file: string): Promise<void> {
  await waitUntil(() => existsSync(path(file)), { deadlineMs: 20_000, what: file });
}

it.each([
  ['default.rsync'],
  ['default.direct'],
  ['default.rsync, action = function(inlet) return default.rsync.action(inlet) end'],
])('a batch that would delete too much halts its sync until HUP: %s', async (sync) => {
  const running = run(sync);
  await running.saw('finished', { times: 2 });
  for (const file of FILES) rmSync(path(`src/${file}`));
  await running.saw(HALTED);
  const kept = readdirSync(path('trg'));
  expect(kept.length).toBeGreaterThanOrEqual(2);
  await waitUntil(() => readText(path('status')).includes('halted: more than 3 paths'), {
    deadlineMs: 10_000,
  });
  // Nothing is sent any more; the other sync works.
  place.write('src/new', 'new');
  place.write('other/file', 'x');
  await arrives('other-trg/file');
  expect(readdirSync(path('trg'))).toEqual(kept);
  for (const file of FILES) place.write(`src/${file}`, file);
  running.child.kill('SIGHUP');
  await arrives('trg/new');
  await waitUntil(() => FILES.every((file) => existsSync(path(`trg/${file}`))), { deadlineMs: 10_000 });
  await waitUntil(() => !readText(path('status')).includes('halted'), { deadlineMs: 10_000 });
});

it('a startup that would delete too much halts its sync, also after HUP; a raised limit lets it go on', async () => {
  for (const file of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) place.write(`trg/${file}`, file);
  const running = run('default.rsync');
  await running.saw(HALTED);
  expect(readdirSync(path('trg'))).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  place.write('conf.lua', readText(path('conf.lua')).replace('maxDelete = 3', 'maxDelete = 8'));
  running.child.kill('SIGHUP');
  await waitUntil(() => readdirSync(path('trg')).join('') === FILES.join(''), { deadlineMs: 20_000 });
});

it('a startup that would delete too much is no good onepass', async () => {
  for (const file of ['a', 'b', 'c', 'd']) place.write(`trg/${file}`, file);
  const running = run('default.rsync', 'onepass = true');
  expect(await running.exited).toBe(255);
  expect(running.output()).toContain(HALTED);
});
