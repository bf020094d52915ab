// Children that a daemon left at work when it was killed (kill -9, out of memory): they would write to the target beside ours. A daemon that still runs
// keeps its own, whatever they work on. Linux only; elsewhere nothing is found.

import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { CHILD_MARK, parseMark, startOf, type ProcessId } from './child-mark.ts';

/** In turn, and how long each is waited for. rsync ends at TERM at once, and removes its temporary file; what KILL does not end waits for a disk. */
const SIGNALS = [
  ['SIGTERM', 10_000],
  ['SIGKILL', 5000],
] as const;

const LOOK_MS = 50;

export interface LeftoverOptions {
  /** What they work on (`workOf`). */
  readonly works: ReadonlySet<string>;
  readonly log: Log;
  readonly clock: Clock;
}

interface Leftover extends ProcessId {
  readonly name: string;
  /** The daemon that is gone. */
  readonly daemon: number;
}

/** Ends them, and waits until they have ended. Never rejects. */
export async function endLeftovers({ works, log, clock }: LeftoverOptions): Promise<void> {
  const found = findLeftovers(works);
  if (found.length === 0) return;
  const names = found.map(({ name, pid }) => `${name} (${pid})`).join(', ');
  const daemons = [...new Set(found.map(({ daemon }) => daemon))].join(', ');
  log('Warn', `ending what was left at work by a daemon that was killed (process ${daemons}): ${names}`);
  for (const [signal, patienceMs] of SIGNALS) {
    for (const one of found) end(one, signal);
    if (await areGone(found, { clock, patienceMs })) return;
  }
  log(
    'Error',
    `Cannot end ${found
      .filter(isStillLeft)
      .map(({ pid }) => pid)
      .join(', ')}; going on`,
  );
}

async function areGone(
  found: readonly Leftover[],
  { clock, patienceMs }: { readonly clock: Clock; readonly patienceMs: number },
): Promise<boolean> {
  const untilMs = clock.monotonicMs() + patienceMs;
  while (found.some(isStillLeft)) {
    if (clock.monotonicMs() > untilMs) return false;
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
  }
  return true;
}

function findLeftovers(works: ReadonlySet<string>): readonly Leftover[] {
  return processes().flatMap((pid) => leftoverOf(pid, works) ?? []);
}

function processes(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** undefined: none of ours, or none that may be looked at. */
function leftoverOf(pid: number, works: ReadonlySet<string>): Leftover | undefined {
  try {
    const environment = environmentOf(pid);
    const mark = environment === undefined ? undefined : parseMark(environment);
    if (mark === undefined || !works.has(mark.work)) return undefined;
    // In a container of its own a daemon's number means another process, or none, to us.
    if (readlinkSync(`/proc/${pid}/ns/pid`) !== readlinkSync('/proc/self/ns/pid')) return undefined;
    if (startOf(mark.daemon.pid) === mark.daemon.startTicks || isSharedConnection(pid)) return undefined;
    const startTicks = startOf(pid);
    const name = readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
    return startTicks === undefined ? undefined : { pid, startTicks, name, daemon: mark.daemon.pid };
  } catch {
    return undefined;
  }
}

/** Enough for most; a longer one is read like any file. */
const buffer = Buffer.alloc(64 * 1024);

/** As /proc has it; undefined when the mark is not in it. Node would take a new buffer for each process of the machine. @throws Error when it may not be read */
function environmentOf(pid: number): string | undefined {
  const path = `/proc/${pid}/environ`;
  const fd = openSync(path, 'r');
  try {
    const bytes = readSync(fd, buffer);
    if (bytes === buffer.length) return readFileSync(path, 'latin1');
    return buffer.subarray(0, bytes).includes(CHILD_MARK) ? buffer.toString('latin1', 0, bytes) : undefined;
  } finally {
    closeSync(fd);
  }
}

/** What `ControlPersist` has kept may serve others by now; it writes nothing by itself. */
function isSharedConnection(pid: number): boolean {
  return /^ssh: .* \[mux\]/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
}

/** Its number may have been given to another process. */
function isStillLeft({ pid, startTicks }: ProcessId): boolean {
  return startOf(pid) === startTicks;
}

function end(one: ProcessId, signal: NodeJS.Signals): void {
  try {
    if (isStillLeft(one)) process.kill(one.pid, signal);
  } catch {
    // It has ended, or belongs to somebody else.
  }
}
