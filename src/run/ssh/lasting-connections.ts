// The connections of ssh2 that scripts go over, one for each host and options. Where ssh2 may not or cannot connect, or the other
// side starts no script on its connection, the ssh program carries the script as if there were no ssh2.

import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { ChildEnd, Command } from '../command.ts';
import { startLater } from '../later-child.ts';
import { startChild, type ChildOptions, type RunningChild } from '../start-child.ts';
import { addressesOf } from './host-addresses.ts';
import { loadSsh2 } from './load-ssh2.ts';
import { readSshConfig } from './ssh-config.ts';
import { openSsh2, type Refusal, type Resolve, type Ssh2Connection } from './ssh2-connection.ts';
import { toSsh2Settings } from './ssh2-settings.ts';

/** ssh2 is not tried again before, so that a host that is down is not asked twice for each script. */
const TRY_AGAIN_MS = 60_000;

export interface LastingOptions {
  readonly log: Log;
  readonly clock: Clock;
  /** Default: as the system does. */
  readonly resolve?: Resolve;
}

interface Link {
  opening: Promise<Ssh2Connection | Refusal> | undefined;
  connection: Ssh2Connection | undefined;
  /** Monotonic; until then the ssh program does it. */
  refusedUntilMs: number;
}

export class LastingConnections {
  readonly #options: LastingOptions;
  readonly #links = new Map<string, Link>();
  readonly #over = new AbortController();

  constructor(options: LastingOptions) {
    this.#options = options;
  }

  /**
   * Starts a command with `isRemoteScript`. `isForced`: the ssh program is not asked instead; the child then ends with 255, and a
   * `spawnError` that says why.
   */
  start(
    command: Command,
    { isForced, ...options }: ChildOptions & { readonly isForced: boolean },
  ): RunningChild {
    return startLater(async (isGivenUp) => {
      const way = await this.#wayFor(command, isForced);
      if (isGivenUp()) return ended({ spawnError: undefined });
      const child = typeof way === 'string' ? way : await way.run(command, options);
      if (typeof child !== 'string') return child;
      if (isForced || isGivenUp()) return ended({ spawnError: `ssh2 cannot be used: ${child}` });
      return startChild(command, options);
    });
  }

  /** Closes them all. No script may run or be started any more. Idempotent. */
  async end(): Promise<void> {
    this.#over.abort();
    const links = [...this.#links.values()];
    for (const link of links) {
      await link.opening;
      await link.connection?.end();
    }
  }

  async #wayFor(command: Command, isForced: boolean): Promise<Ssh2Connection | string> {
    const { clock } = this.#options;
    const link = this.#linkFor(command);
    const { connection } = link;
    if (connection?.isOpen === true && (await this.#isCurrent(connection, command))) return connection;
    if (!isForced && clock.monotonicMs() < link.refusedUntilMs) return 'it was of no use a moment ago';
    link.opening ??= this.#open(command, link);
    const opened = await link.opening;
    return 'reason' in opened ? opened.reason : opened;
  }

  /** The scripts that still run on a connection to the wrong host are cut off with it, and done again. */
  async #isCurrent(connection: Ssh2Connection, { args }: Command): Promise<boolean> {
    if (await connection.isCurrent()) return true;
    this.#options.log('Ssh', `${args.at(-2)}: its name has another address now`);
    await connection.end();
    return false;
  }

  #linkFor({ binary, args }: Command): Link {
    const key = [binary, ...args.slice(0, -1)].join('\0');
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const link: Link = { opening: undefined, connection: undefined, refusedUntilMs: 0 };
    this.#links.set(key, link);
    return link;
  }

  async #open({ binary, args }: Command, link: Link): Promise<Ssh2Connection | Refusal> {
    const { clock, log } = this.#options;
    const words = args.slice(0, -1);
    const host = words.at(-1) ?? '';
    const opened = await connect(binary, {
      words,
      resolve: this.#options.resolve ?? addressesOf,
      signal: this.#over.signal,
    });
    link.opening = undefined;
    if ('reason' in opened) {
      link.refusedUntilMs = opened.isFinal ? Number.POSITIVE_INFINITY : clock.monotonicMs() + TRY_AGAIN_MS;
      log('Ssh', `${host}: no connection of ssh2: ${opened.reason}`);
      return opened;
    }
    link.connection = opened;
    log('Ssh', `${host}: connected by ssh2`);
    if (this.#over.signal.aborted) await opened.end();
    return opened;
  }
}

interface Attempt {
  /** For ssh, the host the last of them. */
  readonly words: readonly string[];
  readonly resolve: Resolve;
  readonly signal: AbortSignal;
}

/** A key or an answer that ssh2 stumbles over is nothing to end for. */
function connect(binary: string, attempt: Attempt): Promise<Ssh2Connection | Refusal> {
  return tryToConnect(binary, attempt).catch((error: unknown) => ({ reason: String(error), isFinal: true }));
}

async function tryToConnect(
  binary: string,
  { words, resolve, signal }: Attempt,
): Promise<Ssh2Connection | Refusal> {
  const config = await readSshConfig(binary, words);
  if (typeof config === 'string') return { reason: config, isFinal: true };
  const settings = toSsh2Settings(config);
  if (typeof settings === 'string') return { reason: settings, isFinal: true };
  const ssh2 = await loadSsh2();
  if (ssh2 === undefined) return { reason: 'ssh2 is not installed', isFinal: true };
  return openSsh2(settings, { ssh2, resolve, signal });
}

function ended({ spawnError }: Pick<ChildEnd, 'spawnError'>): RunningChild {
  const end: ChildEnd = { exitCode: 255, signal: undefined, spawnError, stderr: '', durationMs: 0 };
  return { pid: undefined, ended: Promise.resolve(end), terminate: () => undefined };
}
