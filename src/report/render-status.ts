// The text of the status file: lsyncd's, which check scripts match (`^Sync[0-9]+ source=`, `There are N delays`, `Inotify watching N
// directories`), and behind each sync what lsyncd does not tell: excludes, what could not be sent. Pure.

import type { BytePath } from '../byte-path.ts';
import { fromText } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import { escapeControls } from './escape-controls.ts';
import { ctime } from './time-stamps.ts';

/** One delay; scripts have other kinds besides (Init, Full, Blanket). */
export interface QueueEntry extends Pick<Delay, 'path' | 'status'> {
  readonly kind: string;
  readonly movedTo?: BytePath;
}

/** What one sync tells of itself. */
export interface SyncStatus {
  readonly name: string;
  /** With a trailing slash. */
  readonly source: BytePath;
  /** In the order of the queue. */
  readonly delays: Iterable<QueueEntry>;
  /** How many of them. */
  readonly delayCount: number;
  /** As written in the config. */
  readonly filters: readonly BytePath[];
  readonly excludes: readonly BytePath[];
  /** One line of text for each thing that is wrong at the moment, e.g. a path that could not be sent and why. */
  readonly problems: readonly string[];
  /** Lines of text about its watches. */
  readonly notes: readonly string[];
}

export interface StatusState {
  readonly syncs: readonly SyncStatus[];
  /** Number and absolute path of each watched directory. */
  readonly watching: Iterable<readonly [number: number, path: BytePath]>;
  /** How many of them. */
  readonly watchCount: number;
}

/** So many delays of a sync are listed; a million of them would keep everything else waiting. */
const maxListed = 10_000;

/** Padding of `wait`, `active`, `block`. */
const statusWidth = 7;

/**
 * The whole file as bytes in lsyncd's form (a byte string, to be written as latin1). Control characters in names are escaped (`\n`), so that every
 * delay is one line; lsyncd prints them as they are.
 */
export function renderStatus(state: StatusState, now: Date): BytePath {
  const lines = [`Lsyncd status report at ${ctime(now)}`, ''];
  for (const sync of state.syncs) addSync(lines, sync);
  lines.push(`Inotify watching ${state.watchCount} directories`);
  for (const [number, path] of state.watching) lines.push(`  ${number}: ${escapeControls(path)}`);
  return `${lines.join('\n')}\n`;
}

function addSync(lines: string[], sync: SyncStatus): void {
  lines.push(`${escapeControls(fromText(sync.name))} source=${escapeControls(sync.source)}`);
  lines.push(`There are ${sync.delayCount} delays`);
  lines.push(...listed(sync));
  lines.push(
    'Filtering:',
    ...(sync.filters.length === 0 ? ['  nothing.'] : sync.filters.map(escapeControls)),
  );
  if (sync.excludes.length > 0) lines.push('Excluding:', ...sync.excludes.map(escapeControls));
  if (sync.problems.length > 0) {
    lines.push('Problems:', ...sync.problems.map((problem) => `  ${escapeControls(fromText(problem))}`));
  }
  lines.push(...sync.notes.map((note) => escapeControls(fromText(note))));
  lines.push('', '');
}

function* listed({ delays, delayCount }: SyncStatus): Generator<string> {
  let count = 0;
  for (const delay of delays) {
    if (count++ === maxListed) break;
    yield toLine(delay);
  }
  if (delayCount > maxListed) yield `and ${delayCount - maxListed} more`;
}

function toLine({ status, kind, path, movedTo }: QueueEntry): string {
  const destination = movedTo === undefined ? '' : ` -> ${escapeControls(movedTo)}`;
  return `${status.padEnd(statusWidth)}${kind} ${escapeControls(path)}${destination}`;
}
