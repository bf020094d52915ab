// Whether ssh2 may connect in the place of ssh, and how. Pure. Only what is in the table below is known to make no difference, or is
// honoured; a key that is not there, of whatever OpenSSH, leaves the host to the ssh program.

import { knownHostName } from './known-hosts.ts';
import type { SshConfig } from './ssh-config.ts';

/** Everything that ssh2 is told, in OpenSSH's terms. */
export interface Ssh2Settings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** How known_hosts names the host. */
  readonly hostKeyName: string;
  readonly knownHostsFiles: readonly string[];
  readonly identityFiles: readonly string[];
  /** Of an agent only the keys that are among `identityFiles`. */
  readonly identitiesOnly: boolean;
  /** `SSH_AUTH_SOCK`, `$NAME`, or a path; undefined = no agent. */
  readonly agent: string | undefined;
  readonly kex: readonly string[];
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
  readonly hostKeyAlgorithms: readonly string[];
  readonly userKeyAlgorithms: readonly string[];
  readonly minRsaBits: number;
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly keepAliveCount: number;
  /** `NAME=value`. */
  readonly setEnv: readonly string[];
  /** Patterns of names. */
  readonly sendEnv: readonly string[];
}

/** As ssh waits for a host that drops packets, about. */
const DEFAULT_CONNECT_SECONDS = 60;

/** Where the configuration wants none: a lasting connection must notice that the other side is gone. */
const DEFAULT_KEEP_ALIVE_SECONDS = 15;

/** Read below, or without a meaning for a script on a connection whose host key is known and whose user has a key. */
const ANY = words(`
  addkeystoagent batchmode canonicaldomains canonicalizefallbacklocal canonicalizemaxdots canonicalizepermittedcnames
  casignaturealgorithms ciphers clearallforwardings connectionattempts connecttimeout controlpersist enableescapecommandline
  enablesshkeysign escapechar exitonforwardfailure fingerprinthash forwardx11timeout forwardx11trusted gatewayports
  globalknownhostsfile gssapiauthentication gssapikexalgorithms gssapirenewalforcesrekey gssapitrustdns hashknownhosts host
  hostbasedacceptedalgorithms hostkeyalgorithms hostkeyalias hostname identitiesonly identityagent identityfile ignoreunknown
  ipqos kbdinteractiveauthentication kbdinteractivedevices kexalgorithms localcommand loglevel logverbose macs
  nohostauthenticationforlocalhost numberofpasswordprompts obscurekeystroketiming passwordauthentication permitremoteopen port
  proxyusefdpass pubkeyacceptedalgorithms requiredrsasize securitykeyprovider sendenv serveralivecountmax serveraliveinterval
  setenv streamlocalbindmask streamlocalbindunlink stricthostkeychecking syslogfacility tag tcpkeepalive tunneldevice
  updatehostkeys user userknownhostsfile versionaddendum visualhostkey warnweakcrypto xauthlocation`);

const OFF = words(`
  canonicalizehostname checkhostip compression controlmaster forkafterauthentication forwardagent forwardx11
  gssapidelegatecredentials gssapikeyexchange hostbasedauthentication permitlocalcommand stdinnull tunnel verifyhostkeydns
  certificatefile channeltimeout controlpath knownhostscommand pkcs11provider proxycommand proxyjump remotecommand
  revokedhostkeys`);

/** Keys that say what ssh2 does only with certain values. */
const ONLY: ReadonlyMap<string, RegExp> = new Map([
  ...[...ANY].map((key) => [key, /^/] as const),
  ...[...OFF].map((key) => [key, /^(?:no|false|none|)$/] as const),
  ['addressfamily', /^any$/],
  ['pubkeyauthentication', /^(?:yes|true|unbound|host-bound)$/],
  ['preferredauthentications', /(?:^|,)publickey(?:,|$)/],
  ['rekeylimit', /^0 0$/],
  ['requesttty', /^(?:auto|no|false)$/],
  ['sessiontype', /^default$/],
]);

/** What ssh2 can do and OpenSSH has not given up; the order is that of the configuration. */
const KEX = words(`
  curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256 ecdh-sha2-nistp384 ecdh-sha2-nistp521
  diffie-hellman-group-exchange-sha256 diffie-hellman-group14-sha256 diffie-hellman-group16-sha512 diffie-hellman-group18-sha512`);
const CIPHERS = words(`
  chacha20-poly1305@openssh.com aes128-gcm@openssh.com aes256-gcm@openssh.com aes128-ctr aes192-ctr aes256-ctr`);
const MACS = words(`
  hmac-sha2-256-etm@openssh.com hmac-sha2-512-etm@openssh.com hmac-sha1-etm@openssh.com hmac-sha2-256 hmac-sha2-512 hmac-sha1`);
const HOST_KEYS = words(`
  ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 rsa-sha2-512 rsa-sha2-256`);

/** @returns a text that says why this is for the ssh program */
export function toSsh2Settings(config: SshConfig): Ssh2Settings | string {
  const unfit = [...config].flatMap(([key, values]) =>
    values.filter((value) => ONLY.get(key)?.test(value) !== true).map((value) => `${key} ${value}`),
  );
  if (unfit[0] !== undefined) return `its ssh configuration has "${unfit[0].trim()}"`;
  const value = (key: string): string => config.get(key)?.[0] ?? '';
  const number = (key: string, fallback: number): number => Number(value(key)) || fallback;
  const common = (key: string, can: ReadonlySet<string>): readonly string[] =>
    value(key)
      .split(',')
      .filter((name) => can.has(name));
  const port = number('port', 22);
  const host = value('hostname');
  const alias = value('hostkeyalias');
  const settings: Ssh2Settings = {
    host,
    port,
    user: value('user'),
    hostKeyName: alias === '' ? knownHostName(host, port) : alias,
    knownHostsFiles: [...files(value('userknownhostsfile')), ...files(value('globalknownhostsfile'))],
    identityFiles: (config.get('identityfile') ?? []).filter((path) => path !== 'none'),
    identitiesOnly: value('identitiesonly') === 'yes',
    agent: agentOf(value('identityagent')),
    kex: common('kexalgorithms', KEX),
    ciphers: common('ciphers', CIPHERS),
    macs: common('macs', MACS),
    hostKeyAlgorithms: common('hostkeyalgorithms', HOST_KEYS),
    userKeyAlgorithms: value('pubkeyacceptedalgorithms').split(','),
    minRsaBits: number('requiredrsasize', 0),
    connectTimeoutMs: number('connecttimeout', DEFAULT_CONNECT_SECONDS) * 1000,
    keepAliveMs: number('serveraliveinterval', DEFAULT_KEEP_ALIVE_SECONDS) * 1000,
    keepAliveCount: number('serveralivecountmax', 3),
    setEnv: config.get('setenv') ?? [],
    sendEnv: config.get('sendenv') ?? [],
  };
  return whatIsMissing(settings) ?? settings;
}

function whatIsMissing(settings: Ssh2Settings): string | undefined {
  if (settings.host === '' || settings.user === '') return 'ssh -G names no host or user';
  const lists = ['kex', 'ciphers', 'macs', 'hostKeyAlgorithms'] as const;
  const empty = lists.find((list) => settings[list].length === 0);
  if (empty !== undefined) return `none of its ${empty} is one that ssh2 has`;
  const named = [...settings.knownHostsFiles, ...settings.identityFiles, settings.agent ?? ''];
  const open = named.find((path) => path.includes('%') || path.includes('${'));
  return open === undefined ? undefined : `its ssh configuration has "${open}"`;
}

function agentOf(value: string): string | undefined {
  if (value === 'none') return undefined;
  return value === '' ? 'SSH_AUTH_SOCK' : value;
}

function files(value: string): readonly string[] {
  return value.split(' ').filter((path) => path !== '' && path !== 'none');
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''));
}
