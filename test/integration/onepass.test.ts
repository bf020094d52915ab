// -onepass: ends once every sync has done its startup, with 0 only if all of it arrived.

import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { differences } from '../helpers/trees.ts';

const GOOD = 'Normal: onepass config set, exiting';
const BAD = 'Error: onepass: not everything could be synced, exiting';

describe('onepass', () => {
  let place: Workplace;
  let daemon: RunningDaemon;

  beforeEach(() => {
    place = makeWorkplace();
    for (const folder of ['one', 'two']) {
      mkdirSync(path(folder));
      place.write(`${folder}/file`, folder);
    }
  });
  afterEach(async (context) => {
    const failed = context.task.result?.state === 'fail';
    if (failed) process.stderr.write(daemon.output());
    await daemon.stop();
    place.end(failed);
  });

  const path = (name: string): string => join(place.path, name);
  const isEqual = (name: string): boolean => differences(path(name), path(`${name}-trg`)) === '';

  /** An rsync that ends with this code where its target is that of `two`. */
  function wrapper(script: string): string {
    place.write('wrapper', `#!/bin/sh\ncase "$*" in *two-trg*) ${script};; esac\nexec rsync "$@"\n`);
    chmodSync(path('wrapper'), 0o755);
    return `rsync = { binary = '${path('wrapper')}' }`;
  }

  function run(one: string, two = one): Promise<number> {
    const [first, second] = [one, two].map((sync, index) => {
      const name = ['one', 'two'][index] ?? '';
      return `sync { source = '${path(name)}', target = '${path(`${name}-trg`)}', ${sync} }`;
    });
    const config = place.write('conf.lua', `settings { nodaemon = true }\n${first}\n${second}\n`);
    daemon = startDaemon({ args: ['-onepass', config] });
    return daemon.exited;
  }

  it('ends with 0 when the last sync has done its startup', async () => {
    expect(await run(`default.direct`, `default.rsync, ${wrapper('sleep 1')}`)).toBe(0);
    expect([isEqual('one'), isEqual('two')]).toEqual([true, true]);
    expect(daemon.output()).toContain(GOOD);
  });

  it.each([
    ['says that it is partial', 'exit 23', BAD],
    ['cannot reach its target', 'exit 10', 'Terminating since "insist" is not set.'],
    ['is refused', 'exit 1', 'Error: Failure on startup of'],
  ])('ends with 255 when one of its rsyncs %s', async (_what, script, said) => {
    expect(await run(`default.rsync, ${wrapper(script)}`)).toBe(255);
    expect(daemon.output()).toContain(said);
    expect(daemon.output()).not.toContain(GOOD);
    expect(existsSync(path('two-trg/file'))).toBe(false);
  });

  it('waits for a tunnel, and leaves nothing of it', async () => {
    const script = `[ -e ${path('tried')} ] || { touch ${path('tried')}; exit 1; }; echo $$ >${path('pid')}; exec sleep 1000`;
    const tunnel = `tunnel { command = { 'sh', '-c', '${script}' }, retryDelay = 0.2, readyDelay = 0.2 }`;
    expect(await run('default.direct', `default.rsync, tunnel = ${tunnel}`)).toBe(0);
    expect([isEqual('one'), isEqual('two')]).toEqual([true, true]);
    expect(() => process.kill(Number(readText(path('pid'))), 0)).toThrow('ESRCH');
  });

  it('does not wait for the times of a crontab', async () => {
    expect(await run('default.rsync, crontab = "0 0 0 1 JAN *"')).toBe(0);
    expect([isEqual('one'), isEqual('two')]).toEqual([true, true]);
  });
});
