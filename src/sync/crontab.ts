// Says when it is time for a full sync, by the local time. croner is loaded only where a config has a `crontab`.

import type { Cron } from 'croner';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';

/** The wall clock may be set, or have stood still: it is looked at no less often than this. */
const LOOK_AGAIN_MS = 60_000;

export interface CrontabOptions {
  /** Six fields each, as in SyncSpec. */
  readonly lines: readonly string[];
  /** Of the sync, for messages. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
  /** It is the time of this line; of several at one time, the first. */
  readonly onTime: (line: string) => void;
}

interface Entry {
  readonly line: string;
  readonly cron: Cron;
}

/** Returns the function that ends it (idempotent). Without lines it does nothing. */
export function startCrontab(options: CrontabOptions): () => void {
  const { clock, lines, log, name, onTime } = options;
  let cancel = (): void => undefined;
  let isStopped = false;
  let since = clock.now();
  let entries: readonly Entry[] = [];

  async function load(): Promise<void> {
    const { Cron } = await import('croner');
    const all = lines.map((line) => ({ line, cron: new Cron(line, { paused: true, mode: '6-part' }) }));
    const never = all.filter(({ cron }) => cron.nextRun(since) === null);
    for (const { line } of never) log('Warn', `${name}: crontab "${line}": that time never comes`);
    entries = all.filter((entry) => !never.includes(entry));
    if (entries.length > 0) look();
  }

  function look(): void {
    if (isStopped) return;
    const now = clock.now();
    const due = entries.find(({ cron }) => isReached(cron.nextRun(since), now));
    since = now;
    if (due !== undefined) onTime(due.line);
    const waits = entries.map(({ cron }) => (cron.nextRun(now)?.getTime() ?? Infinity) - now.getTime());
    cancel = clock.after(Math.max(1, Math.min(LOOK_AGAIN_MS, ...waits)), look);
  }

  if (lines.length > 0) {
    void load().catch((error: unknown) => log('Error', `${name}: crontab: ${String(error)}`));
  }
  return () => {
    isStopped = true;
    cancel();
  };
}

function isReached(time: Date | null, now: Date): boolean {
  return time !== null && time.getTime() <= now.getTime();
}
