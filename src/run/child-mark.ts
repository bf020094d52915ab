// Whose child a process is: written into its environment, so that a daemon can tell what a killed one before it has left at work. Linux only.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** `PID:START:WORK` of the daemon, and of what the child is for. ssh does not send it, unless its config says so. */
export const CHILD_MARK = 'TSYNCD_CHILD_OF';

/** What a daemon's process number stands for as long as the machine runs: numbers are given again, with another start. */
export interface ProcessId {
  readonly pid: number;
  /** In clock ticks since the machine's start, as /proc/PID/stat has it. */
  readonly startTicks: string;
}

export interface ChildMark {
  readonly daemon: ProcessId;
  readonly work: string;
}

/** A short name of a piece of work: the same for the same words. */
export function workOf(...words: readonly string[]): string {
  return createHash('sha256').update(words.join('\0'), 'latin1').digest('hex').slice(0, 16);
}

/** The environment of a child of this process; empty where processes cannot be told apart. */
export function childEnvironment(work: string): Readonly<Record<string, string>> {
  const startTicks = startOf(process.pid);
  return startTicks === undefined ? {} : { [CHILD_MARK]: `${process.pid}:${startTicks}:${work}` };
}

/** The mark in an environment as /proc/PID/environ has it. */
export function parseMark(environment: string): ChildMark | undefined {
  const [, pid, startTicks, work] =
    new RegExp(`(?:^|\\0)${CHILD_MARK}=(\\d+):(\\d+):([0-9a-f]+)(?:\\0|$)`).exec(environment) ?? [];
  if (startTicks === undefined || work === undefined) return undefined;
  return { daemon: { pid: Number(pid), startTicks }, work };
}

/** undefined: there is no such process, or it has ended (a zombie). */
export function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    return state === 'Z' || state === 'X' ? undefined : fields[STARTTIME - FIRST_AFTER_NAME];
  } catch {
    return undefined;
  }
}

/** Numbers of fields in proc(5). */
const STARTTIME = 22;
const FIRST_AFTER_NAME = 3;
