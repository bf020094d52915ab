// The tunnel of a sync: as many processes as the config says. Children reach the target through one of those that are up.

import type { Clock } from '../clock.ts';
import type { TunnelSpec } from '../config/tunnel-spec.ts';
import type { Log } from '../log.ts';
import type { Command } from './command.ts';
import type { ChildOptions } from './start-child.ts';
import { withAddress, type TunnelAddress } from './tunnel-address.ts';
import { TunnelProcess } from './tunnel-process.ts';

export interface TunnelOptions {
  /** For the log: the syncs that use it. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Added to the environment of its processes (child-mark.ts). */
  readonly childEnvironment: Readonly<Record<string, string>>;
  /** Gets what its processes write. */
  readonly onOutput: NonNullable<ChildOptions['onOutput']>;
  /** It became ready, after it was not. */
  readonly onReady: () => void;
}

/** One child's way through a tunnel. */
export interface Passage {
  readonly address: TunnelAddress;
  /** The child has ended. Call once. */
  leave(): void;
}

interface Member {
  readonly process: TunnelProcess;
  /** Children on their way through it. */
  users: number;
  /** Its turn comes when those of lower numbers had theirs. */
  turn: number;
}

export class Tunnel {
  readonly #options: TunnelOptions;
  readonly #members: readonly Member[];
  #wasReady = false;
  #turns = 0;

  constructor(spec: TunnelSpec, options: TunnelOptions) {
    this.#options = options;
    const make = (): TunnelProcess =>
      new TunnelProcess({ ...options, spec, onChange: () => this.#lookAgain() });
    this.#members = Array.from({ length: spec.parallel }, () => ({ process: make(), users: 0, turn: 0 }));
  }

  /** At least one process is up. */
  get isReady(): boolean {
    return this.#members.some(({ process }) => process.address !== undefined);
  }

  /** Starts it; `onReady` is called when it can be used. Call once. */
  start(): void {
    for (const { process } of this.#members) process.start();
  }

  /** Ends its processes, and waits for that. Idempotent. */
  async stop(): Promise<void> {
    await Promise.all(this.#members.map(({ process }) => process.stop()));
  }

  /** The way through the process with the fewest children, in turn; undefined while none is up. */
  enter(): Passage | undefined {
    const [member] = this.#members
      .filter(({ process }) => process.address !== undefined)
      .toSorted((a, b) => a.users - b.users || a.turn - b.turn);
    const address = member?.process.address;
    if (member === undefined || address === undefined) return undefined;
    member.users++;
    member.turn = ++this.#turns;
    return { address, leave: () => void member.users-- };
  }

  #lookAgain(): void {
    const { isReady } = this;
    const isNews = isReady && !this.#wasReady;
    this.#wasReady = isReady;
    if (isNews) this.#options.onReady();
  }
}

/** The command with the address in its words. `fixed` is a word that stays as it is: the path of the source. */
export function commandThrough(
  command: Command,
  { address, fixed }: { readonly address: TunnelAddress; readonly fixed: string },
): Command {
  const args = command.args.map((word) => (word === fixed ? word : withAddress(word, address)));
  return { ...command, args };
}
