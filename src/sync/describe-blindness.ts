// What is said of a directory that cannot be watched.

import { toText } from '../byte-path.ts';
import type { AnySyncSpec } from '../config/sync-spec.ts';
import type { WatchTrouble } from '../watch/monitor.ts';

/** One line for the log; with the way out where the machine's limit is the reason. */
export function describeBlindness(spec: AnySyncSpec, trouble: WatchTrouble & { kind: 'blind' }): string {
  const where = toText(spec.source + trouble.path.slice(1));
  const advice =
    trouble.code === 'ENOSPC'
      ? '; no inotify watches are left: raise the limit, e.g. sysctl fs.inotify.max_user_watches=1048576'
      : '';
  return `Cannot watch "${where}" of ${spec.name}: ${trouble.code}${advice}. Changes below it are not seen`;
}
