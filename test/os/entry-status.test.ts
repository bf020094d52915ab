// What lies under a path, as statx(2) says it and as Node does.

import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toBuffer } from '../../src/byte-path.ts';
import { statusByNode, statusOf } from '../../src/os/entry-status.ts';

const LARGE_BYTES = 5 * 2 ** 32 + 3;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsyncd-test-'));
  writeFileSync(path('file'), 'four', { mode: 0o640 });
  mkdirSync(path('directory'));
  symlinkSync('nowhere', path('symlink'));
  execFileSync('mkfifo', [path('fifo')]);
  writeFileSync(path('large'), '');
  truncateSync(path('large'), LARGE_BYTES);
  writeFileSync(path('old'), '');
  execFileSync('touch', ['-d', '1969-12-31T23:59:58.250000001Z', path('old')]);
  writeFileSync(path('late'), '');
  utimesSync(path('late'), 0, 5_000_000_000);
  writeFileSync(toBuffer(path('\xff\xfe')), 'not UTF-8');
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);

describe.each([
  ['statusOf()', statusOf],
  ['statusByNode()', statusByNode],
])('%s', (_name, look) => {
  it.each(['file', 'directory', 'symlink', 'fifo', 'large', 'old', 'late', '\xff\xfe'])('sees %j', (name) => {
    const status = look(path(name));
    const stats = lstatSync(toBuffer(path(name)), { bigint: true });
    expect(status).toMatchObject({
      mode: Number(stats.mode),
      size: Number(stats.size),
      inode: Number(stats.ino),
    });
    expect(status?.mtimeNs).toBe(stats.mtimeNs);
    expect([status?.isFile(), status?.isDirectory(), status?.isSymbolicLink()]).toEqual([
      stats.isFile(),
      stats.isDirectory(),
      stats.isSymbolicLink(),
    ]);
    for (const [time, wanted] of [
      [status?.ctime, stats.ctimeNs],
      [status?.birth, stats.birthtimeNs],
    ] as const)
      expect(BigInt(time?.seconds ?? -1) * 1_000_000_000n + BigInt(time?.nanoseconds ?? -1)).toBe(wanted);
  });

  it('counts nanoseconds up from a whole second before 1970 too', () => {
    expect(look(path('old'))?.mtime).toEqual({ seconds: -2, nanoseconds: 250_000_001 });
  });

  it('sees nothing where nothing is, nor below a file', () => {
    expect(look(path('gone'))).toBeUndefined();
    expect(look(path('file/below'))).toBeUndefined();
  });

  it('throws what cannot be asked', () => {
    expect(() => look(path('x'.repeat(300)))).toThrow(expect.objectContaining({ code: 'ENAMETOOLONG' }));
    expect(() => look(`${folder}/${'y/'.repeat(2100)}`)).toThrow(
      expect.objectContaining({ code: 'ENAMETOOLONG' }),
    );
  });

  it('tells devices apart', () => {
    expect(look('/proc')?.device).not.toBe(look(folder)?.device);
    expect(look(path('file'))?.device).toBe(look(folder)?.device);
  });
});
