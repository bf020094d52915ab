import {
  chmodSync,
  existsSync,
  readFileSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { capabilityOf, createCapabilityProbe } from '../../src/run/rsync-capability.ts';

describe('capabilityOf()', () => {
  it.each([
    ['3.5.0', true],
    ['3.2.7', true],
    ['3.10.0', true],
    ['4.0.0', true],
    ['3.2.6', false],
    ['3.1.3', false],
    ['2.9.9', false],
  ])('of rsync %s allows a file list: %s', (version, fileList) => {
    expect(capabilityOf(`rsync  version ${version}  protocol version 31\nCopyright`)).toEqual({
      version,
      fileList,
    });
  });

  it.each([['openrsync: protocol version 29'], [''], ['rsync is great']])('of %j allows none', (text) => {
    expect(capabilityOf(text)).toEqual({ version: undefined, fileList: false });
  });
});

describe('a capability probe', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tsyncd-probe-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function fake(name: string): string {
    const file = join(folder, name);
    writeFileSync(
      file,
      `#!/bin/sh\necho x >>${folder}/asked\necho 'rsync  version 3.2.7  protocol version 31'\n`,
    );
    chmodSync(file, 0o755);
    return file;
  }

  it('asks a real rsync once', async () => {
    const probe = createCapabilityProbe();
    const rsync = fake('rsync');
    expect(await Promise.all([probe(rsync), probe(rsync)])).toEqual(
      [0, 1].map(() => ({ version: '3.2.7', fileList: true })),
    );
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('x\n');
  });

  it('never starts what has another name, also behind a link called rsync', async () => {
    const probe = createCapabilityProbe();
    const wrapper = fake('recorder');
    symlinkSync(wrapper, join(folder, 'rsync'));
    expect([(await probe(wrapper)).fileList, (await probe(join(folder, 'rsync'))).fileList]).toEqual([
      false,
      false,
    ]);
    expect(existsSync(join(folder, 'asked'))).toBe(false);
  });

  it('asks again where no answer came', async () => {
    const probe = createCapabilityProbe({ answerMs: 100 });
    const rsync = fake('rsync');
    const answer = readFileSync(rsync, 'utf8');
    writeFileSync(rsync, '#!/bin/sh\nexec sleep 60\n');
    expect(await probe(rsync)).toEqual({ version: undefined, fileList: false });
    writeFileSync(rsync, answer);
    expect((await probe(rsync)).version).toBe('3.2.7');
  });

  it('takes an answer that is no version for one', async () => {
    const probe = createCapabilityProbe();
    const rsync = fake('rsync');
    writeFileSync(rsync, `#!/bin/sh\necho x >>${folder}/asked\nexit 1\n`);
    for (const _ of [1, 2]) expect((await probe(rsync)).fileList).toBe(false);
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('x\n');
  });

  it('finds rsync by PATH', async () => {
    expect((await createCapabilityProbe()('rsync')).version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('knows nothing of what is not there', async () => {
    expect(await createCapabilityProbe()('/nonexistent/rsync')).toEqual({
      version: undefined,
      fileList: false,
    });
  });
});
