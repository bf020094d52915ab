// The host keys that OpenSSH's own files know for a host, and the judge of the key it offers. ssh2 goes on only with one that is
// known there; every other (new, changed, revoked, under an authority) is left to the ssh program, which asks or refuses.

import { readFile } from 'node:fs/promises';
import { homeDirectory, pathInHome } from './home.ts';
import { isAbout, judgeHostKey, keyType, parseKnownHosts, type HostKeyVerdict } from './known-hosts.ts';
import type { Ssh2Settings } from './ssh2-settings.ts';

export interface HostKeys {
  /** Signature algorithms of keys that are known, in the order of the configuration; never empty. */
  readonly algorithms: readonly string[];
  judge(key: Buffer): HostKeyVerdict | 'weak';
}

type Wanted = Pick<
  Ssh2Settings,
  'hostKeyName' | 'knownHostsFiles' | 'hostKeyAlgorithms' | 'minRsaBits' | 'host'
>;

/** Files that OpenSSH looks into by default, there or not. */
const DEFAULT_FILES: readonly string[] = [
  '/etc/ssh/ssh_known_hosts',
  '/etc/ssh/ssh_known_hosts2',
  `${homeDirectory()}/.ssh/known_hosts`,
  `${homeDirectory()}/.ssh/known_hosts2`,
];

/** Reads the files anew. Never rejects.
 * @returns a text that says why ssh2 cannot be sure of the host */
export async function readHostKeys(settings: Wanted): Promise<HostKeys | string> {
  const texts: string[] = [];
  for (const file of settings.knownHostsFiles.map(pathInHome)) {
    const text = await readFile(file, 'latin1').catch((error: NodeJS.ErrnoException) => error);
    if (typeof text === 'string') texts.push(text);
    // A name with spaces comes in pieces: what it says (a key is revoked) must not be passed over.
    else if (text.code !== 'ENOENT' || !DEFAULT_FILES.includes(file))
      return `"${file}" cannot be read (${text.code})`;
  }
  const lines = texts.flatMap(parseKnownHosts).filter(({ hosts }) => isAbout(hosts, settings.hostKeyName));
  if (lines.some(({ marker }) => marker === 'authority')) return 'its host key is under an authority';
  const types = new Set(lines.filter(({ marker }) => marker === 'none').map(({ type }) => type));
  const algorithms = settings.hostKeyAlgorithms.filter((name) => types.has(keyTypeOf(name)));
  if (algorithms.length === 0) return `no host key of ${settings.host} is known`;
  return {
    algorithms,
    judge: (key) => {
      const verdict = judgeHostKey(lines, key);
      return verdict === 'known' && isWeak(key, settings.minRsaBits) ? 'weak' : verdict;
    },
  };
}

/** RSA keys sign by more than one algorithm. */
function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}

/** `string "ssh-rsa", mpint e, mpint n` (RFC 4253, 6.6). Of a key that is known, so not of the other side's making. */
function isWeak(key: Buffer, minRsaBits: number): boolean {
  if (keyType(key) !== 'ssh-rsa') return false;
  const exponentAt = 4 + key.readUInt32BE(0);
  const modulusAt = exponentAt + 4 + key.readUInt32BE(exponentAt);
  const modulus = key.subarray(modulusAt + 4);
  const first = modulus.findIndex((byte) => byte !== 0);
  return first < 0 || (modulus.length - first) * 8 - Math.clz32(modulus[first] ?? 0) + 24 < minRsaBits;
}
