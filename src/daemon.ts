// The daemon: one process, its pidfile, its signals, its status file; a round after the other until it is told to end.

import { ConfigError, ConfigExit } from './errors.ts';
import type { BehaviourContext } from './behaviour/create-behaviour.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config/sync-spec.ts';
import { acquirePidfile, type Pidfile } from './pidfile.ts';
import type { Logger } from './report/logger.ts';
import { StatusFile } from './report/status-file.ts';
import { Round } from './round.ts';

/** Exit codes as lsyncd's: a failure of its own is exit(-1). */
const EXIT_FAILURE = 255;

/** Why a round ends. */
type Cause = 'TERM' | 'INT' | 'HUP' | 'onepass' | 'fatal';

export interface DaemonOptions {
  readonly config: Config;
  /** Reads the config anew, for HUP. @throws ConfigError */
  readonly reload: () => Config;
  readonly logger: Logger;
  readonly behaviour: Omit<BehaviourContext, 'log'>;
  readonly monitor: string | undefined;
  /** The pidfile is held and the watches are set: whoever waits for that may go on. */
  readonly onReady: () => void;
}

/**
 * Runs until a signal, a fatal failure or the end of `onepass`.
 * @returns the exit code: 143 after TERM, 130 after INT, 0 after a good onepass, 255 after a failure (logged)
 * @throws MachineError when the pidfile cannot be had or a source cannot be watched at the first start
 */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  return new Daemon(options).run();
}

class Daemon {
  readonly #options: DaemonOptions;
  readonly #logger: Logger;
  #config: Config;
  #round: Round | undefined;
  #pidfile: Pidfile | undefined;
  #status: StatusFile | undefined;
  #isEnding = false;
  readonly #causes: Cause[] = [];
  #wakeUp: () => void = () => undefined;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#logger = options.logger;
    this.#config = options.config;
  }

  async run(): Promise<number> {
    const forget = this.#listenToSignals();
    try {
      this.#takePidfile();
      await this.#startRound(this.#config.settings.insist, this.#options.onReady);
      return await this.#serve();
    } finally {
      await this.#round?.end();
      this.#status?.stop();
      this.#pidfile?.release();
      forget();
    }
  }

  async #serve(): Promise<number> {
    for (;;) {
      const cause = await this.#nextCause();
      switch (cause) {
        case 'TERM':
          return this.#fade('TERM', 143);
        case 'INT':
          return this.#fade('INT', 130);
        case 'HUP':
          await this.#reset();
          break;
        case 'onepass':
          return this.#endOnepass();
        case 'fatal':
          this.#isEnding = true;
          return EXIT_FAILURE;
      }
    }
  }

  async #fade(signal: 'TERM' | 'INT', exitCode: number): Promise<number> {
    this.#isEnding = true;
    this.#logger('Normal', `--- ${signal} signal, fading ---`);
    await this.#round?.end();
    return exitCode;
  }

  #endOnepass(): number {
    if (this.#round?.hasProblems === true) {
      this.#logger('Error', 'onepass: not everything could be synced, exiting');
      return EXIT_FAILURE;
    }
    this.#logger('Normal', 'onepass config set, exiting');
    return 0;
  }

  /** HUP: a config that cannot be read is logged, and the round goes on as it was. */
  async #reset(): Promise<void> {
    this.#logger('Normal', '--- HUP signal, resetting ---');
    const config = this.#readAnew();
    if (config === undefined) return;
    await this.#round?.end();
    if (this.#causes.some((cause) => cause === 'TERM' || cause === 'INT')) return;
    this.#config = config;
    this.#logger.configure(config.settings);
    this.#takePidfile();
    this.#logger('Normal', '--- Startup ---');
    await this.#startRound(true, () => undefined);
  }

  #readAnew(): Config | undefined {
    try {
      return this.#options.reload();
    } catch (error) {
      if (!(error instanceof ConfigError || error instanceof ConfigExit)) throw error;
      this.#logger('Error', error.message);
      this.#logger('Normal', 'the config was not taken; going on with the one before');
      return undefined;
    }
  }

  async #startRound(insist: boolean, onWatching: () => void): Promise<void> {
    const { settings } = this.#config;
    this.#status?.stop();
    const round = new Round({
      config: this.#config,
      log: this.#logger,
      clock: systemClock,
      behaviour: this.#options.behaviour,
      monitor: this.#options.monitor,
      insist,
      onChildOutput: (stream, chunk) => this.#logger.childOutput(stream, chunk),
      onChange: () => this.#status?.touch(),
      onAllStarted: () => settings.onepass && this.#cause('onepass'),
      onFatal: () => this.#cause('fatal'),
    });
    this.#round = round;
    this.#status =
      settings.statusFile === undefined
        ? undefined
        : new StatusFile(settings.statusFile, {
            intervalSeconds: settings.statusIntervalSeconds,
            clock: systemClock,
            log: this.#logger,
            state: () => round.status,
          });
    await round.watch();
    onWatching();
    round.begin();
    this.#status?.touch();
  }

  /** Takes the pidfile of the config; the one held before goes only once the new one is held. */
  #takePidfile(): void {
    const path = this.#config.settings.pidfile;
    const before = this.#pidfile;
    if (before?.path === path) return;
    this.#pidfile = path === undefined ? undefined : acquirePidfile(path);
    before?.release();
  }

  #listenToSignals(): () => void {
    const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
      ['SIGTERM', () => this.#signal('TERM')],
      ['SIGINT', () => this.#signal('INT')],
      ['SIGHUP', () => this.#cause('HUP')],
      ['SIGQUIT', () => this.#dieAtOnce(131)],
      // Node would open its debugger.
      ['SIGUSR1', () => this.#dieAtOnce(138)],
    ];
    for (const [signal, handler] of handlers) process.on(signal, handler);
    return () => {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    };
  }

  /** The first asks to fade; one more while fading ends the children too. */
  #signal(cause: 'TERM' | 'INT'): void {
    if (this.#isEnding) this.#round?.signalChildren('SIGTERM');
    else this.#cause(cause);
  }

  #dieAtOnce(exitCode: number): void {
    this.#pidfile?.release();
    process.exit(exitCode);
  }

  #cause(cause: Cause): void {
    this.#causes.push(cause);
    this.#wakeUp();
  }

  async #nextCause(): Promise<Cause> {
    for (;;) {
      const cause = this.#causes.shift();
      if (cause !== undefined) return cause;
      await new Promise<void>((resolve) => {
        this.#wakeUp = resolve;
      });
    }
  }
}
