// Runs a command line with `sh -c` and waits for it: os.execute and io.popen while a config loads.

import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { isUtf8, toBuffer, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import type { LuaValue } from './lua-value.ts';

export interface ShellEnd {
  readonly output: Buffer;
  /** true or nil, `exit` or `signal`, number: what os.execute and the close of a popen return. */
  readonly result: readonly LuaValue[];
}

interface ShellStreams {
  /** What the command reads; undefined = our stdin. */
  readonly input?: Buffer;
  /** True: its stdout comes back as `output`; false: it goes to our stdout. */
  readonly captured: boolean;
}

/** The whole output is held in memory. A command that does not end holds up the config, as in lsyncd. */
export function runShell(command: BytePath, { input, captured }: ShellStreams): ShellEnd {
  const child = spawnSync('/bin/sh', ['-c', asText(command)], {
    stdio: [input === undefined ? 'inherit' : 'pipe', captured ? 'pipe' : 'inherit', 'inherit'],
    ...(input === undefined ? {} : { input }),
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  return { output: child.stdout ?? Buffer.alloc(0), result: resultOf(child) };
}

function resultOf(child: {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}): LuaValue[] {
  if (child.signal !== null) return [undefined, 'signal', constants.signals[child.signal]];
  const status = child.status ?? 127;
  return [status === 0 ? true : undefined, 'exit', status];
}

/** Node passes arguments as text only: a command that is not UTF-8 is spelled in octal for the shell. */
function asText(command: BytePath): string {
  if (isUtf8(command)) return toText(command);
  const octal = Array.from(toBuffer(command), (byte) => `\\0${byte.toString(8).padStart(3, '0')}`);
  return `eval "$(printf '%b' '${octal.join('')}')"`;
}
