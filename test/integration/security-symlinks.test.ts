// Symlinks that somebody plants in the source or at the target, with every behaviour, as root and as an ordinary user: nothing outside of the
// target is written, changed or deleted, nothing from outside of the source arrives, and then all is equal.

import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkplace, type RunningDaemon, type Workplace } from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { becomeEqual, differences } from '../helpers/trees.ts';
import { actAs, giveTo, sshdLinesFor, startDaemonAs, USERS } from '../helpers/users.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const LIMIT = { flags: ['-rlpt'], deadlineMs: 20_000 };

const BEHAVIOURS = ['default.rsync', 'default.rsyncssh', 'default.direct'] as const;

/** What is done below `d` and `e` of the source while they are symlinks at the target; `d/h`, `e/k` and the like are there. */
const BELOW = [
  'echo new >d/new; echo changed >d/f; mkdir d/made; echo in >d/made/in',
  'chmod 640 d/f2; touch -d @1000000 d/f3; rm d/g; rm -r d/sub; chmod 700 d',
  'mv d/h e/h; mv e/k d/k; mv d/i d/j; mv d/tree e/tree',
] as const;

describe.each(USERS)('symlinks as $user', (user) => {
  describe.each(BEHAVIOURS)('with %s', (behaviour) => {
    let place: Workplace;
    let sshd: TestSshd | undefined;
    let daemon: RunningDaemon;
    let hasFailed = false;
    let rounds = 0;
    const usesSsh = behaviour === 'default.rsyncssh';

    beforeAll(async () => {
      place = makeWorkplace();
      for (const name of ['src', 'trg', 'victim', 'copy']) mkdirSync(path(name));
      fill('victim', 'theirs');
      for (const name of ['src/d', 'src/e']) {
        mkdirSync(path(name));
        fill(name, 'ours');
      }
      if (usesSsh) sshd = await startSshd(place.path, sshdLinesFor(user));
      const config = place.write(
        'conf.lua',
        `settings { nodaemon = true }\nsync { ${behaviour}, ${fields()} }\n`,
      );
      giveTo(user, place.path);
      execFileSync('rsync', ['-a', `${path('victim')}/`, `${path('copy')}/`]);
      daemon = startDaemonAs(user, { args: [config] });
      await daemon.saw('finished');
    });
    afterEach((context) => {
      hasFailed ||= context.task.result?.state === 'fail';
    });
    afterAll(async () => {
      if (hasFailed) process.stderr.write(daemon.output().slice(-3000));
      await daemon.stop();
      await sshd?.stop();
      place.end(hasFailed);
    });

    function fields(): string {
      const from = `source = '${path('src')}', delay = 0, rsync = { archive = true }`;
      if (sshd === undefined) return `target = '${path('trg')}', ${from}`;
      return `host = '${userInfo().username}@${sshd.host}', targetdir = '${path('trg')}', ssh = ${sshd.luaTable}, ${from}`;
    }

    function path(name: string): string {
      return join(place.path, name);
    }

    /** The same names inside and outside, so that what goes the wrong way finds something. */
    function fill(folder: string, text: string): void {
      const make = `mkdir sub tree dir; for f in f f2 f3 g h i k sub/x tree/y dir/z; do echo ${text} >$f; done`;
      execFileSync('sh', ['-c', make], { cwd: path(folder) });
    }

    function shell(text: string, folder = 'src'): void {
      actAs(
        user,
        () =>
          void execFileSync('sh', ['-ec', text], {
            cwd: path(folder),
            env: { ...process.env, PLACE: place.path },
          }),
      );
    }

    function isUnharmed(): void {
      expect(differences(path('copy'), path('victim'), ['-rlptog'])).toBe('');
    }

    /** Until all that was done before has been carried over. */
    async function isDone(): Promise<void> {
      rounds += 1;
      writeFileSync(path(`src/mark${rounds}`), '');
      const mark = path(`trg/mark${rounds}`);
      await waitUntil(() => lstatSync(mark, { throwIfNoEntry: false }) !== undefined, {
        deadlineMs: 20_000,
        what: mark,
      });
    }

    async function isEqual(): Promise<void> {
      expect(await becomeEqual(path('src'), path('trg'), LIMIT)).toBe('');
      isUnharmed();
    }

    const links = [
      '../victim/f',
      '../victim',
      '/',
      '..',
      '../..',
      'dangling',
      'loop',
      '.',
      '$PLACE/victim',
      '-rf',
      'd/sub',
    ];

    it('planted in the source arrive as symlinks, whatever they lead to', async () => {
      shell(links.map((link, index) => `ln -s -- "${link}" link${index}`).join('\n'));
      shell('ln -s loop loop; mkdir deep; ln -s ../../victim deep/out');
      await isEqual();
      expect(readlinkSync(path('trg/link2'))).toBe('/');
    });

    it('planted in the source in the place of files and directories arrive as symlinks', async () => {
      shell('mkdir was; echo 1 >was/f; echo 1 >file');
      await isEqual();
      shell('mv was away; ln -s ../victim was; ln -sfn ../victim/f file; rm -r deep; ln -s ../victim deep');
      await isEqual();
      expect(lstatSync(path('trg/was')).isSymbolicLink()).toBe(true);
    });

    it('that waited for as directories bring nothing from where they lead', async () => {
      shell('mkdir w; for n in 1 2 3 4 5 6 7 8 9; do echo $n >w/f; done; rm -r w; ln -s ../victim w');
      await isDone();
      await isEqual();
      expect(lstatSync(path('trg/w')).isSymbolicLink()).toBe(true);
    });

    it('in the source are touched, changed, moved and deleted; what they lead to is not', async () => {
      shell(
        'touch -h -d @1000000 link0; ln -sfn ../copy link1; mv link2 moved2; mv link3 d/link3; rm link0 link4 was w; mkdir w',
      );
      await isEqual();
    });

    // Over ssh each round takes so much longer that all go in one.
    it.each(usesSsh ? [BELOW.join('; ')] : BELOW)(
      'planted at the target lead nothing out of it: %s',
      async (change) => {
        shell('for n in d e; do rm -rf $n; ln -s ../victim $n; done', 'trg');
        shell(change);
        await isDone();
        isUnharmed();
        daemon.child.kill('SIGHUP');
        await isEqual();
      },
    );

    it('planted at the target, a directory that is deleted, or moved, takes nothing with it', async () => {
      shell('for n in d e; do rm -rf $n; ln -s ../victim $n; done', 'trg');
      shell('rm -r d; mv e e2');
      await isDone();
      isUnharmed();
      daemon.child.kill('SIGHUP');
      await isEqual();
    });
  });
});
