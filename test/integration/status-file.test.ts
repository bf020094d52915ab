// The status file of the running daemon, as check scripts read it.

import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { waitUntil } from '../helpers/wait-until.ts';

describe('the status file', () => {
  let place: Workplace;
  let daemon: RunningDaemon;
  let status: string;

  beforeEach(() => {
    place = makeWorkplace();
    status = join(place.path, 'status');
    for (const folder of ['src/sub/deep', 'src2', 'src3', 'trg2'])
      mkdirSync(join(place.path, folder), { recursive: true });
    place.write('src2/one', '1\n');
  });
  afterEach(async (context) => {
    await daemon.stop();
    place.end(context.task.result?.state === 'fail');
  });

  async function start(): Promise<void> {
    // An rsync that holds its second call until the file `go` is there.
    place.write(
      'slow',
      `#!/bin/sh\n[ -e ${place.path}/first ] && while [ ! -e ${place.path}/go ]; do sleep 0.05; done\n: >${place.path}/first\n`,
    );
    chmodSync(join(place.path, 'slow'), 0o755);
    const config = `settings { nodaemon = true, statusFile = '${status}', statusInterval = 0 }
      sync { default.rsync, source = '${place.path}/src', target = '${place.path}/trg', delay = 0.3,
        exclude = { '*.o', '/skip' }, filter = { '+ /keep.o', '- *.tmp' }, rsync = { binary = '${place.path}/slow' } }
      sync { default.direct, source = '${place.path}/src2', target = '${place.path}/trg2', delay = 20 }
      sync { default.rsync, source = '${place.path}/src3', target = '${place.path}/trg3', delay = 20 }`;
    daemon = startDaemon({ args: [place.write('conf.lua', config)] });
    await daemon.saw('finished', { times: 3 });
  }

  async function shows(text: string | RegExp): Promise<string> {
    const read = (): string => readText(status).replaceAll(place.path, 'W');
    await waitUntil(() => (typeof text === 'string' ? read().includes(text) : text.test(read())), {
      deadlineMs: 10_000,
      what: `${String(text)} in:\n${read()}`,
    });
    return read();
  }

  it('lists syncs, rules and watched directories when idle', async () => {
    await start();
    const text = await shows(/Sync3[\s\S]*There are 0 delays[\s\S]*Inotify watching 5 directories/);
    expect(text).toMatch(/^Lsyncd status report at \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\n\n/);
    expect(text).toContain(
      'Sync1 source=W/src/\nThere are 0 delays\nFiltering:\n+ /keep.o\n- *.tmp\nExcluding:\n*.o\n/skip\n\n\n',
    );
    expect(text).toContain('Sync2 source=W/src2/\nThere are 0 delays\nFiltering:\n  nothing.\n\n\n');
    expect(text).toMatch(
      /\n\n\nInotify watching 5 directories\n {2}1: W\/src\/\n {2}2: W\/src\/sub\/\n {2}3: W\/src\/sub\/deep\/\n {2}4: W\/src2\/\n {2}5: W\/src3\/\n$/,
    );
    expect(statSync(status).mode & 0o777).toBe(0o644);
  });

  it('lists what is active, what waits and what moves', async () => {
    await start();
    writeFileSync(join(place.path, 'src/new.txt'), 'n');
    await shows(/active \w+ \/new\.txt\n/);
    writeFileSync(join(place.path, 'src/new.txt'), 'again');
    await shows(/(wait {3}|block {2})\w+ \/new\.txt\n/);
    writeFileSync(join(place.path, 'src2/three'), '3');
    const { renameSync } = await import('node:fs');
    renameSync(join(place.path, 'src2/one'), join(place.path, 'src2/two'));
    await shows(/Sync2 source=W\/src2\/\nThere are 2 delays\n[\s\S]*wait {3}Move \/one -> \/two\n/);
    writeFileSync(join(place.path, 'go'), '');
    await shows(/Sync1 source=W\/src\/\nThere are 0 delays\n/);
  });

  it('is never seen by half, and leaves no file behind', async () => {
    await start();
    for (let i = 0; i < 300; i++) {
      writeFileSync(join(place.path, `src3/f${i}`), '');
      if (existsSync(status))
        expect(readText(status)).toMatch(
          /^Lsyncd status report[\s\S]*Inotify watching \d+ directories\n[\s\S]*\n$/,
        );
      await new Promise((resolve) => setImmediate(resolve));
    }
    await shows('There are 300 delays');
    await daemon.stop();
    expect(
      readdirSync(place.path).filter((name) => name.startsWith('.') || name.startsWith('status')),
    ).toEqual(['status']);
  });
});
