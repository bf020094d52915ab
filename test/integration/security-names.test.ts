// Names that mean something to shells, options, rsync's lists and terminals, and some that are no UTF-8: through every behaviour, locally and
// through a real sshd, as root and as an ordinary user. All at once, and each alone. TSYNCD_NAMES_ALONE=all has each alone also with rsync and ssh.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { chmodSync, lstatSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkplace, type RunningDaemon, type Workplace } from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { becomeEqual } from '../helpers/trees.ts';
import { actAs, giveTo, sshdLinesFor, startDaemonAs, USERS } from '../helpers/users.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** What a name that is run as a command makes, wherever it runs. */
const PWNED = `tsyncd-pwned-${process.pid}`;

/** A byte a character. */
const NAMES: readonly string[] = [
  'a\nb',
  '\n',
  'end\n',
  `it's`,
  '"',
  `'; touch ${PWNED}; '`,
  `"; touch ${PWNED}; "`,
  `$(touch ${PWNED})`,
  `\`touch ${PWNED}\``,
  '$(id)',
  '$HOME',
  '-',
  '--',
  '-rf',
  '--delete',
  '--remove-source-files',
  `-e sh x`,
  `-e touch ${PWNED}`,
  `--rsh=touch ${PWNED}`,
  ' ',
  '   ',
  ' lead',
  'trail ',
  'x'.repeat(255),
  '\xff'.repeat(255),
  '\xe9',
  '\xff\xfe',
  '\xc3\xa9',
  '[',
  ']',
  '[a-z]',
  '\\',
  'end\\',
  '\\n',
  '\\#012',
  '*',
  '**',
  '?',
  'host:x',
  'host::x',
  '#x',
  ';x',
  `;touch ${PWNED};`,
  `|touch ${PWNED}`,
  `&& touch ${PWNED}`,
  `>${PWNED}`,
  '~',
  '~root',
  '.x',
  '..x',
  '...',
  '\t',
  '\r',
  '\x1b[31m',
  '%s',
  '%n%p',
  '!x',
  '+ x',
  '- x',
  '{a,b}',
];

/** The name that `NAMES[index]` is moved to: as bad. */
const MOVED = NAMES.map((name) => (name.length < 255 ? `${name}2` : `y${name.slice(1)}`));

/** With a process for each, they take so much longer that most go with the others only. */
const ALONE = [`'; touch ${PWNED}; '`, '-rf', '\xff\xfe', '\\'];

/** The long form takes some minutes. */
const ALONE_LIMIT_MS = 600_000;

const LIMIT = { flags: ['-rlpt'], deadlineMs: 10_000 };

const BEHAVIOURS = ['default.rsync', 'default.rsyncssh', 'default.direct'] as const;

describe.each(USERS)('names as $user', (user) => {
  describe.each(BEHAVIOURS)('with %s', (behaviour) => {
    let place: Workplace;
    let sshd: TestSshd | undefined;
    let daemon: RunningDaemon;
    let hasFailed = false;

    beforeAll(async () => {
      place = makeWorkplace();
      for (const name of ['src', 'trg', 'cwd', 'beside']) mkdirSync(path(name));
      writeFileSync(path('beside/canary'), 'canary');
      utimesSync(path('beside/canary'), 1, 1);
      if (behaviour === 'default.rsyncssh') sshd = await startSshd(place.path, sshdLinesFor(user));
      const config = place.write(
        'conf.lua',
        `settings { nodaemon = true }\nsync { ${behaviour}, ${fields()} }\n`,
      );
      giveTo(user, place.path);
      daemon = startDaemonAs(user, { args: [config], cwd: path('cwd') });
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

    function at(tree: 'src' | 'trg', name: string): Buffer {
      return Buffer.from(`${path(tree)}/${name}`, 'latin1');
    }

    async function isMirrored(): Promise<void> {
      expect(await becomeEqual(path('src'), path('trg'), LIMIT)).toBe('');
      expect(readdirSync(path('src')).length).toBe(readdirSync(path('trg')).length);
      expect(hasHarmed()).toEqual([]);
    }

    /** Files that a command has made or touched. */
    function hasHarmed(): readonly string[] {
      const canary = path('beside/canary');
      const isTouched = readFileSync(canary, 'utf8') !== 'canary' || lstatSync(canary).mtimeMs !== 1000;
      const made = ['/', userInfo().homedir, place.path, path('cwd'), path('beside'), path('home')]
        .map((folder) => join(folder, PWNED))
        .filter((file) => existsSync(file));
      const inside = ['src', 'trg'].filter((tree) => existsSync(join(path(tree), PWNED)));
      return [...made, ...inside, ...(isTouched ? [canary] : [])];
    }

    describe.each(['files', 'directories with a file in each'] as const)('%s', (kind) => {
      const isFile = kind === 'files';
      const fileIn = (name: string): string => (isFile ? name : `${name}/${name}`);

      function create(name: string): void {
        if (!isFile) mkdirSync(at('src', name));
        writeFileSync(at('src', fileIn(name)), name);
      }

      function giveAttributes(name: string): void {
        for (const one of new Set([name, fileIn(name)])) {
          chmodSync(at('src', one), isFile || one !== name ? 0o600 : 0o700);
          utimesSync(at('src', one), 1_000_000, 1_000_000);
        }
      }

      const steps: readonly (readonly [string, () => void])[] = [
        ['created', () => NAMES.forEach(create)],
        ['modified', () => NAMES.forEach((name) => writeFileSync(at('src', fileIn(name)), 'modified'))],
        ['given attributes', () => NAMES.forEach(giveAttributes)],
        [
          'moved',
          () => NAMES.forEach((name, index) => renameSync(at('src', name), at('src', MOVED[index] ?? ''))),
        ],
        [
          'moved back',
          () => NAMES.forEach((name, index) => renameSync(at('src', MOVED[index] ?? ''), at('src', name))),
        ],
        ['deleted', () => NAMES.forEach((name) => rmSync(at('src', name), { recursive: true }))],
      ];
      it.each(steps)('all %s at once arrive', async (_step, change) => {
        actAs(user, change);
        await isMirrored();
      });
    });

    const isShort = behaviour !== 'default.direct' && process.env['TSYNCD_NAMES_ALONE'] !== 'all';
    it(
      'each alone is created, moved and deleted',
      async () => {
        const names = isShort ? ALONE : NAMES;
        for (const name of names) {
          const moved = MOVED[NAMES.indexOf(name)] ?? '';
          actAs(user, () => writeFileSync(at('src', name), name));
          await until(name, true);
          renameSync(at('src', name), at('src', moved));
          await until(moved, true);
          rmSync(at('src', moved));
          await until(moved, false);
          expect(readdirSync(path('trg'))).toEqual([]);
        }
        await isMirrored();
      },
      ALONE_LIMIT_MS,
    );

    async function until(name: string, isThere: boolean): Promise<void> {
      const what = `${JSON.stringify(name)} to be ${isThere ? 'there' : 'gone'}`;
      await waitUntil(() => existsSync(at('trg', name)) === isThere, { deadlineMs: 20_000, what });
    }
  });
});
