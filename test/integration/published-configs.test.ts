// Configs that were published for lsyncd load, start and mirror, word for word but for paths, hosts and logins.

import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeConfig, publishedConfigs } from '../fixtures/published-configs.ts';
import {
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { waitUntil } from '../helpers/wait-until.ts';

describe('a published config mirrors', () => {
  let place: Workplace;
  let sshd: TestSshd;
  let daemon: RunningDaemon | undefined;

  beforeEach(async () => {
    place = makeWorkplace();
    sshd = await startSshd(place.path);
    for (const folder of [
      'bin',
      'log',
      'ssh',
      'home/imgcms/tmpdir',
      'home/cgicms/tmpdir',
      'home/webmgr/tmpdir/imgcms',
      'home/webmgr/tmpdir/cgicms',
    ]) {
      mkdirSync(join(place.path, folder), { recursive: true });
    }
    copyFileSync(sshd.sshArgs[1] ?? '', join(place.path, 'ssh/id'));
    chmodSync(join(place.path, 'ssh/id'), 0o600);
    // Every host is the sshd on loopback.
    place.write(
      'ssh_config',
      `Host *\n HostName 127.0.0.1\n Port ${sshd.port}\n IdentityFile ${place.path}/ssh/id\n UserKnownHostsFile /dev/null\n StrictHostKeyChecking no\n LogLevel ERROR\n`,
    );
    place.write('bin/ssh', `#!/bin/sh\nexec /usr/bin/ssh -F '${place.path}/ssh_config' "$@"\n`);
    chmodSync(join(place.path, 'bin/ssh'), 0o755);
  });
  afterEach(async (context) => {
    const failed = context.task.result?.state === 'fail';
    if (failed) process.stderr.write(daemon?.output() ?? '');
    await daemon?.stop();
    await sshd.stop();
    place.end(failed);
  });

  it.each(publishedConfigs)('$name', async (config) => {
    for (const [source, target] of config.mirrors) {
      for (const folder of [source, target]) mkdirSync(join(place.path, folder), { recursive: true });
      writeFileSync(join(place.path, source, 'maxscale.cnf'), 'before\n');
      writeFileSync(join(place.path, source, 'passwd'), 'before\n');
    }
    const conf = place.write(
      'lsyncd.conf',
      placeConfig(config, { folder: place.path, user: userInfo().username }),
    );
    daemon = startDaemon({
      args: ['-nodaemon', '-delay', '0', conf],
      env: { PATH: `${join(place.path, 'bin')}:${process.env['PATH']}` },
    });
    for (const [source, target] of config.mirrors) await arrives(source, target, 'before\n', config.only);
    for (const [source, target] of config.mirrors) {
      for (const name of ['maxscale.cnf', 'passwd', 'new'])
        writeFileSync(join(place.path, source, name), 'after\n');
      await arrives(source, target, 'after\n', config.only);
    }
    expect(daemon.output()).not.toContain('Error:');
    expect(readdirSync(join(place.path, dirname('log/x')))).not.toEqual([]);
  });

  /** The names that may arrive have arrived with this content, and no other name is there. */
  async function arrives(
    source: string,
    target: string,
    content: string,
    only: RegExp | undefined,
  ): Promise<void> {
    const wanted = (): string[] =>
      readdirSync(join(place.path, source)).filter((name) => only?.test(name) ?? true);
    await waitUntil(() => wanted().every((name) => readText(join(place.path, target, name)) === content), {
      deadlineMs: 15_000,
      what: `${wanted().join(' ')} in ${target}:\n${daemon?.output()}`,
    });
    expect(readdirSync(join(place.path, target)).toSorted()).toEqual(wanted().toSorted());
  }
});
