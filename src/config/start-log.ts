// What a config prints and logs while it loads, when the daemon's own log is not there yet.

import type { RunOptions } from '../cli/cli-options.ts';
import { writeFully } from '../lua/lua-file.ts';

export interface PrintOptions {
  /** Takes what the config prints; default: stdout. */
  readonly print?: (text: string) => void;
}

export function printer({ print }: PrintOptions): (bytes: Buffer) => void {
  return print === undefined ? (bytes) => writeFully(1, bytes) : (bytes) => print(bytes.toString('utf8'));
}

/** lsyncd's lines of that time: no date yet; Warn and Error to stderr, Normal and what `-log` asks for to stdout. */
export function startLog(
  options: PrintOptions & { readonly cli: RunOptions },
): (category: string, text: string) => void {
  const print = printer(options);
  const { log } = options.cli;
  return (category, text) => {
    const line = Buffer.from(`${category}: ${text}\n`, 'utf8');
    if (category === 'Warn' || category === 'Error') writeFully(2, line);
    else if (category === 'Normal' || log.includes(category) || log.includes('all')) print(line);
  };
}
