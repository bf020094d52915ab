// What ssh2 is told of what `ssh -G` says, and what leaves a host to the ssh program. With the ssh of this machine.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeDirectory } from '../../../src/run/ssh/home.ts';
import { remoteEnvironment } from '../../../src/run/ssh/remote-environment.ts';
import { parseSshConfig, readSshConfig } from '../../../src/run/ssh/ssh-config.ts';
import { toSsh2Settings, type Ssh2Settings } from '../../../src/run/ssh/ssh2-settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsyncd-ssh-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function settingsOf(lines: readonly string[]): Promise<Ssh2Settings | string> {
  const file = join(folder, 'config');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const config = await readSshConfig('ssh', ['-F', file, 'somehost']);
  return typeof config === 'string' ? config : toSsh2Settings(config);
}

describe('a host', () => {
  it.each([
    ['ProxyCommand nc %h %p', /proxycommand/],
    ['ProxyJump bastion', /proxyjump bastion/],
    ['CertificateFile /c', /certificatefile/],
    ['PKCS11Provider /lib/p11.so', /pkcs11provider/],
    ['ControlPath /tmp/c', /controlpath/],
    ['ControlMaster auto', /controlmaster/],
    ['CanonicalizeHostname yes', /canonicalizehostname/],
    ['PermitLocalCommand yes', /permitlocalcommand/],
    ['RemoteCommand id', /remotecommand/],
    ['LocalForward 8000 h:80', /localforward/],
    ['RemoteForward 8000 h:80', /remoteforward/],
    ['DynamicForward 8000', /dynamicforward/],
    ['Tunnel yes', /tunnel/],
    ['ForwardAgent yes', /forwardagent/],
    ['ForwardX11 yes', /forwardx11/],
    ['KnownHostsCommand /bin/true', /knownhostscommand/],
    ['RevokedHostKeys /r', /revokedhostkeys/],
    ['VerifyHostKeyDNS yes', /verifyhostkeydns/],
    ['CheckHostIP yes', /checkhostip/],
    ['Compression yes', /compression/],
    ['HostbasedAuthentication yes', /hostbasedauthentication/],
    ['PubkeyAuthentication no', /pubkeyauthentication/],
    ['PreferredAuthentications gssapi-with-mic', /preferredauthentications/],
    ['BindAddress 127.0.0.1', /bindaddress/],
    ['AddressFamily inet6', /addressfamily/],
    ['RekeyLimit 1M', /rekeylimit/],
    ['RequestTTY force', /requesttty/],
    ['IdentityFile /keys/%h', /keys/],
    ['KexAlgorithms sntrup761x25519-sha512@openssh.com', /none of its kex/],
    ['HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com', /none of its hostKeyAlgorithms/],
  ])('with %s is for the ssh program', async (line, reason) => {
    expect(await settingsOf([line])).toMatch(reason);
  });

  it('with a key of a later OpenSSH is for the ssh program', () => {
    expect(toSsh2Settings(parseSshConfig('hostname h\nuser u\nshinynewoption yes\n'))).toBe(
      'its ssh configuration has "shinynewoption yes"',
    );
  });

  it('that ssh does not understand is for the ssh program', async () => {
    expect(await settingsOf(['NoSuchOption yes'])).toMatch(/ended with 255/);
  });

  it('of plain configurations is for ssh2, which honours what they say', async () => {
    const lines = [
      'HostName real.example',
      'Port 2222',
      'User bob',
      'IdentityFile ~/.ssh/mirror',
      'IdentitiesOnly yes',
      'IdentityAgent none',
      'UserKnownHostsFile /k1 /k2',
      'GlobalKnownHostsFile none',
      'Ciphers aes256-ctr,aes128-gcm@openssh.com',
      'ServerAliveInterval 5',
      'ServerAliveCountMax 2',
      'ConnectTimeout 7',
      'SetEnv A=b=c',
      'SendEnv LC_*',
      'GSSAPIAuthentication yes',
      'StrictHostKeyChecking no',
      'HashKnownHosts yes',
    ];
    expect(await settingsOf(lines)).toMatchObject({
      host: 'real.example',
      port: 2222,
      user: 'bob',
      hostKeyName: '[real.example]:2222',
      identityFiles: ['~/.ssh/mirror'],
      identitiesOnly: true,
      agent: undefined,
      knownHostsFiles: ['/k1', '/k2'],
      ciphers: ['aes256-ctr', 'aes128-gcm@openssh.com'],
      keepAliveMs: 5000,
      keepAliveCount: 2,
      connectTimeoutMs: 7000,
    });
  });

  it('without a configuration is too', async () => {
    const settings = await settingsOf([]);
    expect(settings).toMatchObject({ host: 'somehost', port: 22, hostKeyName: 'somehost' });
    expect(settings).toMatchObject({ agent: 'SSH_AUTH_SOCK', keepAliveMs: 15_000 });
    expect((settings as Ssh2Settings).knownHostsFiles).toContain(`${homeDirectory()}/.ssh/known_hosts`);
  });

  it('with a HostKeyAlias is looked for under that', async () => {
    expect(await settingsOf(['HostKeyAlias mirror', 'Port 2222'])).toMatchObject({ hostKeyName: 'mirror' });
  });
});

describe('the environment there', () => {
  it('is what SendEnv lets through and SetEnv says', () => {
    const settings = { sendEnv: ['LANG', 'LC_*', 'X?'], setEnv: ['LANG=C', 'A=b=c'] };
    expect(
      remoteEnvironment(settings, { LANG: 'de', LC_ALL: 'x', XY: '1', XYZ: '2', ALC_: '3', gone: undefined }),
    ).toEqual({ LANG: 'C', LC_ALL: 'x', XY: '1', A: 'b=c' });
  });
});
