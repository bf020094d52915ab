// One connection of ssh2: opened only where OpenSSH's files know the host key, then a channel for each script, until it breaks.

import { constants } from 'node:os';
import type { Channel, Client, Ssh2 } from 'ssh2';
import { collectOutput } from '../child-output.ts';
import type { ChildEnd, Command } from '../command.ts';
import type { ChildOptions, RunningChild } from '../start-child.ts';
import { readHostKeys, type HostKeys } from './host-keys.ts';
import { readIdentities } from './identities.ts';
import { remoteEnvironment } from './remote-environment.ts';
import type { Ssh2Settings } from './ssh2-settings.ts';

/** As ssh ends when the connection broke, or the script was ended by a signal there. */
const CUT_OFF = 255;

/** What does not close by itself in this time is cut. */
const CLOSE_MS = 1000;

/** ssh2's levels of errors of the network; any other is as it would be the next time, and may be counted by the other side. */
const PASSING: ReadonlySet<string | undefined> = new Set(['client-socket', 'client-timeout', 'client-dns']);

/** Why ssh2 is of no use here. */
export interface Refusal {
  readonly reason: string;
  /** It will be no different next time, as long as the configuration is what it is. */
  readonly isFinal: boolean;
}

export interface Ssh2Connection {
  readonly isOpen: boolean;
  /** false: the name of the host means another one by now, to which rsync would go. Never rejects. */
  isCurrent(): Promise<boolean>;
  /** Starts the script that is the last word of `command`. Never rejects.
   * @returns a text that says why the other side did not start it */
  run(command: Command, options: ChildOptions): Promise<RunningChild | string>;
  /** Closes it, and waits for that. Idempotent. */
  end(): Promise<void>;
}

/** The addresses of a host, the preferred one first; none when it cannot be said. Never rejects. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface OpenOptions {
  readonly ssh2: Ssh2;
  readonly resolve: Resolve;
  /** Gives up what has not been opened yet. */
  readonly signal: AbortSignal;
}

/** Never rejects. */
export async function openSsh2(
  settings: Ssh2Settings,
  { ssh2, resolve, signal }: OpenOptions,
): Promise<Ssh2Connection | Refusal> {
  const hostKeys = await readHostKeys(settings);
  if (typeof hostKeys === 'string') return { reason: hostKeys, isFinal: false };
  const authHandler = await readIdentities(settings, ssh2);
  if (typeof authHandler === 'string') return { reason: authHandler, isFinal: false };
  const [address] = await resolve(settings.host);
  if (address === undefined) return { reason: 'its name has no address', isFinal: false };
  if (signal.aborted) return { reason: 'the daemon gave it up', isFinal: false };
  const client = new ssh2.Client();
  const refusal = await connect(client, { settings, address, hostKeys, authHandler, signal });
  return refusal ?? new OpenConnection(client, { settings, address, resolve });
}

interface Attempt {
  readonly settings: Ssh2Settings;
  readonly address: string;
  readonly hostKeys: HostKeys;
  readonly authHandler: Parameters<Client['connect']>[0]['authHandler'];
  readonly signal: AbortSignal;
}

function connect(
  client: Client,
  { settings, address, hostKeys, authHandler, signal }: Attempt,
): Promise<Refusal | undefined> {
  return new Promise((resolve) => {
    let why: Refusal | undefined;
    client.on('error', (error: Error & { level?: string }) => {
      // Without its agent there are still the files.
      if (error.level === 'agent') return;
      why ??= { reason: error.message, isFinal: !PASSING.has(error.level) };
    });
    const giveUp = (): void => {
      client.destroy();
      resolve({ reason: 'the daemon gave it up', isFinal: false });
    };
    signal.addEventListener('abort', giveUp, { once: true });
    client.once('ready', () => {
      signal.removeEventListener('abort', giveUp);
      resolve(undefined);
    });
    client.once('close', () => resolve(why ?? { reason: 'the connection was closed', isFinal: false }));
    const hostVerifier = (key: Buffer): boolean => {
      const verdict = hostKeys.judge(key);
      if (verdict === 'known') return true;
      why = { reason: `its host key is ${verdict}`, isFinal: false };
      return false;
    };
    const { port, user, kex, ciphers, macs } = settings;
    try {
      client.connect({
        host: address,
        port,
        username: user,
        authHandler,
        hostVerifier,
        algorithms: {
          kex,
          cipher: ciphers,
          hmac: macs,
          serverHostKey: hostKeys.algorithms,
          compress: ['none'],
        },
        readyTimeout: settings.connectTimeoutMs,
        keepaliveInterval: settings.keepAliveMs,
        keepaliveCountMax: settings.keepAliveCount,
      });
    } catch (error) {
      resolve({ reason: String(error), isFinal: true });
    }
  });
}

interface OpenState {
  readonly settings: Ssh2Settings;
  readonly address: string;
  readonly resolve: Resolve;
}

class OpenConnection implements Ssh2Connection {
  readonly #client: Client;
  readonly #state: OpenState;
  readonly #closed: Promise<void>;
  #isOpen = true;

  constructor(client: Client, state: OpenState) {
    this.#client = client;
    this.#state = state;
    this.#closed = new Promise((resolve) => {
      client.once('close', () => {
        this.#isOpen = false;
        resolve();
      });
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async isCurrent(): Promise<boolean> {
    const addresses = await this.#state.resolve(this.#state.settings.host);
    return addresses.length === 0 || addresses.includes(this.#state.address);
  }

  run(command: Command, options: ChildOptions): Promise<RunningChild | string> {
    const output = collectOutput(command, options);
    const env = remoteEnvironment(this.#state.settings, process.env);
    return new Promise((resolve) => {
      const onOpen = (error: Error | null | undefined, channel: Channel): void =>
        resolve(error ? error.message : this.#follow(channel, { command, output }));
      try {
        this.#client.exec(command.args.at(-1) ?? '', { env }, onOpen);
      } catch (error) {
        resolve(String(error));
      }
    });
  }

  #follow(
    channel: Channel,
    { command, output }: { readonly command: Command; readonly output: ReturnType<typeof collectOutput> },
  ): RunningChild {
    let exitCode: number | undefined;
    let finish: (signal?: NodeJS.Signals) => void = () => undefined;
    channel.on('error', () => undefined);
    channel.on('data', (chunk: Buffer) => output.onOutput('stdout', chunk));
    channel.stderr.on('data', (chunk: Buffer) => output.onOutput('stderr', chunk));
    channel.once('exit', (code: number | null) => (exitCode = code ?? CUT_OFF));
    const ended = new Promise<ChildEnd>((resolve) => {
      let isOver = false;
      finish = (signal) => {
        if (isOver) return;
        isOver = true;
        if (signal !== undefined) exitCode = 128 + constants.signals[signal];
        if (exitCode === undefined) output.onOutput('stderr', this.#cutOff());
        resolve(output.finish({ exitCode: exitCode ?? CUT_OFF, signal, spawnError: undefined }));
      };
    });
    channel.once('close', () => finish());
    void this.#closed.then(() => finish());
    channel.end(command.stdin);
    const terminate = (signal: NodeJS.Signals): void => {
      finish(signal);
      channel.close();
    };
    return { pid: undefined, ended, terminate };
  }

  #cutOff(): Buffer {
    return Buffer.from(`ssh2: the connection to ${this.#state.settings.host} broke while the command ran\n`);
  }

  async end(): Promise<void> {
    if (!this.#isOpen) return;
    this.#client.end();
    const timer = setTimeout(() => this.#client.destroy(), CLOSE_MS);
    await this.#closed;
    clearTimeout(timer);
  }
}
