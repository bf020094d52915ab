// What was measured on, and with: figures without it say nothing.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type as systemName } from 'node:os';
import { isTmpfs } from './folder.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  /** Whether the files were in memory. */
  readonly isOnTmpfs: boolean;
  readonly node: string;
  readonly tsyncd: string;
  readonly lsyncd: string | undefined;
  readonly rsync: string;
  readonly at: string;
}

/** @param folder where the files are */
export function describeMachine(folder: string): Machine {
  const root = new URL('../../../package.json', import.meta.url);
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `${systemName()} ${release()}`,
    isOnTmpfs: isTmpfs(folder),
    node: process.version,
    tsyncd: (JSON.parse(readFileSync(root, 'utf8')) as { version: string }).version,
    lsyncd: versionOf('lsyncd'),
    rsync: versionOf('rsync') ?? 'none',
    at: new Date().toISOString().slice(0, 10),
  };
}

/** The first number with dots in what it says of its version; undefined: it is not installed. */
function versionOf(program: string): string | undefined {
  try {
    const text = execFileSync(program, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /\d+(\.\d+)+/.exec(text)?.[0];
  } catch {
    return undefined;
  }
}

/** One line. */
export function toSentence(machine: Machine): string {
  const { at, cores, cpu, isOnTmpfs, kernel, lsyncd, memoryGb, node, rsync, tsyncd } = machine;
  const programs = `tsyncd ${tsyncd} on Node ${node}, ${lsyncd === undefined ? 'no lsyncd' : `lsyncd ${lsyncd}`}, rsync ${rsync}`;
  return `${at}: ${cores} cores of ${cpu}, ${memoryGb} GiB, ${kernel}, files ${isOnTmpfs ? 'on a tmpfs' : 'on a disk'}; ${programs}`;
}
