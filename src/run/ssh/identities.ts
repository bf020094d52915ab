// The keys that ssh would offer, in its order: those of the agent first (the named ones before the others), then the files.
// A file that ssh would ask a passphrase for, refuse for its mode, or hand to a token is passed over.

import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import type { AuthMethod, ParsedKey, Ssh2 } from 'ssh2';
import { pathInHome } from './home.ts';
import type { Ssh2Settings } from './ssh2-settings.ts';

/** Of others than the owner: ssh does not use such a key. */
const FOREIGN_ACCESS = 0o077;

interface Identity {
  /** As the server knows it. */
  readonly publicKey: Buffer;
  /** undefined: only an agent can sign with it. */
  readonly key: ParsedKey | undefined;
}

/** Never rejects.
 * @returns a text that says why there is none for ssh2 */
export async function readIdentities(
  settings: Ssh2Settings,
  ssh2: Ssh2,
): Promise<readonly AuthMethod[] | string> {
  const paths = settings.identityFiles.map(pathInHome);
  const certificate = paths.map((path) => `${path}-cert.pub`).find((path) => existsSync(path));
  if (certificate !== undefined) return `there is a certificate "${certificate}"`;
  const read = await Promise.all(paths.map((path) => readIdentity(path, ssh2)));
  const identities = read.filter((identity) => identity !== undefined);
  const username = settings.user;
  const socket = agentSocket(settings.agent);
  const agent = socket === undefined ? undefined : chosenAgent(ssh2, { socket, identities, settings });
  const methods: readonly AuthMethod[] = [
    ...(agent === undefined ? [] : [{ type: 'agent' as const, username, agent }]),
    ...identities.flatMap(({ key }) =>
      key !== undefined && isAccepted(key, settings) ? { type: 'publickey' as const, username, key } : [],
    ),
  ];
  return methods.length > 0 ? methods : 'it has no key that can be used without a passphrase, and no agent';
}

async function readIdentity(path: string, ssh2: Ssh2): Promise<Identity | undefined> {
  const key = parseKey(await readPrivate(path), ssh2);
  if (key?.isPrivateKey() === true) return { publicKey: key.getPublicSSH(), key };
  const named = key ?? parseKey(await readFile(`${path}.pub`).catch(() => undefined), ssh2);
  return named && { publicKey: named.getPublicSSH(), key: undefined };
}

/** undefined where ssh could or would not read it. */
async function readPrivate(path: string): Promise<Buffer | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    const stat = await file?.stat();
    const data = await file?.readFile();
    const isOpenToOthers = stat?.uid === process.getuid?.() && ((stat?.mode ?? 0) & FOREIGN_ACCESS) !== 0;
    return isOpenToOthers && data?.includes('PRIVATE KEY') === true ? undefined : data;
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}

function parseKey(data: Buffer | undefined, { utils }: Ssh2): ParsedKey | undefined {
  if (data === undefined) return undefined;
  const parsed = utils.parseKey(data);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key instanceof Error ? undefined : key;
}

function isAccepted(key: ParsedKey, { userKeyAlgorithms }: Ssh2Settings): boolean {
  const names = key.type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [key.type];
  return names.every((name) => userKeyAlgorithms.includes(name));
}

/** `SSH_AUTH_SOCK` and `$NAME` stand for what is in the environment. */
function agentSocket(agent: string | undefined): string | undefined {
  const name = agent === 'SSH_AUTH_SOCK' ? agent : /^\$(\w+)$/.exec(agent ?? '')?.[1];
  const socket = name === undefined ? agent : process.env[name];
  return socket === undefined || socket === '' ? undefined : pathInHome(socket);
}

interface AgentChoice {
  readonly socket: string;
  readonly identities: readonly Identity[];
  readonly settings: Ssh2Settings;
}

function chosenAgent(
  ssh2: Ssh2,
  { socket, identities, settings }: AgentChoice,
): InstanceType<Ssh2['BaseAgent']> {
  const agent = ssh2.createAgent(socket);
  const rank = (key: ParsedKey): number => {
    const index = identities.findIndex(({ publicKey }) => publicKey.equals(key.getPublicSSH()));
    return index < 0 ? identities.length : index;
  };
  const choose = (keys: readonly ParsedKey[]): ParsedKey[] =>
    keys
      .filter((key) => isAccepted(key, settings))
      .filter((key) => !settings.identitiesOnly || rank(key) < identities.length)
      .toSorted((a, b) => rank(a) - rank(b));
  return new (class extends ssh2.BaseAgent {
    override getIdentities(callback: Parameters<typeof agent.getIdentities>[0]): void {
      agent.getIdentities((error, keys) => callback(error, choose(keys ?? [])));
    }
    override sign(...call: Parameters<typeof agent.sign>): void {
      agent.sign(...call);
    }
  })();
}
