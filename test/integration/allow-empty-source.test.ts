// A source that is empty at start, where the config says that this may be.

import { mkdirSync, readdirSync } from 'node:fs';
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

let place: Workplace;
let daemon: RunningDaemon | undefined;

beforeEach(() => {
  place = makeWorkplace();
  for (const folder of ['src', 'trg']) mkdirSync(join(place.path, folder));
  place.write('trg/old', 'old');
});
afterEach(async (context) => {
  const failed = context.task.result?.state === 'fail';
  if (failed) process.stderr.write(daemon?.output() ?? '');
  await daemon?.stop();
  place.end(failed);
});

it('halts its sync until the config allows it; the Error says how', async () => {
  const folder = (name: string): string => join(place.path, name);
  place.write(
    'conf.lua',
    `settings { nodaemon = true }
     sync { default.rsync, source = '${folder('src')}', target = '${folder('trg')}' }\n`,
  );
  const running = startDaemon({ args: [folder('conf.lua')] });
  daemon = running;
  await running.saw(/Error: Cannot go on with Sync1: .*allowEmptySource = true lets the target be emptied/);
  expect(readdirSync(folder('trg'))).toEqual(['old']);
  place.write(
    'conf.lua',
    readText(folder('conf.lua')).replace('settings {', 'settings { allowEmptySource = true,'),
  );
  running.child.kill('SIGHUP');
  await waitUntil(() => readdirSync(folder('trg')).length === 0, { deadlineMs: 20_000 });
});
