import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fromText, toBuffer } from '../../src/byte-path.ts';
import type { BytePath } from '../../src/byte-path.ts';
import { copyAttributes } from '../../src/os/attributes.ts';
import { tryLockExclusive } from '../../src/os/flock.ts';
import { canWrite } from '../../src/os/poll.ts';

const isRoot = process.getuid?.() === 0;

function makeDirectory(): BytePath {
  const path = mkdtempSync(join(tmpdir(), 'tsyncd-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return fromText(path);
}

function statOf(path: BytePath) {
  const { mode, uid, gid, mtimeNs } = lstatSync(toBuffer(path), { bigint: true });
  return { mode: mode & 0o7777n, uid, gid, mtimeNs };
}

/** To the nanosecond, which Node cannot set. */
function touch(path: BytePath, date: string): void {
  const { status } = spawnSync('xargs', ['-0', 'touch', '-h', '-d', date, '--'], { input: toBuffer(path) });
  if (status !== 0) throw new Error(`Cannot touch "${path}"`);
}

describe('copyAttributes()', () => {
  const names: readonly (readonly [what: string, name: BytePath])[] = [
    ['a plain name', 'd'],
    ['a name that is not UTF-8', '\u00FF\u00FE d'],
    ['a name with a line feed and a dollar', '-rf $(id)\n'],
    ['a UTF-8 name', fromText('äöü')],
  ];
  it.each(names)('gives a directory mode and times to the nanosecond: %s', (_what, name) => {
    const root = makeDirectory();
    const [source, target] = [`${root}/s${name}`, `${root}/t${name}`];
    mkdirSync(toBuffer(source));
    mkdirSync(toBuffer(target));
    chmodSync(toBuffer(source), 0o2751);
    touch(source, '2001-02-03 04:05:06.123456789 UTC');
    copyAttributes(source, target);
    expect(statOf(target)).toEqual(statOf(source));
    expect(statOf(target)).toMatchObject({ mode: 0o2751n, mtimeNs: 981_173_106_123_456_789n });
  });

  it('gives times before 1970', () => {
    const root = makeDirectory();
    writeFileSync(`${root}/s`, '');
    writeFileSync(`${root}/t`, '');
    touch(`${root}/s`, '1969-12-31 23:59:58.75 UTC');
    copyAttributes(`${root}/s`, `${root}/t`);
    expect(statOf(`${root}/t`).mtimeNs).toBe(-1_250_000_000n);
  });

  it.skipIf(!isRoot)('gives owner and group, and keeps setuid and setgid with them', () => {
    const root = makeDirectory();
    writeFileSync(`${root}/s`, '');
    writeFileSync(`${root}/t`, '');
    chownSync(`${root}/s`, 1234, 5678);
    chmodSync(`${root}/s`, 0o6755);
    copyAttributes(`${root}/s`, `${root}/t`);
    expect(statOf(`${root}/t`)).toMatchObject({ uid: 1234n, gid: 5678n, mode: 0o6755n });
  });

  it.skipIf(!isRoot)(
    'keeps the owner who may not give a file away, and then no setuid, setgid or sticky',
    () => {
      const root = makeDirectory();
      writeFileSync(`${root}/s`, '');
      chownSync(`${root}/s`, 1234, 5678);
      chmodSync(`${root}/s`, 0o7751);
      writeFileSync(`${root}/t`, '');
      for (const path of [root, `${root}/t`]) chownSync(path, 65_534, 65_534);
      process.seteuid?.(65_534);
      try {
        copyAttributes(`${root}/s`, `${root}/t`);
      } finally {
        process.seteuid?.(0);
      }
      expect(statOf(`${root}/t`)).toMatchObject({
        uid: 65_534n,
        mode: 0o751n,
        mtimeNs: statOf(`${root}/s`).mtimeNs,
      });
    },
  );

  it.skipIf(!isRoot)('leaves what a symlink leads to alone, and its own owner and times are given', () => {
    const root = makeDirectory();
    writeFileSync(`${root}/file`, '');
    const before = statOf(`${root}/file`);
    symlinkSync('file', `${root}/s`);
    symlinkSync('file', `${root}/t`);
    lchownSync(`${root}/s`, 1234, 5678);
    spawnSync('touch', ['-h', '-d', '2001-02-03 UTC', `${root}/s`]);
    copyAttributes(`${root}/s`, `${root}/t`);
    expect(statOf(`${root}/t`)).toEqual(statOf(`${root}/s`));
    expect(statOf(`${root}/file`)).toEqual(before);
  });

  it('refuses to give the attributes of a directory to what a symlink leads to', () => {
    const root = makeDirectory();
    mkdirSync(`${root}/s`);
    mkdirSync(`${root}/real`);
    symlinkSync('real', `${root}/t`);
    chmodSync(`${root}/s`, 0o700);
    const before = statOf(`${root}/real`);
    expect(() => copyAttributes(`${root}/s`, `${root}/t`)).toThrow(/^Cannot copy attributes to ".*\/t"/u);
    expect(statOf(`${root}/real`)).toEqual(before);
  });

  it.each(['s', 't'])('throws ENOENT when %s is not there', (missing) => {
    const root = makeDirectory();
    for (const name of ['s', 't']) if (name !== missing) mkdirSync(`${root}/${name}`);
    expect(() => copyAttributes(`${root}/s`, `${root}/t`)).toThrow(/^ENOENT/u);
  });
});

describe('a C call that fails', () => {
  it('throws what Node would throw', () => {
    expect(() => tryLockExclusive(-1)).toThrow(
      expect.objectContaining({
        code: 'EBADF',
        syscall: 'flock',
        message: 'EBADF: bad file descriptor, flock',
      }),
    );
  });

  it('does not count as a stream that blocks', () => {
    expect(canWrite(999_999)).toBe(true);
  });
});
