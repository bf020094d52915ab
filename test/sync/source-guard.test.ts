// The source guard looks at real directories.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SourceGuard } from '../../src/sync/source-guard.ts';

describe('SourceGuard', () => {
  let folder: string;
  let source: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsyncd-guard-'));
    source = `${folder}/src/`;
    mkdirSync(source);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const makeGuard = (): SourceGuard => new SourceGuard({ source });

  it('has nothing against a directory that is what it was', () => {
    writeFileSync(`${source}a`, '');
    const guard = makeGuard();
    expect(guard.whyGone()).toBeUndefined();
  });

  it.each([
    ['removed', () => rmSync(source, { recursive: true }), 'was removed or moved away'],
    ['moved away', () => renameSync(source, `${folder}/away`), 'was removed or moved away'],
    [
      'a file now',
      () => {
        rmSync(source, { recursive: true });
        writeFileSync(source.slice(0, -1), '');
      },
      'was removed or moved away',
    ],
    [
      'replaced',
      () => {
        mkdirSync(`${folder}/new`);
        renameSync(source, `${folder}/away`);
        renameSync(`${folder}/new`, source);
      },
      'is another directory now (unmounted or replaced)',
    ],
  ])('says that the source is %s', (_name, change, why) => {
    const guard = makeGuard();
    change();
    expect(guard.whyGone()).toBe(why);
  });

  it('takes what is there by remember()', () => {
    const guard = makeGuard();
    mkdirSync(`${folder}/new`);
    renameSync(source, `${folder}/away`);
    renameSync(`${folder}/new`, source);
    guard.remember();
    expect(guard.whyGone()).toBeUndefined();
  });

  it('follows a symlink, as rsync does with a source that ends with a slash', () => {
    renameSync(source, `${folder}/real`);
    symlinkSync('real', source.slice(0, -1));
    writeFileSync(`${source}a`, '');
    const guard = makeGuard();
    expect(guard.whyGone()).toBeUndefined();
    expect(guard.isBack()).toBe(true);
  });

  it('has nothing against a source that was emptied while it was watched', () => {
    writeFileSync(`${source}a`, '');
    const guard = makeGuard();
    rmSync(`${source}a`);
    expect(guard.whyGone()).toBeUndefined();
  });

  it('is back when it is there with something in it', () => {
    rmSync(source, { recursive: true });
    const guard = makeGuard();
    expect(guard.isBack()).toBe(false);
    mkdirSync(source);
    expect(guard.isBack()).toBe(false);
    writeFileSync(`${source}a`, '');
    expect(guard.isBack()).toBe(true);
  });

  describe('whether it came back at one blow', () => {
    it.each([
      [
        'moved away and back',
        true,
        () => renameSync(source, `${folder}/away`),
        () => renameSync(`${folder}/away`, source),
      ],
      [
        'removed and made again',
        false,
        () => rmSync(source, { recursive: true }),
        () => {
          mkdirSync(source);
          writeFileSync(`${source}new`, '');
        },
      ],
      ['there all the time', true, () => undefined, () => undefined],
      ['emptied and filled again', false, () => rmSync(`${source}a`), () => writeFileSync(`${source}b`, '')],
    ])('%s: %s', (_name, isWhole, leave, comeBack) => {
      writeFileSync(`${source}a`, '');
      const guard = makeGuard();
      leave();
      guard.noteHalt();
      comeBack();
      expect(guard.isBack()).toBe(true);
      expect(guard.cameWhole()).toBe(isWhole);
      // Watching it again may fail; that does not make it whole.
      guard.remember();
      expect(guard.cameWhole()).toBe(isWhole);
    });
  });

  describe.skipIf(process.getuid?.() !== 0)('of a source that is a mount', () => {
    const tmpfs = (): void => void execFileSync('mount', ['-t', 'tmpfs', 'none', source]);
    const unmount = (): void => void execFileSync('umount', [source]);
    /** A directory of the same file system. */
    function bind(): void {
      mkdirSync(`${folder}/disk`, { recursive: true });
      execFileSync('mount', ['--bind', `${folder}/disk`, source]);
    }

    it.each([
      ['tmpfs', tmpfs],
      ['bind mount', bind],
    ])('what is below a %s is not taken for it, and the next one is, at once', (_name, mount) => {
      writeFileSync(`${source}below`, 'was there before the disk was mounted');
      mount();
      try {
        writeFileSync(`${source}a`, '');
        const guard = makeGuard();
        unmount();
        expect(guard.whyGone()).toBe('is another directory now (unmounted or replaced)');
        guard.noteHalt();
        expect(guard.isBack()).toBe(false);
        mount();
        writeFileSync(`${source}a`, '');
        expect(guard.isBack()).toBe(true);
        expect(guard.cameWhole()).toBe(true);
      } finally {
        unmount();
      }
    });

    it('mounted over the empty directory that was there at the start, it is back at once', () => {
      const guard = makeGuard();
      guard.noteHalt();
      tmpfs();
      try {
        expect(guard.isBack()).toBe(false);
        writeFileSync(`${source}a`, '');
        expect(guard.isBack()).toBe(true);
        expect(guard.cameWhole()).toBe(true);
      } finally {
        unmount();
      }
    });
  });
});
