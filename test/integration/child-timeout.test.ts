// A child that hangs: childTimeout ends it, and what it was to send arrives with the next try.

import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
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
  mkdirSync(path('src'));
  mkdirSync(path('trg'));
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

/** A program that hangs while there is a file `hang`, and counts how often it did. */
function hangingRsync(): string {
  const file = place.write(
    'hanging-rsync',
    `#!/bin/sh\n[ -e ${path('hang')} ] && { echo hung >>${path('hung')}; exec sleep 600; }\nexec rsync "$@"\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

it.each([
  ['of settings', 'childTimeout = 2', ''],
  ['of the sync, before that of settings', 'childTimeout = 600', 'childTimeout = 2,'],
])(
  'an rsync that hangs is ended after the childTimeout %s, and tried again',
  async (_which, settings, own) => {
    place.write('src/before', '1');
    const config = place.write(
      'conf.lua',
      `settings { nodaemon = true, ${settings} }
     sync { default.rsync, source = '${path('src')}', target = '${path('trg')}', delay = 0, ${own}
       rsync = { binary = '${hangingRsync()}' } }\n`,
    );
    const running = startDaemon({ args: [config] });
    daemon = running;
    await running.saw('finished');
    place.write('hang', '');
    place.write('src/later', '2');
    await running.saw(/Warn: Sync1: "\S+rsync" has run for 2 s \(childTimeout\); ending it/);
    await running.saw('Retrying a list after exitcode = 255');
    await running.saw('Warn: Sync1: hanging-rsync took longer than childTimeout allows');
    rmSync(path('hang'));
    await waitUntil(() => existsSync(path('trg/later')), { deadlineMs: 20_000 });
    await running.saw(/Sync1: works again after \d+ failed (try|tries)/);
    expect(readText(path('hung'))).toContain('hung');
  },
);

it('a command of a script that hangs is ended, and tried again', async () => {
  const config = place.write(
    'conf.lua',
    `settings { nodaemon = true, childTimeout = 2 }
     sync { source = '${path('src')}', delay = 0,
       onCreate = '[ -e ${path('hang')} ] && exec sleep 600; cp ^sourcePath ${path('trg')}/' }\n`,
  );
  place.write('hang', '');
  const running = startDaemon({ args: [config] });
  daemon = running;
  await running.saw('--- Startup ---');
  await waitUntil(
    () => {
      place.write(`src/${Date.now()}`, '');
      return running.output().includes('has run for');
    },
    { deadlineMs: 20_000 },
  );
  rmSync(path('hang'));
  place.write('src/last', '');
  await waitUntil(() => existsSync(path('trg/last')), { deadlineMs: 20_000 });
});
