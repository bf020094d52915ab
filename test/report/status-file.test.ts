import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StatusFile } from '../../src/report/status-file.ts';
import { removeLeftovers, writeAside } from '../../src/report/write-aside.ts';
import { FakeClock } from './fake-clock.ts';
import { makeTempDir } from './temp-dir.ts';

function setUp({ intervalSeconds = 10, path }: { intervalSeconds?: number; path?: string } = {}) {
  const directory = makeTempDir();
  const clock = new FakeClock();
  const logged: string[] = [];
  const log = Object.assign((category: string, text: string) => void logged.push(`${category}: ${text}`), {
    isOn: () => true,
  });
  const written: number[] = [];
  const state = () => {
    written.push(clock.monotonicMs() / 1000);
    return { syncs: [], watching: [], watchCount: written.length };
  };
  const target = path ?? join(directory, 'status');
  const file = new StatusFile(target, { intervalSeconds, clock, log, state });
  return { clock, directory, file, logged, path: target, written };
}

describe('StatusFile', () => {
  it('is written after the first touch, with mode 644 and nothing beside it', () => {
    const { clock, directory, file, path } = setUp();
    expect(existsSync(path)).toBe(false);
    const umask = process.umask(0o077);
    file.touch();
    clock.advance(0);
    process.umask(umask);
    expect(readFileSync(path, 'utf8')).toMatch(/Inotify watching 1 directories\n$/u);
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(readdirSync(directory)).toEqual(['status']);
  });

  it('is written at most once an interval, however often it is touched', () => {
    const { clock, file, written } = setUp({ intervalSeconds: 10 });
    for (let second = 0; second < 25; second += 1) {
      file.touch();
      file.touch();
      clock.advance(1000);
    }
    expect(written).toEqual([0, 10, 20]);
  });

  it('is written once for each burst of touches when the interval is 0', () => {
    const { clock, file, written } = setUp({ intervalSeconds: 0 });
    for (let second = 0; second < 3; second += 1) {
      file.touch();
      file.touch();
      clock.advance(1000);
    }
    expect(written).toEqual([0, 1, 2]);
  });

  it.each([
    [10, [0, 60, 120, 180]],
    [0, [0, 60, 120, 180]],
    [100, [0, 100, 200]],
  ])('has a heartbeat when nothing happens (interval %i)', (intervalSeconds, expected) => {
    const { clock, file, written } = setUp({ intervalSeconds });
    file.touch();
    clock.advance(200_000);
    expect(written).toEqual(expected);
  });

  it('does not keep the process alive by its timers, nor sets one that Node takes for 1 ms', () => {
    const { clock, file, written } = setUp({ intervalSeconds: 1e9 });
    file.touch();
    clock.advance(0);
    file.touch();
    clock.advance(2 ** 31 - 2);
    expect(written).toEqual([0]);
    expect(clock.timerOptions.every((options) => options?.isBackground)).toBe(true);
  });

  it('writes nothing after stop()', () => {
    const { clock, file, written } = setUp();
    file.touch();
    file.stop();
    file.stop();
    file.touch();
    clock.advance(1e6);
    expect(written).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  it('says once, in lsyncd’s words, that it cannot be written, and again only after it could', () => {
    const directory = makeTempDir();
    const path = join(directory, 'dir', 'status');
    const { clock, file, logged } = setUp({ intervalSeconds: 1, path });
    const line = `Error: Cannot open status file "${path}" :${path}: No such file or directory`;
    const touchAgain = () => {
      file.touch();
      clock.advance(1000);
    };
    touchAgain();
    touchAgain();
    expect(logged).toEqual([line]);
    mkdirSync(join(directory, 'dir'));
    touchAgain();
    expect(existsSync(path)).toBe(true);
    rmSync(join(directory, 'dir'), { recursive: true });
    touchAgain();
    touchAgain();
    expect(logged).toEqual([line, line]);
  });
});

describe('writeAside()', () => {
  const bytes = Buffer.from('new');

  it('gives a reader that has the old file open the whole old file', () => {
    const path = join(makeTempDir(), 'status');
    writeFileSync(path, 'old');
    const inode = statSync(path).ino;
    writeAside(path, bytes);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).ino).not.toBe(inode);
  });

  it('writes through a device and leaves it a device', () => {
    writeAside('/dev/null', bytes);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('follows a symlink in a directory of our own', () => {
    const directory = makeTempDir();
    const path = join(directory, 'status');
    symlinkSync('real', path);
    writeFileSync(join(directory, 'real'), 'old');
    writeAside(path, bytes);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(directory, 'real'), 'utf8')).toBe('new');
  });

  it('replaces a symlink that somebody planted in a directory open to all, and spares what it leads to', () => {
    const directory = makeTempDir();
    const path = join(directory, 'status');
    writeFileSync(join(directory, 'precious'), 'precious');
    symlinkSync('precious', path);
    chmodSync(directory, 0o1777);
    writeAside(path, bytes);
    expect(lstatSync(path).isFile()).toBe(true);
    expect(readFileSync(join(directory, 'precious'), 'utf8')).toBe('precious');
  });

  it.skipIf(process.getuid?.() !== 0)(
    'writes in place when only the file, not its directory, is ours to write',
    () => {
      const directory = makeTempDir();
      const path = join(directory, 'status');
      writeFileSync(path, 'a longer old one');
      chmodSync(directory, 0o755);
      chownSync(path, 65_534, 65_534);
      process.seteuid?.(65_534);
      try {
        writeAside(path, bytes);
        expect(() => writeAside(join(directory, 'other'), bytes)).toThrow(/^EACCES/u);
      } finally {
        process.seteuid?.(0);
      }
      expect(readFileSync(path, 'utf8')).toBe('new');
      expect(readdirSync(directory)).toEqual(['status']);
    },
  );

  it('leaves the old file and nothing else when it fails', () => {
    const directory = makeTempDir();
    const path = join(directory, 'status');
    mkdirSync(path);
    expect(() => writeAside(path, bytes)).toThrow(/EISDIR/u);
    expect(readdirSync(directory)).toEqual(['status']);
  });
});

describe('removeLeftovers()', () => {
  it('removes what a killed daemon left, but neither that of a running one nor anything else', () => {
    const directory = makeTempDir();
    const hex = '0123456789abcdef';
    const kept = [
      `.status.${process.pid}.${hex}.tmp`,
      `.status2.999999999.${hex}.tmp`,
      '.status.tmp',
      `.status.999999999.${hex}.tmp.txt`,
    ];
    for (const name of [...kept, `.status.999999999.${hex}.tmp`]) writeFileSync(join(directory, name), '');
    removeLeftovers(join(directory, 'status'));
    expect(readdirSync(directory).toSorted()).toEqual(kept.toSorted());
  });

  it('does not mind a directory that is not there', () => {
    expect(() => removeLeftovers('/nonexistent/dir/status')).not.toThrow();
  });
});
