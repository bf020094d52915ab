// One ssh that only holds a connection (ControlMaster of ssh_config(5)), which every ssh that is given its socket goes over. While it
// is not there each of them connects by itself: nothing waits for a master that cannot be had.

import { existsSync, rmSync } from 'node:fs';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { ChildEnd, Command } from '../command.ts';
import { endWithDaemon } from '../end-with-daemon.ts';
import { explainEnd } from '../exit-meaning.ts';
import { startChild, type RunningChild } from '../start-child.ts';

/** Its socket is there once the other side has let it in; looked for this often. */
const LOOK_MS = 20;

/** Children wait no longer for it. */
const READY_MS = 30_000;

/** One that failed is not started again before. */
const RETRY_MS = 30_000;

/** What does not end at TERM is killed after this. */
const KILL_AFTER_MS = 2000;

/** It notices that the other side is gone, and does not go to the background, whatever ssh_config says of the latter. */
const OWN_WORDS = ['-o', 'ServerAliveInterval=15', '-o', 'ControlPersist=no'];

export interface SshMasterOptions {
  readonly binary: string;
  /** Between the binary and the host, the control path among them. */
  readonly args: readonly string[];
  readonly host: string;
  /** Its control socket; nobody else may write to the directory it is in. */
  readonly socket: string;
  readonly log: Log;
  readonly clock: Clock;
}

export class SshMaster {
  readonly #options: SshMasterOptions;
  #child: RunningChild | undefined;
  #isUp = false;
  #isStopped = false;
  #starting: Promise<void> | undefined;
  #notBeforeMs = 0;
  #isFailing = false;
  readonly #pauses = new Set<() => void>();

  constructor(options: SshMasterOptions) {
    this.#options = options;
  }

  /** As given. */
  get socket(): string {
    return this.#options.socket;
  }

  /** Starts it if it is not there. Resolves when it can be used, or cannot be had for now; never rejects. */
  async ready(): Promise<void> {
    if (this.#isUp || this.#isStopped || this.#options.clock.monotonicMs() < this.#notBeforeMs) return;
    this.#starting ??= this.#start();
    await this.#starting;
    this.#starting = undefined;
  }

  /** Ends it, and waits for that. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const end of this.#pauses) end();
    const child = this.#child;
    child?.terminate('SIGTERM');
    const cancel = this.#options.clock.after(KILL_AFTER_MS, () => child?.terminate('SIGKILL'));
    await child?.ended;
    cancel();
  }

  async #start(): Promise<void> {
    const { args, binary, clock, host, socket } = this.#options;
    rmSync(socket, { force: true });
    const command: Command = { binary, args: ['-M', '-N', '-T', ...args, ...OWN_WORDS, host] };
    const child = startChild(command);
    this.#child = child;
    endWithDaemon(child);
    void child.ended.then((end) => this.#ended(command, end));
    const lateMs = clock.monotonicMs() + READY_MS;
    while (this.#child === child && !existsSync(socket) && !this.#isStopped) {
      if (clock.monotonicMs() >= lateMs) child.terminate('SIGKILL');
      await this.#pause(LOOK_MS);
    }
    this.#isUp = this.#child === child && !this.#isStopped;
    if (!this.#isUp) return;
    this.#isFailing = false;
    this.#options.log('Ssh', `${host}: there is a shared connection`);
  }

  /** That there is none is said once, until there was one again. */
  #ended(command: Command, end: ChildEnd): void {
    const { clock, host, log } = this.#options;
    const wasUp = this.#isUp;
    this.#child = undefined;
    this.#isUp = false;
    if (this.#isStopped) return;
    if (!wasUp) this.#notBeforeMs = clock.monotonicMs() + RETRY_MS;
    log(this.#isFailing ? 'Ssh' : 'Warn', `${host}: no shared connection: ${explainEnd(command, end)}`);
    this.#isFailing = !wasUp;
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
