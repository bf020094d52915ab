// delay, maxDelays, maxProcesses: when a batch starts, and how many run at one time.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
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
import { waitUntil } from '../helpers/wait-until.ts';

describe('limits', () => {
  let place: Workplace;
  let daemon: RunningDaemon;

  beforeEach(() => {
    place = makeWorkplace();
    mkdirSync(join(place.path, 'bin'));
    wrap('rsync');
  });
  afterEach(async (context) => {
    const failed = context.task.result?.state === 'fail';
    if (failed) process.stderr.write(`${daemon.output()}\n${record().join('\n')}\n`);
    release();
    await daemon.stop();
    place.end(failed);
  });

  /**
   * A program of this name that notes in `record` when it starts (`+ pid paths`) and ends (`- pid`). While the file `hold` is there it stays. What is started
   * before the file `recording` is there is not noted.
   */
  function wrap(name: string): void {
    const real = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    place.write(
      `bin/${name}`,
      `#!/bin/sh
[ -e ${place.path}/recording ] && [ "$1" != --version ] || exec ${real} "$@"
cat >${place.path}/stdin.$$
printf '+ %s %s\\n' $$ "$(tr '\\0\\n' '  ' <${place.path}/stdin.$$)" >>${place.path}/record
while [ -e ${place.path}/hold ]; do sleep 0.02; done
${real} "$@" <${place.path}/stdin.$$
code=$?
echo "- $$" >>${place.path}/record
exit $code\n`,
    );
    chmodSync(join(place.path, `bin/${name}`), 0o755);
  }

  const record = (): string[] => readText(join(place.path, 'record')).split('\n').filter(Boolean);
  const begun = (): string[] => record().filter((line) => line.startsWith('+'));
  const hold = (): string => place.write('hold', '');
  const release = (): void => rmSync(join(place.path, 'hold'), { force: true });

  /** How many ran at one time at most. */
  function peak(): number {
    let running = 0;
    let most = 0;
    for (const line of record()) {
      running += line.startsWith('+') ? 1 : -1;
      most = Math.max(most, running);
    }
    return most;
  }

  async function start(settings: string, syncs: readonly string[]): Promise<void> {
    const blocks = syncs.map((sync, index) => {
      mkdirSync(join(place.path, `src${index}`));
      return `sync { source = '${place.path}/src${index}', target = '${place.path}/trg${index}', ${sync} }`;
    });
    const config = place.write(
      'conf.lua',
      `settings { nodaemon = true, ${settings} }\n${blocks.join('\n')}\n`,
    );
    daemon = startDaemon({
      args: [config],
      env: { PATH: `${join(place.path, 'bin')}:${process.env['PATH']}` },
    });
    await daemon.saw('finished', { times: syncs.length });
    place.write('recording', '');
  }

  async function becomesEqual(index: number): Promise<void> {
    const trees = [join(place.path, `src${index}`), join(place.path, `trg${index}`)] as const;
    await waitUntil(() => differences(...trees) === '', { deadlineMs: 15_000, what: `sync ${index}` });
  }

  async function starts(count: number): Promise<void> {
    await waitUntil(() => begun().length >= count, { deadlineMs: 10_000, what: `${count} children` });
  }

  it('delay: events within it go in one batch', async () => {
    await start('', ['default.rsync, delay = 1']);
    for (let i = 0; i < 20; i++) {
      place.write(`src0/f${i}`, 'x\n');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await becomesEqual(0);
    expect(begun()).toHaveLength(1);
  });

  it('maxDelays: a batch starts at once when so many wait', async () => {
    await start('', ['default.rsync, delay = 3600, maxDelays = 5']);
    for (let i = 0; i < 4; i++) place.write(`src0/f${i}`, 'x\n');
    // Told in the order of the kernel: when the fifth is told, the four have been.
    place.write('src0/fifth', 'x\n');
    await becomesEqual(0);
    expect(begun()).toHaveLength(1);
    expect(begun()[0]).toContain('f0');
    expect(begun()[0]).toContain('fifth');
  });

  it('settings.maxProcesses: never more children over all syncs, and each sync gets its turn', async () => {
    await start('maxProcesses = 2', [
      'default.rsync, delay = 0, maxProcesses = 4',
      'default.rsync, delay = 0, maxProcesses = 4',
      'default.rsync, delay = 0',
    ]);
    hold();
    // The first sync keeps both busy, and has more to do.
    place.write('src0/one', '1\n');
    await starts(1);
    place.write('src0/two', '2\n');
    await starts(2);
    place.write('src0/three', '3\n');
    place.write('src1/a', 'a\n');
    place.write('src2/b', 'b\n');
    release();
    for (const index of [0, 1, 2]) await becomesEqual(index);
    await waitUntil(() => record().length === 2 * begun().length, { deadlineMs: 10_000 });
    expect(peak()).toBe(2);
    const turns = begun().map((line) => line.split('/').at(-1)?.trim());
    expect(turns.slice(0, 2)).toEqual(['one', 'two']);
    // A file that is seen before it is closed is sent twice.
    expect(new Set(turns)).toEqual(new Set(['one', 'two', 'three', 'a', 'b']));
  });

  it('a sync that always has work does not keep another from its turn', async () => {
    await start('maxProcesses = 1', ['default.rsync, delay = 0', 'default.rsync, delay = 0']);
    hold();
    place.write('src0/first', '1\n');
    await starts(1);
    place.write('src1/quiet', 'q\n');
    place.write('src0/second', '2\n');
    release();
    for (let i = 0; i < 5; i++) {
      const count = begun().length;
      place.write(`src0/more${i}`, `${i}\n`);
      await starts(count + 1);
    }
    await becomesEqual(1);
    const turn = begun().findIndex((line) => line.includes('quiet'));
    expect(turn).toBeGreaterThan(0);
    expect(turn).toBeLessThanOrEqual(2);
    await becomesEqual(0);
    expect(peak()).toBe(1);
  });

  it('maxProcesses: several batches at one time, no path in two', async () => {
    await start('', ['default.rsync, delay = 0, maxProcesses = 3']);
    hold();
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      place.write(`src0/${name}`, `${name}\n`);
      await starts(index + 1);
    }
    // These overlap what runs, and a fourth may not start.
    for (const name of ['a', 'b', 'd']) place.write(`src0/${name}`, `${name} again\n`);
    mkdirSync(join(place.path, 'src0/dir'));
    place.write('src0/dir/x', 'x\n');
    release();
    await becomesEqual(0);
    await waitUntil(() => record().length === 2 * begun().length, { deadlineMs: 10_000 });
    expect(peak()).toBeGreaterThanOrEqual(3);
    expect(peak()).toBeLessThanOrEqual(3);
    expect(begun()[0]).toMatch(/\ba\b/);
    expect(pathsInTwo()).toEqual([]);
  });

  /** Paths that were given to two children at one time. */
  function pathsInTwo(): string[] {
    const running = new Map<string, readonly string[]>();
    const twice: string[] = [];
    for (const line of record()) {
      const [sign, pid = '', ...paths] = line.trim().split(/\s+/);
      if (sign === '-') running.delete(pid);
      else {
        const others = new Set([...running.values()].flat());
        twice.push(...paths.filter((path) => others.has(path)));
        running.set(pid, paths);
      }
    }
    return twice;
  }

  it('many files at maxProcesses = 4 all arrive', async () => {
    await start('', ['default.direct, delay = 0, maxProcesses = 4']);
    for (let i = 0; i < 300; i++) {
      place.write(`src0/f${i}`, `${i}\n`);
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await becomesEqual(0);
  });
});
