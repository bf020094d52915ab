// Daemons for root and for an ordinary user, who is `nobody` where the tests run as root.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startDaemon, TSYNCD, type RunningDaemon, type StartOptions } from './daemon.ts';

export const isRoot = process.getuid?.() === 0;

/** The numbers of `nobody` and his group. */
export const NOBODY = 65_534;

const AS_NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];

export interface TestUser {
  readonly user: string;
  /** He is not who runs the tests. */
  readonly isOther: boolean;
}

/** Who the daemon of a test can be. Without root there is only the ordinary user that runs the tests. */
export const USERS: readonly TestUser[] = isRoot
  ? [
      { user: 'root', isOther: false },
      { user: 'an ordinary user', isOther: true },
    ]
  : [{ user: 'an ordinary user', isOther: false }];

/** What has every login of an sshd of root's do its work as `user`. */
export function sshdLinesFor({ isOther }: TestUser): readonly string[] {
  return isOther ? [`ForceCommand exec setpriv ${AS_NOBODY.join(' ')} sh -c "$SSH_ORIGINAL_COMMAND"`] : [];
}

/** Gives him all of `folder`, where others may look too. Symlinks themselves, not what they lead to. */
export function giveTo({ isOther }: TestUser, folder: string): void {
  if (isOther) execFileSync('chown', ['-Rh', `${NOBODY}:${NOBODY}`, folder]);
  chmodSync(folder, 0o755);
}

/** The built daemon, his; `args[0]` is its config. HOME is a directory beside that. */
export function startDaemonAs({ isOther }: TestUser, options: StartOptions): RunningDaemon {
  if (!isOther) return startDaemon(options);
  const home = join(dirname(options.args[0] ?? ''), 'home');
  mkdirSync(home, { recursive: true });
  const args = [...AS_NOBODY, TSYNCD, ...options.args];
  return startDaemon({ ...options, program: 'setpriv', args, env: { HOME: home, ...options.env } });
}

/** Does `change` with his rights, as far as the file system asks. Not for what is asynchronous. */
export function actAs({ isOther }: TestUser, change: () => void): void {
  if (!isOther) return change();
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    change();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
