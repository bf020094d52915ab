// The source guard looks at real directories.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SourceGuard } from '../../src/sync/source-guard.ts';
import { makeSpec } from './make-spec.ts';

describe('SourceGuard', () => {
  let folder: string;
  let source: string;
  let target: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsyncd-guard-'));
    source = `${folder}/src/`;
    target = `${folder}/trg/`;
    mkdirSync(source);
    mkdirSync(target);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const passesAllBut = (hidden: string) => ({ passes: (path: string) => path !== hidden });
  const everything = passesAllBut('');

  function makeGuard(changes: Parameters<typeof makeSpec>[0] = {}, filter = everything): SourceGuard {
    return new SourceGuard(makeSpec({ source, target, ...changes }), filter);
  }

  it('has nothing against a directory that is what it was', () => {
    writeFileSync(`${source}a`, '');
    const guard = makeGuard();
    expect(guard.whyGone()).toBeUndefined();
    expect(guard.whyNoFullSync()).toBeUndefined();
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
    expect(guard.whyNoFullSync()).toBe(why);
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

  describe('an empty source and a target that is not', () => {
    beforeEach(() => writeFileSync(`${target}precious`, ''));

    it.each([
      ['rsync, delete', {}, true],
      ['direct, delete', { kind: 'direct' }, true],
      ['delete at startup', { delete: 'startup' }, true],
      ['delete while running', { delete: 'running' }, false],
      ['no delete', { delete: false }, false],
      ['rsync, delete, and the config allows it', { allowEmptySource: true }, false],
      ['a remote target', { target: 'host:/trg/' }, false],
      ['an rsync server', { target: 'rsync://host/mod/' }, false],
    ] as const)('%s: whether the full sync is refused: %s', (_name, changes, isRefused) => {
      const why = `is empty, but its target "${target}" is not, and "delete" is on (allowEmptySource = true lets the target be emptied)`;
      expect(makeGuard(changes).whyNoFullSync()).toBe(isRefused ? why : undefined);
    });

    it('what the filter hides there does not count, unless it would be deleted too', () => {
      const hidden = passesAllBut('/precious');
      expect(makeGuard({}, hidden).whyNoFullSync()).toBeUndefined();
      expect(makeGuard({ deleteExcluded: true }, hidden).whyNoFullSync()).toContain('is empty');
    });

    it('batches go on: that it was emptied while it was watched is a change like any other', () => {
      expect(makeGuard().whyGone()).toBeUndefined();
    });
  });

  it('an empty source is fine while the target is empty, or not there', () => {
    expect(makeGuard().whyNoFullSync()).toBeUndefined();
    rmSync(target, { recursive: true });
    expect(makeGuard().whyNoFullSync()).toBeUndefined();
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

  it.skipIf(process.getuid?.() !== 0)('does not take what an unmounted disk uncovers for the source', () => {
    writeFileSync(`${source}below`, 'was there before the disk was mounted');
    const mount = (): void => {
      execFileSync('mount', ['-t', 'tmpfs', 'none', source]);
      writeFileSync(`${source}a`, '');
    };
    const unmount = (): void => void execFileSync('umount', [source]);
    mount();
    try {
      const guard = makeGuard();
      unmount();
      expect(guard.whyGone()).toBe('is another directory now (unmounted or replaced)');
      expect(guard.isBack()).toBe(false);
      mount();
      expect(guard.isBack()).toBe(true);
    } finally {
      unmount();
    }
  });
});
