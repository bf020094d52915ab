// The daemon with default.direct, as root and as an ordinary user, while somebody swaps a directory of the target for a symlink as fast as he
// can: nothing outside of the target is written or deleted, and then all is equal. TSYNCD_SWAP_ROUNDS makes it longer.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorkplace, startDaemon, TSYNCD, type RunningDaemon, type Workplace } from '../helpers/daemon.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const isRoot = process.getuid?.() === 0;
const ROUNDS = Number(process.env['TSYNCD_SWAP_ROUNDS'] ?? 25);
const NOBODY = 65_534;

describe.each([{ user: 'root' }, { user: 'an ordinary user' }].slice(isRoot ? 0 : 1))(
  'as $user',
  ({ user }) => {
    let place: Workplace;
    let daemon: RunningDaemon | undefined;
    let swapper: ChildProcess | undefined;
    const isOther = isRoot && user !== 'root';

    beforeEach(() => {
      place = makeWorkplace();
      for (const name of ['src', 'src/d', 'trg', 'trg/d', 'victim']) mkdirSync(path(name));
      for (let index = 0; index < 20; index += 1) writeFileSync(path(`victim/f${index}`), 'theirs');
    });
    afterEach(async (context) => {
      const failed = context.task.result?.state === 'fail';
      if (failed) process.stderr.write(daemon?.output().slice(-3000) ?? '');
      swapper?.kill('SIGKILL');
      await daemon?.stop();
      place.end(failed);
    });

    function path(name: string): string {
      return join(place.path, name);
    }

    function start(): RunningDaemon {
      const config = place.write(
        'conf.lua',
        `settings { nodaemon = true }
       sync { default.direct, source = '${path('src')}', target = '${path('trg')}', delay = 0, rsync = { archive = true } }\n`,
      );
      if (!isOther) return startDaemon({ args: [config] });
      execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, place.path]);
      chmodSync(place.path, 0o755);
      const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
      return startDaemon({ program: 'setpriv', args: [...ids, TSYNCD, config] });
    }

    /** Swaps `d` of the target for a symlink to `victim` and back, until `stop` is there; it may lose against the daemon, which makes `d` anew. */
    function swap(): ChildProcess {
      const text = `ln -s ../victim l; while [ ! -e ../stop ]; do
      mv -T d w; mv -T l d; mv -T d l; mv -T w d; [ ! -d w ] || rm -rf w; [ -L l ] || ln -sfT ../victim l; done`;
      return spawn('sh', ['-c', text], {
        cwd: path('trg'),
        stdio: 'ignore',
        ...(isOther ? { uid: NOBODY } : {}),
      });
    }

    async function rounds(change: (round: number) => void): Promise<void> {
      for (let round = 0; round < ROUNDS; round += 1) {
        change(round);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const ended = new Promise((resolve) => swapper?.once('exit', resolve));
      writeFileSync(path('stop'), '');
      await ended;
    }

    function write(text: string): void {
      for (let index = 0; index < 20; index += 1) {
        try {
          writeFileSync(path(`src/d/f${index}`), text, { flag: 'r+' });
        } catch {
          // It is away just now.
        }
      }
    }

    async function becomesEqual(): Promise<void> {
      for (let index = 0; index < 20; index += 1) writeFileSync(path(`src/d/f${index}`), `last ${index}`);
      daemon?.child.kill('SIGHUP');
      const isEqual = (): boolean => differences(path('src'), path('trg'), ['-rlptD']) === '';
      await waitUntil(isEqual, { deadlineMs: 30_000 });
    }

    it('nothing is written or deleted outside of the target', async () => {
      for (let index = 0; index < 20; index += 1) writeFileSync(path(`src/d/f${index}`), 'first');
      daemon = start();
      await daemon.saw('finished: 0');
      const before = statSync(path('victim')).mtimeMs;
      swapper = swap();
      await rounds((round) => {
        write(`round ${round}`);
        execFileSync('sh', ['-c', 'rm -f d/g; echo 1 >d/h; mv d/h d/g; chmod 640 d/f1'], {
          cwd: path('src'),
        });
      });
      expect(readdirSync(path('victim'))).toHaveLength(20);
      const contents = readdirSync(path('victim')).map((name) =>
        readFileSync(path(`victim/${name}`), 'utf8'),
      );
      expect(new Set(contents)).toEqual(new Set(['theirs']));
      expect(statSync(path('victim')).mtimeMs).toBe(before);
      await becomesEqual();
    });
  },
);
