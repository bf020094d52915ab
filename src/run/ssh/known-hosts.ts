// known_hosts as sshd(8) describes it (SSH_KNOWN_HOSTS FILE FORMAT): which lines are about a host, and what they say of a key.
// Pure. Where a line cannot be read, the key on it is not known.

import { createHmac } from 'node:crypto';
import { toRegExp } from './wildcards.ts';

/** `authority`: a certificate authority stands for the host, which is for OpenSSH to deal with. */
export type HostKeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked' | 'authority';

export interface KnownHost {
  readonly marker: 'none' | 'revoked' | 'authority';
  /** As it stands there: patterns with commas between them, or `|1|salt|hash`. */
  readonly hosts: string;
  /** `ssh-ed25519`. */
  readonly type: string;
  /** As the server sends it. */
  readonly key: Buffer;
}

const MARKERS: Readonly<Record<string, KnownHost['marker']>> = {
  '@revoked': 'revoked',
  '@cert-authority': 'authority',
};

export function parseKnownHosts(text: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): KnownHost | undefined {
  const words = line.split(/[ \t\r]+/).filter((word) => word !== '');
  const [first = '#'] = words;
  if (first.startsWith('#')) return undefined;
  const marker = first.startsWith('@') ? MARKERS[first] : 'none';
  const [hosts, type, base64] = marker === 'none' ? words : words.slice(1);
  if (marker === undefined || hosts === undefined || type === undefined || base64 === undefined)
    return undefined;
  const key = Buffer.from(base64, 'base64');
  return keyType(key) === type ? { marker, hosts, type, key } : undefined;
}

/** The name that a public key begins with. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return '';
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

/** How known_hosts names a host: `host`, or `[host]:port` where the port is not 22. */
export function knownHostName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** Whether a line with these `hosts` is about `name` (of `knownHostName`). A pattern after `!` that matches shuts it out. */
export function isAbout(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return isHashOf(hosts, name);
  let isMatched = false;
  for (const pattern of hosts.split(',')) {
    const isNegated = pattern.startsWith('!');
    if (!toRegExp((isNegated ? pattern.slice(1) : pattern).toLowerCase()).test(name)) continue;
    if (isNegated) return false;
    isMatched = true;
  }
  return isMatched;
}

function isHashOf(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** What `lines`, which all are about the host, say of the key it offers. */
export function judgeHostKey(lines: readonly KnownHost[], key: Buffer): HostKeyVerdict {
  const same = lines.filter((line) => line.key.equals(key));
  if (same.some(({ marker }) => marker === 'revoked')) return 'revoked';
  if (lines.some(({ marker }) => marker === 'authority')) return 'authority';
  if (same.length > 0) return 'known';
  return lines.some(({ marker }) => marker === 'none') ? 'changed' : 'unknown';
}
