// What OpenSSH would do for a host: the answer of `ssh -G`, which reads its whole configuration and connects to nobody.

import { startChild } from '../start-child.ts';

/** Keys in small letters; the values of all lines with that key, in their order. */
export type SshConfig = ReadonlyMap<string, readonly string[]>;

/** An ssh that has no answer by then is none that knows `-G`. */
const ANSWER_MS = 10_000;

/**
 * Never rejects.
 * @param words for ssh, the host the last of them
 * @returns a text that says why there is no answer, or the answer
 */
export async function readSshConfig(binary: string, words: readonly string[]): Promise<SshConfig | string> {
  const child = startChild({ binary, args: ['-G', ...words], keepsStdout: true });
  const timer = setTimeout(() => child.terminate('SIGKILL'), ANSWER_MS);
  const end = await child.ended;
  clearTimeout(timer);
  if (end.exitCode !== 0) return `"${binary} -G" ended with ${end.exitCode}`;
  return parseSshConfig(end.stdout ?? '');
}

export function parseSshConfig(text: string): SshConfig {
  const config = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^(\S+)(?:\s+(.*))?$/.exec(line.trim()) ?? [];
    if (key === undefined) continue;
    const name = key.toLowerCase();
    config.set(name, [...(config.get(name) ?? []), value ?? '']);
  }
  return config;
}
