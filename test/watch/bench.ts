// A directory, another one beside it, and a monitor's listener that writes down what it is told.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromText } from '../../src/byte-path.ts';
import type { BytePath } from '../../src/byte-path.ts';
import type {
  FsEvent,
  Monitor,
  Watch,
  WatchListener,
  WatchOptions,
  WatchTrouble,
} from '../../src/watch/monitor.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const deadlineMs = 10_000;

/** `create /f`, `delete /d/ movedOut`, `move /a/ -> /b/ over`, `trouble blind /d/ ENOSPC`. */
export type Told = string;

export interface Listening {
  readonly events: readonly FsEvent[];
  /** All events and troubles as sentences, in order. */
  readonly told: Told[];
  readonly bursts: () => number;
  readonly listener: WatchListener;
}

export function createListening(): Listening {
  const events: FsEvent[] = [];
  const told: Told[] = [];
  let bursts = 0;
  const listener: WatchListener = {
    onEvent: (event) => {
      events.push(event);
      told.push(sentenceOf(event));
    },
    onTrouble: (trouble) => told.push(`trouble ${troubleOf(trouble)}`),
    onBurstEnd: () => {
      bursts++;
    },
  };
  return { events, told, bursts: () => bursts, listener };
}

function sentenceOf(event: FsEvent): Told {
  if (event.kind === 'move') {
    return `move ${event.path} -> ${event.movedTo}${event.overExistingDirectory ? ' over' : ''}`;
  }
  return `${event.kind} ${event.path}${event.kind === 'delete' && event.movedOut ? ' movedOut' : ''}`;
}

function troubleOf(trouble: WatchTrouble): string {
  if (trouble.kind === 'unwatched') {
    const parts = trouble.unwatched.map(({ code, path, count }) => `${count} ${code} ${path}`);
    return ['unwatched', ...parts].join(' ');
  }
  if (trouble.kind === 'blind') return `blind ${trouble.path} ${trouble.code}`;
  return trouble.kind === 'source-gone' ? `source-gone ${trouble.reason}` : trouble.kind;
}

export interface Bench {
  /** The source, without a trailing slash. */
  readonly root: string;
  /** A directory on the same file system, not watched. */
  readonly outside: string;
  /** The same as `source` of a sync. */
  readonly source: BytePath;
  watch(monitor: Monitor, options?: Partial<WatchOptions>): Promise<Listening & { readonly watch: Watch }>;
  remove(): void;
}

export function createBench(): Bench {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'tsyncd-watch-')));
  const root = join(base, 'source');
  const outside = join(base, 'outside');
  mkdirSync(root);
  mkdirSync(outside);
  const source = fromText(`${root}/`);
  return {
    root,
    outside,
    source,
    watch: async (monitor, options = {}) => {
      const listening = createListening();
      const watch = await monitor.watch({
        source,
        inotifyMode: 'CloseWrite',
        subdirs: true,
        wantsDirectory: () => true,
        listener: listening.listener,
        ...options,
      });
      return { ...listening, watch };
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** Resolves when all of these were told, in this order, whatever else was told between. */
export async function toHear(listening: Listening, ...sentences: readonly Told[]): Promise<void> {
  await waitUntil(() => isInOrder(listening.told, sentences), { deadlineMs }).catch(() => {
    throw new Error(`Cannot hear ${JSON.stringify(sentences)}: heard ${JSON.stringify(listening.told)}`);
  });
}

function isInOrder(told: readonly Told[], sentences: readonly Told[]): boolean {
  let next = 0;
  for (const sentence of told) if (sentence === sentences[next]) next++;
  return next === sentences.length;
}

let markers = 0;

/** Resolves when everything done so far was told: a file made now was, and news come in order. What was told of the file is taken out. */
export async function settled(listening: Listening, root: string): Promise<void> {
  const name = `settled-${++markers}`;
  writeFileSync(join(root, name), '');
  await toHear(listening, `create /${name}`);
  const others = listening.told.filter((sentence) => !sentence.includes('/settled-'));
  listening.told.splice(0, listening.told.length, ...others);
}
