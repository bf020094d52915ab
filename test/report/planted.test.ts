// What somebody plants where the pidfile, the log and the status file are written: in every kind of directory, as root and as an ordinary user.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
} from 'node:fs';
import { closeSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acquirePidfile } from '../../src/pidfile.ts';
import { LogFile } from '../../src/report/log-file.ts';
import { writeAside } from '../../src/report/write-aside.ts';
import { actAs, giveTo, isRoot, NOBODY, USERS, type TestUser } from '../helpers/users.ts';
import { FakeClock } from './fake-clock.ts';
import { makeTempDir } from './temp-dir.ts';

/** Neither root nor an ordinary user of the tests. */
const STRANGER = 65_533;

const line = Buffer.from('line\n');
const logOptions = {
  clock: new FakeClock(),
  canWrite: () => true,
  onTrouble: (reason: string) => expect.fail(reason),
};

function appendTo(path: string): void {
  const log = new LogFile(path, logOptions);
  log.append(line);
  log.close();
}

interface Writer {
  readonly what: string;
  readonly write: (path: string) => void;
  /** What the canary holds, such that this would take it for its own. */
  readonly canary: string;
  /** It puts a file of its own in the place of what is planted. */
  readonly replaces: boolean;
}

const WRITERS: readonly Writer[] = [
  { what: 'the pidfile', write: (path) => void acquirePidfile(path), canary: '', replaces: false },
  { what: 'the log', write: appendTo, canary: 'canary', replaces: false },
  { what: 'the status file', write: (path) => writeAside(path, line), canary: 'canary', replaces: true },
];

interface Directory {
  readonly where: string;
  readonly mode: number;
  readonly owner?: number;
  readonly group?: number;
  /** What is a stranger's there cannot be replaced. */
  readonly isSticky?: boolean;
}

const DIRECTORIES: readonly Directory[] = [
  { where: 'of mode 1777', mode: 0o1777, owner: 0, isSticky: true },
  { where: 'of mode 777', mode: 0o777 },
  { where: 'that a group of strangers may write', mode: 0o775, group: STRANGER },
  { where: "of a stranger's", mode: 0o777, owner: STRANGER },
];

const PLANTED: Readonly<Record<string, (path: string, canary: string) => void>> = {
  'a symlink': (path, canary) => symlinkSync(canary, path),
  'a symlink to nothing': (path, canary) => symlinkSync(`${canary}2`, path),
  'a symlink to a device': (path) => symlinkSync('/dev/null', path),
  'a hard link': (path, canary) => linkSync(canary, path),
  'a fifo': (path) => void execFileSync('mkfifo', [path]),
};

/** A canary that is the user's, and a directory in which others may write. */
function prepare(
  user: TestUser,
  { mode, owner, group }: Directory,
): { readonly canary: string; readonly path: string } {
  const directory = makeTempDir();
  const open = join(directory, 'open');
  mkdirSync(open);
  const canary = join(directory, 'canary');
  writeFileSync(canary, '');
  giveTo(user, directory);
  const own = user.isOther ? NOBODY : 0;
  chownSync(open, owner ?? own, group ?? 0);
  chmodSync(open, mode);
  return { canary, path: join(open, 'own') };
}

function tried(action: () => void): string {
  try {
    action();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe.skipIf(!isRoot).each(USERS)('as $user', (user) => {
  describe.each(DIRECTORIES)('in a directory $where', (directory) => {
    describe.each(WRITERS)('$what', ({ write, canary: content, replaces }) => {
      it.each(Object.entries(PLANTED))('goes nowhere else through %s', (what, plant) => {
        const { canary, path } = prepare(user, directory);
        writeFileSync(canary, content);
        plant(path, canary);
        if (what !== 'a hard link') execFileSync('chown', ['-h', `${STRANGER}:${STRANGER}`, path]);
        let said = '';
        actAs(user, () => {
          said = tried(() => write(path));
        });
        expect(readFileSync(canary, 'utf8')).toBe(content);
        expect(existsSync(`${canary}2`)).toBe(false);
        const isReplaced = lstatSync(path).isFile() && lstatSync(path).nlink === 1;
        expect(isReplaced).toBe(said === '');
        if (said !== '') expect(said).toContain(path);
        const mayReplace = directory.isSticky !== true || !user.isOther || what === 'a hard link';
        expect(isReplaced).toBe(replaces && mayReplace);
      });
    });
  });

  it('a symlink of his own is followed where not everybody may write', () => {
    const { canary, path } = prepare(user, { where: '', mode: 0o775, group: STRANGER });
    execFileSync('ln', ['-s', '../canary', path]);
    execFileSync('chown', ['-h', user.isOther ? String(NOBODY) : '0', path]);
    actAs(user, () => appendTo(path));
    expect(readFileSync(canary, 'utf8')).toBe('line\n');
    actAs(user, () => writeAside(path, Buffer.from('new')));
    expect(readFileSync(canary, 'utf8')).toBe('new');
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });

  it('a symlink of his own to a symlink of a stranger is not followed further', () => {
    const { canary, path } = prepare(user, DIRECTORIES[1] as Directory);
    symlinkSync(canary, path);
    execFileSync('chown', ['-h', String(STRANGER), path]);
    const link = join(canary, '..', 'link');
    symlinkSync(path, link);
    execFileSync('chown', ['-h', user.isOther ? String(NOBODY) : '0', link]);
    actAs(user, () => {
      expect(() => appendTo(link)).toThrow(/ELOOP/u);
      writeAside(link, line);
    });
    expect(readFileSync(canary, 'utf8')).toBe('');
    expect(lstatSync(path).isFile()).toBe(true);
  });
});

it('the log goes where /dev/fd leads, as to /dev/stdout', () => {
  const file = join(makeTempDir(), 'real');
  const fd = openSync(file, 'w');
  appendTo(`/dev/fd/${fd}`);
  closeSync(fd);
  expect(readFileSync(file, 'utf8')).toBe('line\n');
});
