// io.popen: a command that runs beside the Lua code, which reads what it prints or writes what it reads. Node's own pipes
// want the event loop; here a fifo is read and written with blocking calls, and the end of the command is seen in /proc.

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, constants, existsSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BytePath } from '../byte-path.ts';
import { pause } from './lua-file.ts';
import type { FileTarget, ShellResult } from './lua-file.ts';
import { asText, shellResult } from './shell.ts';

const longestPauseMs = 20;
const signalBase = 128;

/** Where the state of a process that has ended can be read, as on Linux; elsewhere the shell writes it into a file. */
const hasProc = existsSync('/proc/self/stat');

/** @throws Error if no fifo can be made, or no process started */
export function openPipe(command: BytePath, mode: 'r' | 'w'): FileTarget {
  const [readEnd, writeEnd] = createPipe();
  const [ours, theirs] = mode === 'r' ? [readEnd, writeEnd] : [writeEnd, readEnd];
  const stdio = mode === 'r' ? [0, theirs, 2] : [theirs, 1, 2];
  const codeFile = hasProc ? undefined : temporaryPath();
  const child = spawn('/bin/sh', shellArguments(command, codeFile), { stdio });
  child.unref();
  const ended = watchEnd(child);
  closeSync(theirs);
  const look = (): ShellResult | undefined =>
    codeFile === undefined ? endOfZombie(child.pid) : endInFile(codeFile);
  return { fd: ours, wait: () => waitForEnd(ended, look) };
}

function shellArguments(command: BytePath, codeFile: string | undefined): readonly string[] {
  if (codeFile === undefined) return ['-c', asText(command)];
  const script = 'sh -c "$1"; code=$?; echo $code >"$2.new" && mv "$2.new" "$2"; exit $code';
  return ['-c', script, 'sh', asText(command), codeFile];
}

function temporaryPath(): string {
  return join(tmpdir(), `lua_${randomUUID()}`);
}

/** Both ends block. */
function createPipe(): readonly [readEnd: number, writeEnd: number] {
  const path = temporaryPath();
  const { error, stderr } = spawnSync('mkfifo', ['-m', '600', path]);
  if (error !== undefined) throw error;
  try {
    const both = openSync(path, constants.O_RDWR);
    const ends = [openSync(path, 'r'), openSync(path, 'w')] as const;
    closeSync(both);
    return ends;
  } catch (cause) {
    throw new Error(`Cannot make a pipe: ${stderr.toString().trim()}`, { cause });
  } finally {
    unlinkIfThere(path);
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // mkfifo failed, which is reported
  }
}

interface SeenEnd {
  result: ShellResult | undefined;
}

/** For a pipe that is closed when the event loop has seen the end already. */
function watchEnd(child: ChildProcess): SeenEnd {
  const seen: SeenEnd = { result: undefined };
  child.on('exit', (status, signal) => {
    seen.result = shellResult({ status, signal });
  });
  child.on('error', () => {
    seen.result = { how: 'exit', code: 127 };
  });
  return seen;
}

function waitForEnd(seen: SeenEnd, look: () => ShellResult | undefined): ShellResult {
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, longestPauseMs)) {
    const result = seen.result ?? look();
    if (result !== undefined) return result;
    pause(waitMs);
  }
}

/** A shell gives the number of a signal as 128 more. */
function endInFile(path: string): ShellResult | undefined {
  if (!existsSync(path)) return undefined;
  const code = Number(readFileSync(path, 'latin1'));
  unlinkIfThere(path);
  return code > signalBase ? { how: 'signal', code: code - signalBase } : { how: 'exit', code };
}

/** The status that waitpid(2) will give, once the process has ended; proc(5): third field and last. */
function endOfZombie(pid: number | undefined): ShellResult | undefined {
  if (pid === undefined) return { how: 'exit', code: 127 };
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
  if (fields[0] !== 'Z') return undefined;
  const status = Number(fields.at(-1));
  const signal = status & 0x7f;
  return signal === 0 ? { how: 'exit', code: (status >> 8) & 0xff } : { how: 'signal', code: signal };
}
