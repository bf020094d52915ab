import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromText } from '../../src/byte-path.ts';
import { LeafDirectories } from '../../src/watch/leaf-directories.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsyncd-leaf-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function isLeaf(path: string): boolean {
  return new LeafDirectories().has(fromText(`${path}/`));
}

describe('LeafDirectories', () => {
  it('are never those with a subdirectory, whatever else is in them', () => {
    writeFileSync(join(root, 'file'), '');
    mkdirSync(join(root, 'directory'));
    expect(isLeaf(root)).toBe(false);
  });

  it('are those with files and links only, where the file system counts', (context) => {
    const other = mkdtempSync(join(tmpdir(), 'tsyncd-leaf-'));
    writeFileSync(join(root, 'file'), '');
    symlinkSync(other, join(root, 'link'));
    const isCounted = lstatSync(root).nlink === 2;
    rmSync(other, { recursive: true });
    context.skip(!isCounted, 'the file system of the temporary directory does not count');
    expect(isLeaf(root)).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')(
    'are not told by the link count of a file system that is not known',
    () => {
      expect(lstatSync('/proc/self/fd').nlink).toBe(2);
      expect(isLeaf('/proc/self/fd')).toBe(false);
    },
  );

  it('are none that cannot be looked at', () => {
    expect(isLeaf(join(root, 'missing'))).toBe(false);
  });
});
