import * as fs from 'node:fs';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fromText } from '../../src/byte-path.ts';
import { listDirectory } from '../../src/watch/list-directory.ts';

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof fs>();
  return { ...original, readdirSync: vi.fn(original.readdirSync) };
});

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsyncd-list-'));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff, 0xe4])]), '');
  mkdirSync(join(root, 'dä'));
  symlinkSync('/', join(root, 'link'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const entries = [
  { name: 'd\xc3\xa4', isDirectory: true },
  { name: 'f\xff\xe4', isDirectory: false },
  { name: 'link', isDirectory: false },
];

function listed(): readonly unknown[] {
  return listDirectory(fromText(`${root}/`)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

describe('listDirectory()', () => {
  it('gives names as bytes, and no symlink as a directory', () => {
    expect(listed()).toEqual(entries);
  });

  it('gives the same where Node cannot make a path of such a name to ask for its type', () => {
    vi.mocked(fs.readdirSync).mockImplementationOnce(() => {
      throw new TypeError('The "path" argument must be of type string or an instance of Buffer');
    });
    expect(listed()).toEqual(entries);
  });

  it('throws what readdir says', () => {
    expect(() => listDirectory(fromText(`${root}/missing/`))).toThrow('ENOENT');
  });
});
