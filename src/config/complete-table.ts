// What scripts find in a sync's table beside what was written there.

import { LuaTable } from '../lua/lua-value.ts';
import type { LiveTable } from '../lua/lua-value.ts';
import { fromText } from '../byte-path.ts';
import type { RsyncOptions, SshOptions } from './sync-spec.ts';
import { withSlash } from './target.ts';

/** Names under which the words of a child stand in `rsync` and `ssh`. */
export const computedKey = '_computed';

/** What default.rsync.prepare and the like add: targets end with a slash, `rsync._computed` and `ssh._computed` are the options. */
export function completeTable(
  config: LiveTable,
  { rsync, ssh }: { readonly rsync: RsyncOptions; readonly ssh: SshOptions | undefined },
): void {
  for (const key of ['target', 'targetdir']) {
    const target = config.get(key);
    if (typeof target === 'string' && target !== '') config.set(key, withSlash(target));
  }
  setComputed(config, {
    key: 'rsync',
    words: [`-${rsync.shortFlags}`, ...rsync.extra, ...rsync.longOptions],
  });
  if (ssh !== undefined) setComputed(config, { key: 'ssh', words: ssh.args });
}

function setComputed(
  config: LiveTable,
  { key, words }: { readonly key: string; readonly words: readonly string[] },
): void {
  const list = new LuaTable(words.filter((word) => word !== '-').map((word, at) => [at + 1, fromText(word)]));
  const table = config.get(key);
  if (table instanceof LuaTable) table.live?.set(computedKey, list);
}
