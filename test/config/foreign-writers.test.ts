// Who else may write the config.

import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { makeDirectory, noOptions } from './load-text.ts';

interface Ownership {
  readonly mode: number;
  readonly owner?: readonly [uid: number, gid: number];
}

/** The warnings about a config with a script, both with these rights. */
function warnings({ mode, owner }: Ownership): readonly string[] {
  const directory = makeDirectory();
  const configFile = join(directory, 'conf.lua');
  const script = join(directory, 'script.lua');
  writeFileSync(
    configFile,
    `sync { default.rsync, source = "${directory}/src", target = "${directory}/trg" }`,
  );
  writeFileSync(script, '');
  for (const file of [configFile, script]) {
    if (owner !== undefined) chownSync(file, ...owner);
    chmodSync(file, mode);
  }
  const cli = { ...noOptions, configFile, script };
  const config = loadConfig({ cli, programName: 'tsyncd', monitors: ['inotify'] });
  return config.warnings.map((warning) => warning.replaceAll(directory, 'DIR'));
}

describe('a config and a script', () => {
  test('that everybody may write are warned of, once each', () => {
    expect(warnings({ mode: 0o666 })).toEqual(
      ['DIR/script.lua', 'DIR/conf.lua'].map(
        (file) =>
          `${file}: everybody may write this file, and so do all that the daemon may; chmod go-w "${file}"`,
      ),
    );
  });

  test('that only their owner may write are not', () => {
    expect(warnings({ mode: 0o644 })).toEqual([]);
  });

  test.skipIf(process.getuid?.() !== 0).each<readonly [string, Ownership, number]>([
    ['a group may write are warned of', { mode: 0o664, owner: [0, 65534] }, 2],
    ['a group may read are not', { mode: 0o644, owner: [0, 65534] }, 0],
    ['the group of root may write are not', { mode: 0o664, owner: [65533, 0] }, 0],
    ['the group that is the owner’s own may write are not', { mode: 0o664, owner: [65534, 65534] }, 0],
  ])('that %s', (_name, ownership, count) => {
    const found = warnings(ownership);
    expect(found).toHaveLength(count);
    for (const warning of found) expect(warning).toContain('the group 65534 may write this file');
  });
});
