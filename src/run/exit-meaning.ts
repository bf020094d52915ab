// Exit codes in words, for the log: what ended, with what, what that means, and what it said last.
// rsync's codes are those of rsync(1) EXIT VALUES, ssh's of ssh(1) EXIT STATUS; the words are ours.

import { basename } from 'node:path';
import { toText } from '../byte-path.ts';
import type { ChildEnd, Command } from './command.ts';

const RSYNC_MEANING: ReadonlyMap<number, string> = new Map([
  [1, 'rsync did not understand its options'],
  [2, 'the two rsyncs do not speak the same protocol'],
  [3, 'an input or output file or directory could not be chosen'],
  [4, 'the action is not supported by this rsync or by the other side'],
  [5, 'the start of the client-server protocol failed'],
  [6, 'the daemon could not append to its log file'],
  [10, 'socket trouble: no connection'],
  [11, 'file trouble: disk full, no such directory, or no permission'],
  [12, 'the connection broke, or the other side said something unexpected'],
  [13, 'trouble with the diagnostics of rsync itself'],
  [14, 'trouble between the processes of rsync'],
  [19, 'rsync got SIGUSR1'],
  [20, 'rsync was interrupted by a signal'],
  [21, 'waiting for a process of rsync failed'],
  [22, 'out of memory'],
  [23, 'some files could not be transferred'],
  [24, 'some files vanished before they could be transferred'],
  [25, 'the limit of --max-delete stopped deletions'],
  [30, 'no data came for the time of --timeout'],
  [35, 'the daemon did not answer in time'],
  [127, 'rsync was not found on the other side'],
  [255, 'ssh could not connect or was cut off'],
]);

const SSH_MEANING: ReadonlyMap<number, string> = new Map([
  [126, 'the remote command could not be executed'],
  [127, 'the remote command was not found'],
  [255, 'ssh could not connect or was cut off'],
]);

/** So many of the last lines of stderr are put into a message. */
const LAST_LINES = 3;

/** What an exit code of `binary` means; undefined when nobody has said. `binary` may be a path. */
export function exitMeaning(binary: string, exitCode: number): string | undefined {
  const name = basename(binary);
  if (name.includes('rsync')) return RSYNC_MEANING.get(exitCode);
  if (name.includes('ssh')) return SSH_MEANING.get(exitCode);
  return undefined;
}

/** One line: `rsync ended with 12 (the connection broke …): <last lines of stderr>`. */
export function explainEnd(command: Command, end: ChildEnd): string {
  const said = lastLines(end.stderr);
  return `${howItEnded(command, end)}${said === '' ? '' : `: ${said}`}`;
}

function howItEnded(command: Command, end: ChildEnd): string {
  if (end.spawnError !== undefined) return `Cannot run "${command.binary}": ${end.spawnError}`;
  const name = basename(command.binary);
  if (end.isTimedOut === true) return `${name} took longer than childTimeout allows`;
  if (end.signal !== undefined) return `${name} was ended by ${end.signal}`;
  const meaning = exitMeaning(command.binary, end.exitCode);
  return `${name} ended with ${end.exitCode}${meaning === undefined ? '' : ` (${meaning})`}`;
}

function lastLines(stderr: string): string {
  const lines = toText(stderr)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.slice(-LAST_LINES).join(' | ');
}
