// What the installed rsync can do. Asked once for each binary, without blocking, and only of a real rsync: a wrapper
// (or a test's recorder) is never started just to be asked.

import { access, constants, realpath } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { systemClock } from '../clock.ts';
import type { ChildEnd, Command } from './command.ts';
import { endWhenLate } from './end-when-late.ts';
import { startChild } from './start-child.ts';

export interface RsyncCapability {
  /** `3.2.7`; undefined when the binary is not rsync itself, or did not say. */
  readonly version: string | undefined;
  /** `--files-from` with `--delete-missing-args` does a batch right (seen with 3.2.7 and 3.5.0). */
  readonly fileList: boolean;
}

/** Nothing known: the filter list, as lsyncd does it. */
export const UNKNOWN_CAPABILITY: RsyncCapability = { version: undefined, fileList: false };

/** The oldest rsync seen to bring a file list right. */
const FILE_LIST_SINCE = [3, 2, 7] as const;

/** What says nothing by then is no rsync, or lies on a disk that does not answer. */
const ANSWER_MS = 10_000;

export type CapabilityProbe = (binary: string) => Promise<RsyncCapability>;

/** A probe with its own cache; never rejects. What gave no answer is asked again the next time. */
export function createCapabilityProbe({ answerMs = ANSWER_MS } = {}): CapabilityProbe {
  const known = new Map<string, Promise<RsyncCapability>>();
  const ask = async (binary: string): Promise<RsyncCapability> => {
    const capability = await probe(binary, answerMs);
    if (capability === undefined) known.delete(binary);
    return capability ?? UNKNOWN_CAPABILITY;
  };
  return (binary) => {
    let capability = known.get(binary);
    if (capability === undefined) {
      capability = ask(binary);
      known.set(binary, capability);
    }
    return capability;
  };
}

/** The daemon's probe. */
export const rsyncCapability: CapabilityProbe = createCapabilityProbe();

/** undefined: no answer, for a reason that may pass (a machine that is swamped, no process to be had). */
async function probe(binary: string, answerMs: number): Promise<RsyncCapability | undefined> {
  const file = await resolveBinary(binary);
  if (file === undefined || basename(file) !== 'rsync') return UNKNOWN_CAPABILITY;
  const text = await versionText({ binary: file, args: ['--version'] }, answerMs);
  return text === undefined ? undefined : capabilityOf(text);
}

/** What a `rsync --version` text says. Exported for its table of versions. */
export function capabilityOf(versionOutput: string): RsyncCapability {
  const match = /^rsync\s+version\s+v?(\d+)\.(\d+)\.(\d+)/m.exec(versionOutput);
  if (match === null) return UNKNOWN_CAPABILITY;
  const numbers = match.slice(1, 4).map(Number);
  return { version: numbers.join('.'), fileList: isAtLeast(numbers, FILE_LIST_SINCE) };
}

function isAtLeast(version: readonly number[], wanted: readonly number[]): boolean {
  const index = wanted.findIndex((number, at) => version[at] !== number);
  return index === -1 || (version[index] ?? 0) > (wanted[index] ?? 0);
}

async function versionText(command: Command, answerMs: number): Promise<string | undefined> {
  let text = '';
  const child = startChild(command, {
    onOutput: (stream, chunk) => {
      if (stream === 'stdout') text += chunk.toString('latin1');
    },
  });
  const ended = endWhenLate(child, { timeoutMs: answerMs, clock: systemClock, onLate: () => undefined });
  const { exitCode, signal, spawnError }: ChildEnd = await child.ended;
  const isLate = ended();
  if (isLate || signal !== undefined || spawnError !== undefined) return undefined;
  return exitCode === 0 ? text : '';
}

/** The file that would be started, symlinks resolved; undefined when there is none. */
async function resolveBinary(binary: string): Promise<string | undefined> {
  const folders = binary.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  for (const folder of folders) {
    const file = folder === '' ? binary : join(folder, binary);
    try {
      await access(file, constants.X_OK);
      return await realpath(file);
    } catch {
      continue;
    }
  }
  return undefined;
}
