// Host keys that ssh refuses are refused by the daemon, whatever it connects by, as root and as an ordinary user.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  countMatches,
  makeWorkplace,
  readText,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { startSshd, type TestSshd } from '../helpers/sshd.ts';
import { actAs, giveTo, sshdLinesFor, startDaemonAs, USERS } from '../helpers/users.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const HOST_KEYS: Readonly<Record<string, (known: string, other: string) => string>> = {
  'a host key that is not known': () => '',
  'a host key that has changed': (known, other) => `${known.split(' ')[0]} ${other}`,
  'a host key that is revoked': (known) => `${known}@revoked ${known}`,
};

describe.each(USERS)('as $user', (user) => {
  let place: Workplace;
  let sshd: TestSshd;
  let daemon: RunningDaemon;

  beforeEach(async () => {
    place = makeWorkplace();
    for (const name of ['src', 'trg']) mkdirSync(path(name));
    sshd = await startSshd(place.path, sshdLinesFor(user));
  });
  afterEach(async (context) => {
    const hasFailed = context.task.result?.state === 'fail';
    if (hasFailed) process.stderr.write(daemon.output());
    await daemon.stop();
    await sshd.stop();
    place.end(hasFailed);
  });

  function path(name: string): string {
    return join(place.path, name);
  }

  function start(): void {
    const config = place.write(
      'conf.lua',
      `settings { nodaemon = true, log = 'Ssh' }
       sync { default.rsyncssh, source = '${path('src')}', host = '${userInfo().username}@${sshd.host}', targetdir = '${path('trg')}', delay = 0,
         ssh = ${sshd.luaTable} }\n`,
    );
    giveTo(user, place.path);
    daemon = startDaemonAs(user, { args: [config] });
  }

  async function startsWell(): Promise<void> {
    start();
    await daemon.saw('finished');
    actAs(user, () => writeFileSync(path('src/f'), 'first'));
    await waitUntil(() => readText(path('trg/f')) === 'first', { deadlineMs: 20_000 });
  }

  function remove(): void {
    actAs(user, () => void execFileSync('rm', [path('src/f')]));
  }

  it('a host key that is known is taken by ssh2', async () => {
    await startsWell();
    remove();
    await daemon.saw('connected by ssh2');
    await waitUntil(() => readText(path('trg/f')) === '', { deadlineMs: 20_000 });
  });

  it.each(Object.entries(HOST_KEYS))('%s is refused', async (_what, change) => {
    await startsWell();
    const known = readFileSync(sshd.files.knownHosts, 'utf8');
    const other = readFileSync(`${sshd.files.userKey}.pub`, 'utf8');
    writeFileSync(sshd.files.knownHosts, change(known, other));
    const letIn = countMatches(sshd.log(), 'Accepted publickey');
    remove();
    await daemon.saw(/Host key verification failed|host key/i);
    expect(countMatches(sshd.log(), 'Accepted publickey')).toBe(letIn);
    expect(readText(path('trg/f'))).toBe('first');
  });
});
