// The built daemon with the user's own Lua, from start to end: errors, HUP, the end that a script or an administrator asks for.

import { appendFileSync, mkdirSync } from 'node:fs';
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

const SOON = { deadlineMs: 20_000 };

describe('the Lua of a config at run time', () => {
  let place: Workplace;
  let daemon: RunningDaemon;

  beforeEach(() => {
    place = makeWorkplace();
    for (const folder of ['one', 'two', 'trg']) mkdirSync(join(place.path, folder));
    place.write('two/kept', 'kept');
  });
  afterEach(async (context) => {
    const failed = context.task.result?.state === 'fail';
    if (failed) process.stderr.write(daemon.output());
    await daemon.stop();
    place.end(failed);
  });

  /** `sync` is Lua that stands in the sync of `one`; what it does is written to `done`. */
  function configure(sync: string, more = ''): string {
    return place.write(
      'conf.lua',
      `settings { nodaemon = true, statusFile = "${place.path}/status", statusInterval = 1 }
       local function note(event, text) spawnShell(event, "echo $1 >>${place.path}/done", text) end
       sync { source = "${place.path}/one", delay = 0, ${sync} }
       ${more}`,
    );
  }

  function start(...args: readonly string[]): void {
    daemon = startDaemon({ args: ['-log', 'Inotify', ...args] });
  }

  const isWatching = (): Promise<void> => daemon.saw('addwatch(');

  const change = (name: string): void => appendFileSync(join(place.path, 'one', name), 'x');
  const done = (): string => readText(join(place.path, 'done'));

  it('after an error stops that sync only, and after HUP does what was left, with the config put right', async () => {
    const other = `sync { default.direct, source = "${place.path}/two", target = "${place.path}/trg", delay = 0 }`;
    const wrong = 'onCreate = function(event)\nlocal x = nil\nnote(event, x.path) end';
    start(configure(wrong, other));
    await daemon.saw('finished: 0');
    change('a');
    await daemon.saw(/Error: in Lua: .*conf\.lua:5: attempt to index a nil value \(local 'x'\)/);
    await daemon.saw('Sync1 has stopped; its events are kept.');
    change('b');
    place.write('two/new', 'new');
    await waitUntil(() => readText(join(place.path, 'trg/new')) === 'new', SOON);
    await waitUntil(() => readText(join(place.path, 'status')).includes('stopped: error in its Lua'), SOON);
    configure('onCreate = function(event) note(event, event.path) end', other);
    daemon.child.kill('SIGHUP');
    await waitUntil(() => done() === 'a\nb\n', SOON);
    expect(await daemon.stop()).toBe(143);
  });

  it('a config that is broken at HUP leaves the scripts as they were', async () => {
    start(configure('onCreate = function(event) note(event, "old") end'));
    await isWatching();
    configure('onCreate = function(event) note(event, "new") end', 'error("boom")');
    daemon.child.kill('SIGHUP');
    await daemon.saw('going on with the one before');
    change('a');
    await waitUntil(() => done() === 'old\n', SOON);
  });

  it('may end the daemon with an exit code of its own', async () => {
    start(configure('onCreate = function(event) terminate(7) end'));
    await isWatching();
    change('a');
    expect(await daemon.exited).toBe(7);
  });

  it('is waited for at TERM: what runs is collected', async () => {
    const collect = 'collect = function(agent, code) log("Normal", "collected with ", code) end';
    start(
      configure(
        `onCreate = function(event) spawnShell(event, "echo begun; sleep 1; exit 3") end, ${collect}`,
      ),
    );
    await isWatching();
    change('a');
    await daemon.saw('begun');
    expect(await daemon.stop()).toBe(143);
    expect(daemon.output()).toContain('Normal: collected with 3');
  });

  it('ends after its startup with onepass', async () => {
    start('-onepass', configure('onStartup = function(event) note(event, "startup") end'));
    expect(await daemon.exited).toBe(0);
    expect(done()).toBe('startup\n');
  });

  it('is called by alarms, and can look at the clock', async () => {
    const more = `local began = now()
      alarm(now() + 0.3, function(at, extra) log("Normal", extra, " after ", at - began >= 0.3) end, "alarm")`;
    start(configure('onCreate = function(event) note(event, "x") end', more));
    await daemon.saw('Normal: alarm after');
    expect(daemon.output()).toContain('Normal: alarm after (true)');
  });
});
