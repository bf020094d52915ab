// Full syncs at the times of a crontab: they put right what was changed at the target behind its back.

import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  countMatches,
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const TIME = 'Sync1: it is time (crontab "*/2 * * * * *"); doing a full sync';

describe('crontab', () => {
  let place: Workplace;
  let daemon: RunningDaemon;

  beforeEach(() => {
    place = makeWorkplace();
    for (const folder of ['src', 'trg']) mkdirSync(path(folder));
    place.write('src/kept', 'content');
  });
  afterEach(async (context) => {
    const failed = context.task.result?.state === 'fail';
    if (failed) process.stderr.write(daemon.output());
    await daemon.stop();
    place.end(failed);
  });

  const path = (name: string): string => join(place.path, name);

  function start(sync: string): void {
    const config = place.write(
      'conf.lua',
      `settings { nodaemon = true }
       sync { source = '${path('src')}', target = '${path('trg')}', delay = 0, ${sync} }\n`,
    );
    daemon = startDaemon({ args: [config] });
  }

  async function becomesEqual(): Promise<void> {
    await waitUntil(() => differences(path('src'), path('trg')) === '', { deadlineMs: 20_000 });
  }

  it.each(['default.rsync', 'default.direct'])(
    '%s: repairs a changed target, again and again',
    async (kind) => {
      start(`${kind}, crontab = { "*/2 * * * * *", "0 0 3 1 JAN *" }`);
      await daemon.saw('finished');
      for (const times of [1, 2]) {
        rmSync(path('trg/kept'));
        writeFileSync(path('trg/surplus'), 'surplus');
        await daemon.saw(TIME, { times });
        await becomesEqual();
      }
      place.write('src/new', 'an event like before');
      await becomesEqual();
      expect(existsSync(path('trg/surplus'))).toBe(false);
    },
  );

  it('works without a startup sync, and lets changes through though a full sync takes longer than from one time to the next', async () => {
    place.write('slow', '#!/bin/sh\nsleep 1.2\nexec rsync "$@"\n');
    chmodSync(path('slow'), 0o755);
    start(`default.rsync, init = false, crontab = "* * * * * *", rsync = { binary = '${path('slow')}' }`);
    await daemon.saw('it is time');
    place.write('src/new', 'content');
    await daemon.saw('Finished a list after exitcode: 0');
    await daemon.saw('it is time', { times: 2 });
    await becomesEqual();
  });

  it('is over when the daemon is', async () => {
    start(`default.rsync, crontab = "* * * * * *"`);
    await daemon.saw('it is time');
    expect(await daemon.stop()).toBe(143);
    expect(countMatches(readText(path('trg/kept')), 'content')).toBe(1);
  });
});
