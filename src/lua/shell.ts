// Runs a command line with `sh -c` and waits for it: os.execute.

import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { isUtf8, toBuffer, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import type { ShellResult } from './lua-file.ts';

const notFoundCode = 127;

/** A command that does not end holds up the config, as in lsyncd. Its streams are ours. */
export function runShell(command: BytePath): ShellResult {
  return shellResult(spawnSync('/bin/sh', ['-c', asText(command)], { stdio: 'inherit' }));
}

export function shellResult(child: {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}): ShellResult {
  if (child.signal !== null) return { how: 'signal', code: constants.signals[child.signal] };
  return { how: 'exit', code: child.status ?? notFoundCode };
}

/** Node passes arguments as text only: a command that is not UTF-8 is spelled in octal for the shell. */
export function asText(command: BytePath): string {
  if (isUtf8(command)) return toText(command);
  const octal = Array.from(toBuffer(command), (byte) => `\\0${byte.toString(8).padStart(3, '0')}`);
  return `eval "$(printf '%b' '${octal.join('')}')"`;
}
