import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MachineError } from '../../src/errors.ts';
import { acquirePidfile } from '../../src/pidfile.ts';
import { waitUntil } from '../helpers/wait-until.ts';

function pidPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tsyncd-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'pid');
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}

const ours = `${process.pid}\n`;

describe('acquirePidfile()', () => {
  it('writes our number with mode 644, and removes the file at release()', () => {
    const path = pidPath();
    const pidfile = acquirePidfile(path);
    expect(pidfile.path).toBe(path);
    expect(read(path)).toBe(ours);
    expect(statSync(path).mode & 0o777).toBe(0o644 & ~process.umask());
    pidfile.release();
    expect(existsSync(path)).toBe(false);
    pidfile.release();
  });

  it.each(['', '7\n', '28194999999\n23\n', ' 12 '])(
    'takes over %j that nobody holds, without a rest',
    (stale) => {
      const path = pidPath();
      writeFileSync(path, stale);
      const pidfile = acquirePidfile(path);
      expect(read(path)).toBe(ours);
      pidfile.release();
    },
  );

  it('says who holds it, and leaves it to him', () => {
    const path = pidPath();
    const pidfile = acquirePidfile(path);
    expect(() => acquirePidfile(path)).toThrow(
      new MachineError(`Cannot lock pidfile; '${path}' (held by process ${process.pid})`),
    );
    expect(read(path)).toBe(ours);
    pidfile.release();
    acquirePidfile(path).release();
  });

  it('is refused what flock(1) holds in another process', () => {
    const path = pidPath();
    const probe = `flock -n "$1" true; echo $?`;
    const pidfile = acquirePidfile(path);
    expect(spawnSync('sh', ['-c', probe, 'sh', path], { encoding: 'utf8' }).stdout).toBe('1\n');
    pidfile.release();
    expect(spawnSync('sh', ['-c', probe, 'sh', path], { encoding: 'utf8' }).stdout).toBe('0\n');
  });

  it('leaves a file alone that somebody put in its place', () => {
    const path = pidPath();
    const pidfile = acquirePidfile(path);
    renameSync(path, `${path}.old`);
    writeFileSync(path, '4711\n');
    pidfile.release();
    expect(read(path)).toBe('4711\n');
  });

  it('can be released when the file or its directory is gone', () => {
    const path = pidPath();
    const pidfile = acquirePidfile(path);
    rmSync(path);
    pidfile.release();
    expect(existsSync(path)).toBe(false);
  });

  const refused: readonly (readonly [what: string, make: (path: string) => void, message: RegExp])[] = [
    [
      'a config file',
      (path) => writeFileSync(path, 'sync { }'),
      /^Cannot use pidfile '.*': it holds something else/u,
    ],
    ['a directory', (path) => mkdirSync(path), /^Cannot create pidfile; '.*' \(EISDIR/u],
    ['a symlink', (path) => symlinkSync('precious', path), /^Cannot create pidfile; '.*' \(ELOOP/u],
    [
      'a fifo',
      (path) => spawnSync('mkfifo', [path]),
      /^Cannot create pidfile; '.*' \(it is no plain file\)$/u,
    ],
  ];
  it.each(refused)('refuses %s, and leaves it as it is', (_what, make, message) => {
    const path = pidPath();
    writeFileSync(join(path, '..', 'precious'), '1\n');
    make(path);
    const before = statSync(path);
    expect(() => acquirePidfile(path)).toThrow(MachineError);
    expect(() => acquirePidfile(path)).toThrow(message);
    expect(statSync(path)).toMatchObject({ ino: before.ino, size: before.size, mtimeMs: before.mtimeMs });
    expect(read(join(path, '..', 'precious'))).toBe('1\n');
  });

  it('cannot be created where there is no directory, in lsyncd’s words', () => {
    expect(() => acquirePidfile('/nonexistent/dir/pid')).toThrow(
      new MachineError("Cannot create pidfile; '/nonexistent/dir/pid'"),
    );
  });

  it('has a file that is there to stay when others took and removed theirs at the same moment', async () => {
    const path = pidPath();
    const takeAndRemove = 'while :; do exec 9<>"$1"; flock -n 9 && rm -f "$1"; exec 9>&-; done';
    const rival = spawn('timeout', ['0.5', 'sh', '-c', takeAndRemove, 'sh', path], { stdio: 'ignore' });
    const ended = new Promise((resolve) => rival.on('exit', resolve));
    await waitUntil(() => existsSync(path), { deadlineMs: 10_000, what: 'the rival' });
    const pidfile = tryUntilAcquired(path);
    await ended;
    expect(read(path)).toBe(ours);
    pidfile.release();
  });
});

function tryUntilAcquired(path: string) {
  for (;;) {
    try {
      return acquirePidfile(path);
    } catch (error) {
      if (!(error instanceof MachineError) || !error.message.startsWith('Cannot lock')) throw error;
    }
  }
}
