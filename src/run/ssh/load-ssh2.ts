// ssh2, loaded when the first connection is wanted. It is an optional dependency: without it everything goes by the ssh program.

import type { Ssh2 } from 'ssh2';

/** undefined where it is not installed, or does not run on this Node. Never rejects. */
export async function loadSsh2(): Promise<Ssh2 | undefined> {
  try {
    return (await import('ssh2')).default;
  } catch {
    return undefined;
  }
}
