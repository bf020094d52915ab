// known_hosts: which lines are about a host, as ssh-keygen -F finds them, and what they say of a key.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAbout, judgeHostKey, knownHostName, parseKnownHosts } from '../../../src/run/ssh/known-hosts.ts';

let folder: string;
/** `ssh-ed25519 AAAA…` of two hosts. */
let one: string;
let other: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsyncd-known-hosts-'));
  const [first = '', second = ''] = ['one', 'other'].map((name) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    return readFileSync(join(folder, `${name}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
  });
  one = first;
  other = second;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOSTS: readonly string[] = [
  'host',
  'HOST',
  'host,10.0.0.1',
  'a,b,host',
  'hos',
  'h*',
  'h?st',
  '*',
  '*,!host',
  '!other,host',
  '!h*,host',
  '*.host',
  'ho.t',
  '[host]:2222',
  '[host]:22',
  '[*]:2222',
  'host:2222',
  '[h]ost',
  '10.0.0.?',
  'fe80::1',
];
const NAMES: readonly (readonly [string, number])[] = [
  ['host', 22],
  ['Host', 22],
  ['host', 2222],
  ['10.0.0.1', 22],
  ['fe80::1', 22],
];

describe('the lines about a host', () => {
  it.each(NAMES)('are those that ssh-keygen -F finds: %s, port %i', (host, port) => {
    const name = knownHostName(host, port);
    const found = HOSTS.map((hosts) => {
      const file = join(folder, 'list');
      writeFileSync(file, `${hosts} ${one}\n`);
      return spawnSync('ssh-keygen', ['-F', name, '-f', file]).status === 0;
    });
    expect(found).toContain(true);
    expect(HOSTS.map((hosts) => isAbout(hosts, name))).toEqual(found);
  });

  it('are found when they are hashed', () => {
    const file = join(folder, 'hashed');
    writeFileSync(file, `host ${one}\n[host]:2222 ${other}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const lines = parseKnownHosts(readFileSync(file, 'latin1'));
    expect(lines.map(({ hosts }) => isAbout(hosts, 'host'))).toEqual([true, false]);
    expect(lines.map(({ hosts }) => isAbout(hosts, '[host]:2222'))).toEqual([false, true]);
    expect(isAbout('|2|c2FsdA==|aGFzaA==', 'host')).toBe(false);
  });
});

describe('a host key', () => {
  const verdictOf = (text: string): string =>
    judgeHostKey(parseKnownHosts(text), Buffer.from(one.split(' ')[1] ?? '', 'base64'));

  it('is known by its line, among others', () => {
    expect(verdictOf(`# comment\n\n  host ${one} comment\r\nhost ${other}\n`)).toBe('known');
  });
  it('is changed where there are other keys', () => {
    expect(verdictOf(`host ${other}\n`)).toBe('changed');
  });
  it('is unknown without a line, or with one that cannot be read', () => {
    const key = one.split(' ')[1] ?? '';
    for (const line of ['', `#host ${one}`, `host ssh-rsa ${key}`, `@other host ${one}`, `host ${key}`])
      expect(verdictOf(`${line}\n`)).toBe('unknown');
  });
  it('is revoked whatever else is said of it', () => {
    expect(verdictOf(`host ${one}\n@revoked host ${one}\n`)).toBe('revoked');
    expect(verdictOf(`host ${one}\n@revoked host ${other}\n`)).toBe('known');
  });
  it('under an authority is not judged here', () => {
    expect(verdictOf(`@cert-authority host ${other}\nhost ${one}\n`)).toBe('authority');
  });
});
