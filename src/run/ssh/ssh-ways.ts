// How the children of a default.rsyncssh get to their host: each by a connection of its own, over the shared one of an ssh master, or,
// for scripts, over a lasting one of ssh2. Belongs to a round, whose connections end with it.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { Command } from '../command.ts';
import { endedBy, startLater } from '../later-child.ts';
import { startChild, type RunningChild, type StartChild } from '../start-child.ts';
import { namesControlPath, withControlPath } from './control-path.ts';
import { LastingConnections } from './lasting-connections.ts';
import { clearLeftMasters, makeMasterDirectory } from './master-directory.ts';
import { SshMaster } from './ssh-master.ts';

export interface SshWaysOptions {
  readonly log: Log;
  readonly clock: Clock;
}

/** Of a sync. */
export interface SshTarget {
  readonly host: string;
  readonly ssh: {
    readonly binary: string;
    readonly args: readonly string[];
    readonly transport: 'openssh' | 'ssh2' | undefined;
  };
}

/** Of a child that was ended before it could begin. */
const NOT_STARTED: RunningChild = {
  pid: undefined,
  ended: Promise.resolve(endedBy('SIGTERM')),
  terminate: () => undefined,
};

export class SshWays {
  readonly #options: SshWaysOptions;
  readonly #lasting: LastingConnections;
  readonly #masters = new Map<string, SshMaster>();
  #directory: string | undefined;
  #clearing = Promise.resolve();

  constructor(options: SshWaysOptions) {
    this.#options = options;
    this.#lasting = new LastingConnections(options);
  }

  /** In the place of `startChild` for the children of one sync. */
  starterFor(target: SshTarget): StartChild {
    const { ssh } = target;
    const isShared = namesControlPath(ssh);
    const isForced = ssh.transport === 'ssh2';
    const mayLast = isForced || (ssh.transport === undefined && ssh.binary === 'ssh' && !isShared);
    return (command, options) => {
      if (mayLast && command.isRemoteScript === true)
        return this.#lasting.start(sharing(command, undefined), { ...options, isForced });
      if (!namesControlPath(command)) return startChild(command, options);
      return startLater(async (isGivenUp) => {
        const socket = await this.#socketFor(target);
        return isGivenUp() ? NOT_STARTED : startChild(sharing(command, socket), options);
      });
    };
  }

  /** Ends every connection. No child of a sync may run or be started any more. Idempotent. */
  async end(): Promise<void> {
    const stopped = [...this.#masters.values()].map((master) => master.stop());
    await Promise.all([this.#clearing, this.#lasting.end(), ...stopped]);
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
    this.#directory = undefined;
  }

  /** undefined: there is no directory for one. */
  async #socketFor({ host, ssh: { args, binary } }: SshTarget): Promise<string | undefined> {
    this.#makeDirectory(binary);
    if (this.#directory === undefined) return undefined;
    const key = [binary, ...args, host].join('\0');
    const socket = join(this.#directory, String(this.#masters.size));
    const master =
      this.#masters.get(key) ??
      new SshMaster({ ...this.#options, binary, args: withControlPath(args, socket), host, socket });
    this.#masters.set(key, master);
    await master.ready();
    return master.socket;
  }

  #makeDirectory(binary: string): void {
    if (this.#directory !== undefined) return;
    this.#directory = makeMasterDirectory();
    this.#clearing = clearLeftMasters(binary);
  }
}

function sharing(command: Command, socket: string | undefined): Command {
  return { ...command, args: withControlPath(command.args, socket) };
}
