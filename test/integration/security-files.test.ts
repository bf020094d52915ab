// Pidfile, log and status file in a directory of mode 1777, as root and as an ordinary user: what somebody planted there makes the daemon write
// to nothing else. The canary is a file that the daemon may write. Other directories: report/planted.test.ts.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorkplace, readText, type RunningDaemon, type Workplace } from '../helpers/daemon.ts';
import { giveTo, isRoot, startDaemonAs, USERS } from '../helpers/users.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** Neither root nor the daemon's user. */
const STRANGER = 65_533;

const FILES = ['pidfile', 'logfile', 'statusFile'] as const;
type OwnFile = (typeof FILES)[number];

const CONTENT: Readonly<Record<OwnFile, string>> = { pidfile: '', logfile: 'canary', statusFile: 'canary' };

describe.each(USERS)('as $user', (user) => {
  let place: Workplace;
  let daemon: RunningDaemon | undefined;

  beforeEach(() => {
    place = makeWorkplace();
    for (const name of ['src', 'trg', 'open']) mkdirSync(path(name));
  });
  afterEach(async (context) => {
    const hasFailed = context.task.result?.state === 'fail';
    if (hasFailed) process.stderr.write(daemon?.output() ?? '');
    await daemon?.stop();
    daemon = undefined;
    place.end(hasFailed);
  });

  function path(name: string): string {
    return join(place.path, name);
  }

  /** The canary is the daemon's: nothing but care keeps it. What is planted is a stranger's. */
  function prepare(file: OwnFile): void {
    writeFileSync(path('canary'), CONTENT[file]);
    giveTo(user, place.path);
    chmodSync(path('open'), 0o1777);
    if (isRoot) chownSync(path('open'), 0, 0);
  }

  function plant(name: string, ...command: readonly string[]): void {
    execFileSync(command[0] ?? '', [...command.slice(1), path(`open/${name}`)]);
    if (isRoot) execFileSync('chown', ['-h', `${STRANGER}:${STRANGER}`, path(`open/${name}`)]);
  }

  function start(settings: Readonly<Partial<Record<OwnFile, string>>>, umask = '022'): RunningDaemon {
    const lines = Object.entries(settings).map(([key, value]) => `${key} = '${value}'`);
    const config = place.write(
      'conf.lua',
      `settings { nodaemon = true, statusInterval = 0, ${lines.join(', ')} }
       sync { default.direct, source = '${path('src')}', target = '${path('trg')}', delay = 0 }\n`,
    );
    const before = process.umask(Number.parseInt(umask, 8));
    try {
      daemon = startDaemonAs(user, { args: [config] });
    } finally {
      process.umask(before);
    }
    return daemon;
  }

  /** Until the file is written, or the daemon has said of it why not. */
  async function saidOrWritten(file: OwnFile, name: string): Promise<void> {
    const isWritten = (): boolean => {
      const found = lstatSync(name, { throwIfNoEntry: false });
      return found?.isFile() === true && found.nlink === 1 && found.size > 0;
    };
    await waitUntil(() => isWritten() || daemon?.output().includes(name) === true, {
      deadlineMs: 20_000,
      what: `${file}: ${daemon?.output()}`,
    });
  }

  const isUntouched = (file: OwnFile): boolean => readText(path('canary')) === CONTENT[file];

  describe.each(FILES)('the %s', (file) => {
    it.skipIf(!isRoot)('leaves alone what is planted: a symlink', async () => {
      prepare(file);
      plant('own', 'ln', '-s', path('canary'));
      start({ [file]: path('open/own') });
      await saidOrWritten(file, path('open/own'));
      expect(isUntouched(file)).toBe(true);
    });

    it('leaves alone what is planted: a hard link', async () => {
      prepare(file);
      linkSync(path('canary'), path('open/own'));
      start({ [file]: path('open/own') });
      await saidOrWritten(file, path('open/own'));
      expect(isUntouched(file)).toBe(true);
    });

    it('leaves alone what is planted: a fifo, which holds nothing up', async () => {
      prepare(file);
      plant('own', 'mkfifo');
      start({ [file]: path('open/own') });
      await saidOrWritten(file, path('open/own'));
      if (file === 'statusFile') await daemon?.saw('finished');
      else expect(await daemon?.exited).not.toBe(0);
    });
  });

  it.each(['000', '077'])(
    'with umask %s none of them is writable or executable for others',
    async (umask) => {
      giveTo(user, place.path);
      chmodSync(path('open'), 0o1777);
      const files = FILES.map((file) => [file, path(`open/${file}`)] as const);
      start(Object.fromEntries(files), umask);
      await waitUntil(() => files.every(([, name]) => existsSync(name)), { deadlineMs: 20_000 });
      for (const [, name] of files) {
        expect(statSync(name).mode & 0o133).toBe(0);
        expect(statSync(name).mode & 0o600).toBe(0o600);
      }
    },
  );

  it('the names that the status file has while it is written cannot be guessed, and planted ones are not followed', async () => {
    prepare('statusFile');
    for (const pid of [1, process.pid, 4_000_000]) {
      plant(`.own.${pid}.0123456789abcdef.tmp`, 'ln', '-s', path('canary'));
      plant(`.own.${pid}.tmp`, 'ln', '-s', path('canary'));
    }
    start({ statusFile: path('open/own') });
    await waitUntil(() => readText(path('open/own')) !== '', { deadlineMs: 20_000 });
    expect(isUntouched('statusFile')).toBe(true);
    const left = readdirSync(path('open')).filter((name) => lstatSync(path(`open/${name}`)).isFile());
    expect(left).toEqual(['own']);
  });

  it.each(['logfile', 'statusFile'] as const)(
    'the %s is written where a symlink of his own leads',
    async (file) => {
      mkdirSync(path('elsewhere'));
      symlinkSync('../elsewhere/real', path('open/own'));
      giveTo(user, place.path);
      start({ [file]: path('open/own') });
      await waitUntil(() => readText(path('elsewhere/real')) !== '', { deadlineMs: 20_000 });
      expect(lstatSync(path('open/own')).isSymbolicLink()).toBe(true);
    },
  );

  it.runIf(isRoot)(
    'a logfile that is swapped for a symlink while it is written leads to nothing else',
    async () => {
      prepare('logfile');
      start({ logfile: path('open/own') });
      await daemon?.saw('finished');
      plant('new', 'ln', '-s', path('canary'));
      renameSync(path('open/new'), path('open/own'));
      daemon?.child.kill('SIGHUP');
      await daemon?.saw('Cannot write logfile');
      expect(isUntouched('logfile')).toBe(true);
    },
  );

  it('a config that everybody may write is warned of', async () => {
    giveTo(user, place.path);
    const config = place.write(
      'conf.lua',
      `settings { nodaemon = true }\nsync { default.direct, source = '${path('src')}', target = '${path('trg')}' }\n`,
    );
    giveTo(user, place.path);
    chmodSync(config, 0o666);
    daemon = startDaemonAs(user, { args: [config] });
    await daemon.saw(
      `everybody may write this file, and so do all that the daemon may; chmod go-w "${config}"`,
    );
  });

  it('a child gets the environment of the daemon, and the mark of its own', async () => {
    const rsync = place.write('rsync', `#!/bin/sh\nenv -0 >>'${path('trg/env')}'\nexec rsync "$@"\n`);
    chmodSync(rsync, 0o755);
    const config = place.write(
      'conf.lua',
      `settings { nodaemon = true }
       sync { default.rsync, source = '${path('src')}', target = '${path('trg')}', delete = false, rsync = { binary = '${rsync}' } }\n`,
    );
    giveTo(user, place.path);
    daemon = startDaemonAs(user, { args: [config], env: { TSYNCD_TEST_OWN: 'own' } });
    await daemon.saw('finished');
    const names = (text: string): readonly string[] =>
      text.split('\0').map((line) => line.split('=')[0] ?? '');
    const given = new Set(names(readFileSync(`/proc/${daemon.child.pid}/environ`, 'utf8')));
    const got = names(readText(path('trg/env')));
    expect(got).toContain('TSYNCD_TEST_OWN');
    const shells = ['_', 'PWD', 'OLDPWD', 'SHLVL', ''];
    expect(got.filter((name) => !given.has(name) && !shells.includes(name))).toEqual(['TSYNCD_CHILD_OF']);
  });
});
