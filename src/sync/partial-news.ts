// What is said of paths that could not be sent: when they fail first, when they are named as failed, when they have arrived at last.

import { toText, type BytePath } from '../byte-path.ts';
import type { FailureNews } from './failed-paths.ts';
import type { SyncParts } from './sync-parts.ts';

/** So many are listed in one message; the status file has more of them. */
const MAX_LISTED = 100;

type Said = Pick<SyncParts, 'log' | 'name'>;

/** Nothing when all of it was said before. `reason` is one line. */
export function sayPartial({ log, name }: Said, news: FailureNews, reason: string): void {
  const { fresh, named } = news;
  if (fresh > 0) log('Warn', `${name}: ${reason}; trying ${paths(fresh)} again, with growing pauses`);
  if (named.length > 0) log('Error', `${name}: could not send ${listed(named)}\n(${reason}); trying on`);
}

export function sayArrived({ log, name }: Said, count: number): void {
  if (count > 0) log('Normal', `${name}: ${paths(count)} that had failed arrived`);
}

function paths(count: number): string {
  return count === 1 ? '1 path' : `${count} paths`;
}

function listed(names: readonly BytePath[]): string {
  const lines = names.slice(0, MAX_LISTED).map(toText);
  if (names.length > lines.length) lines.push(`and ${names.length - lines.length} more`);
  return `${paths(names.length)}:\n${lines.join('\n')}`;
}
