// One process of a tunnel: started, looked at until it can be used, started again when it ends.

import type { Clock } from '../clock.ts';
import type { TunnelSpec } from '../config/tunnel-spec.ts';
import type { Log } from '../log.ts';
import type { ChildEnd, Command } from './command.ts';
import { endWithDaemon } from './end-with-daemon.ts';
import { explainEnd } from './exit-meaning.ts';
import { startChild, type ChildOptions, type RunningChild } from './start-child.ts';
import { accepts, freePort, namesPort, withAddress, type TunnelAddress } from './tunnel-address.ts';

/** While it is not ready, its port is tried this often. */
const PROBE_MS = 100;

/** What does not end at TERM is killed after this. */
const KILL_AFTER_MS = 2000;

/** That it ends again and again is said this often. */
const REPEAT_MS = 60_000;

export interface TunnelProcessOptions {
  readonly spec: TunnelSpec;
  /** For the log: the syncs that use it. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Added to its environment. */
  readonly childEnvironment: Readonly<Record<string, string>>;
  readonly onOutput: NonNullable<ChildOptions['onOutput']>;
  /** It can be used, or not any more. */
  readonly onChange: () => void;
}

export class TunnelProcess {
  readonly #options: TunnelProcessOptions;
  #child: RunningChild | undefined;
  #address: TunnelAddress | undefined;
  #isStopped = false;
  #life: Promise<void> = Promise.resolve();
  readonly #pauses = new Set<() => void>();
  /** Monotonic; undefined = since then it was ready. */
  #warnedMs: number | undefined;

  constructor(options: TunnelProcessOptions) {
    this.#options = options;
  }

  /** Where it listens; undefined while it cannot be used. */
  get address(): TunnelAddress | undefined {
    return this.#address;
  }

  /** Call once. */
  start(): void {
    this.#life = this.#live();
  }

  /** Ends it for good, and waits for that. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const end of this.#pauses) end();
    this.#child?.terminate('SIGTERM');
    const cancel = this.#options.clock.after(KILL_AFTER_MS, () => this.#child?.terminate('SIGKILL'));
    await this.#life;
    cancel();
  }

  async #live(): Promise<void> {
    while (!this.#isStopped) {
      const address = await this.#nextAddress();
      if (this.#isStopped) return;
      const command = this.#command(address);
      const end = await this.#run(command, address);
      if (this.#isStopped) return;
      this.#tellEnd(command, end);
      await this.#pause(this.#options.spec.retryDelayMs);
    }
  }

  /** A host that is none of this machine's is left to the command to complain of. */
  async #nextAddress(): Promise<TunnelAddress> {
    const { localhost: host, localport } = this.#options.spec;
    const port = localport ?? (await freePort(host).catch(() => freePort('localhost')));
    return { host, port };
  }

  #command(address: TunnelAddress): Command {
    const [binary = '', ...args] = this.#options.spec.command.map((word) => withAddress(word, address));
    return { binary, args, env: this.#options.childEnvironment };
  }

  async #run(command: Command, address: TunnelAddress): Promise<ChildEnd> {
    const { log, name, onChange, onOutput } = this.#options;
    log('Tunnel', `${name}: starting tunnel ${[command.binary, ...command.args].join(' ')}`);
    const child = startChild(command, { onOutput });
    this.#child = child;
    endWithDaemon(child);
    void this.#awaitReady(child, address);
    const end = await child.ended;
    this.#child = undefined;
    const wasReady = this.#address !== undefined;
    this.#address = undefined;
    if (wasReady) onChange();
    return end;
  }

  /** Its port accepts a connection, or the time for that is over. */
  async #awaitReady(child: RunningChild, address: TunnelAddress): Promise<void> {
    const { clock, log, name, onChange, spec } = this.#options;
    const mayAsk = spec.localport !== undefined || spec.command.some(namesPort);
    const readyMs = clock.monotonicMs() + spec.readyDelayMs;
    const isAlive = (): boolean => this.#child === child && !this.#isStopped;
    while (isAlive() && clock.monotonicMs() < readyMs) {
      if (mayAsk && (await accepts(address))) break;
      await this.#pause(Math.min(PROBE_MS, readyMs - clock.monotonicMs()));
    }
    if (!isAlive()) return;
    this.#address = address;
    this.#warnedMs = undefined;
    log('Normal', `${name}: tunnel is up${mayAsk ? ` (${address.host}:${address.port})` : ''}`);
    onChange();
  }

  /** What ends at once, whenever it is started, is not news each time. */
  #tellEnd(command: Command, end: ChildEnd): void {
    const { clock, log, name, spec } = this.#options;
    const nowMs = clock.monotonicMs();
    const isNews = this.#warnedMs === undefined || nowMs - this.#warnedMs >= REPEAT_MS;
    if (isNews) this.#warnedMs = nowMs;
    const again = `starting it again in ${spec.retryDelayMs / 1000} s`;
    log(isNews ? 'Warn' : 'Tunnel', `${name}: tunnel is down: ${explainEnd(command, end)}; ${again}`);
  }

  /** `stop()` ends it early. */
  async #pause(ms: number): Promise<void> {
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => (end = resolve));
    const cancel = this.#options.clock.after(ms, end);
    this.#pauses.add(end);
    await over;
    cancel();
    this.#pauses.delete(end);
  }
}
