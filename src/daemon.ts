// The daemon: one process, its pidfile, its signals, its status file; a round after the other until it is told to end.

import { ConfigError, ConfigExit, MachineError } from './errors.ts';
import type { BehaviourContext } from './behaviour/create-behaviour.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config/sync-spec.ts';
import { acquirePidfile, type Pidfile } from './pidfile.ts';
import type { Logger } from './report/logger.ts';
import { StatusFile } from './report/status-file.ts';
import { Round, type Unfinished } from './round.ts';
import { endWhatEndsWithDaemon } from './run/end-with-daemon.ts';

/** Exit codes as lsyncd's: a failure of its own is exit(-1). */
const EXIT_FAILURE = 255;

/** Why a round ends. */
type Cause = 'TERM' | 'INT' | 'HUP' | 'onepass' | 'fatal' | 'terminate';

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

interface RoundStart {
  readonly isRestart: boolean;
  readonly unfinished: Unfinished;
}

class Daemon {
  readonly #options: DaemonOptions;
  readonly #logger: Logger;
  #config: Config;
  #round: Round | undefined;
  #pidfile: Pidfile | undefined;
  #status: StatusFile | undefined;
  /** Asked to end, or ending. */
  #isEnding = false;
  /** How often it was asked since. */
  #urges = 0;
  #causes: Cause[] = [];
  /** What a script asked for with `terminate`. */
  #terminateCode = 0;
  #waiting: (() => void)[] = [];

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#logger = options.logger;
    this.#config = options.config;
  }

  /** What nobody caught ends it at once: whether children would still be waited for rightly is not known then. */
  async run(): Promise<number> {
    const unhandled = listenToUnhandled();
    const forget = this.#listenToSignals();
    try {
      return await Promise.race([this.#live(), unhandled.error]);
    } finally {
      this.#status?.stop();
      this.#pidfile?.release();
      forget();
      unhandled.forget();
    }
  }

  async #live(): Promise<number> {
    try {
      this.#pidfile = this.#takePidfile(this.#config);
      await this.#startRound({ isRestart: false, unfinished: new Map() });
      return await this.#serve();
    } finally {
      await this.#round?.end();
    }
  }

  async #serve(): Promise<number> {
    for (;;) {
      const cause = await this.#nextCause();
      switch (cause) {
        case 'TERM':
          return this.#fade(143);
        case 'INT':
          return this.#fade(130);
        case 'HUP':
          await this.#reset();
          break;
        case 'terminate':
          this.#isEnding = true;
          return this.#fade(this.#terminateCode);
        case 'onepass':
          return this.#endOnepass();
        case 'fatal':
          this.#isEnding = true;
          return EXIT_FAILURE;
      }
    }
  }

  async #fade(exitCode: number): Promise<number> {
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

  /** HUP: a config that cannot be used is logged, and the round goes on as it was. */
  async #reset(): Promise<void> {
    this.#logger('Normal', '--- HUP signal, resetting ---');
    if (!this.#readAnew()) return;
    await this.#round?.end();
    const unfinished = this.#round?.unfinished ?? new Map();
    // What the round that is over had to say counts no more.
    this.#causes = this.#causes.filter((cause) => cause !== 'onepass' && cause !== 'fatal');
    if (this.#isEnding) return;
    this.#logger.configure(this.#config.settings);
    this.#logger('Normal', '--- Startup ---');
    await this.#startRound({ isRestart: true, unfinished });
  }

  /** The pidfile held before goes only once the new one is held. */
  #readAnew(): boolean {
    try {
      const config = this.#options.reload();
      const before = this.#pidfile;
      this.#pidfile = this.#takePidfile(config);
      if (before !== this.#pidfile) before?.release();
      this.#config = config;
      return true;
    } catch (error) {
      if (!isExpected(error)) throw error;
      this.#logger('Error', error.message);
      this.#logger('Normal', 'the config was not taken; going on with the one before');
      return false;
    }
  }

  /** Being asked to end meanwhile is no failure: nothing begins then. */
  async #startRound({ isRestart, unfinished }: RoundStart): Promise<void> {
    const insist = isRestart || this.#config.settings.insist;
    const round = this.#createRound({ insist, unfinished });
    this.#round = round;
    this.#status?.stop();
    this.#status = this.#createStatusFile(round);
    await Promise.race([round.watch({ goesOn: isRestart }), this.#untilEnding()]);
    if (this.#isEnding) return;
    if (!isRestart) this.#options.onReady();
    if (!isRestart) await Promise.race([round.endLeftovers(), this.#untilEnding()]);
    if (this.#isEnding) return;
    round.begin();
    this.#status?.touch();
  }

  #createRound({ insist, unfinished }: { insist: boolean; unfinished: Unfinished }): Round {
    const config = this.#config;
    return new Round({
      config,
      log: this.#logger,
      clock: systemClock,
      behaviour: this.#options.behaviour,
      monitor: this.#options.monitor,
      insist,
      onChildOutput: (stream, chunk) => this.#logger.childOutput(stream, chunk),
      onChange: () => this.#status?.touch(),
      onAllStarted: () => config.settings.onepass && this.#cause('onepass'),
      onFatal: () => this.#cause('fatal'),
      onTerminate: (exitCode) => {
        this.#terminateCode = exitCode;
        this.#cause('terminate');
      },
      unfinished,
    });
  }

  #createStatusFile(round: Round): StatusFile | undefined {
    const { statusFile, statusIntervalSeconds } = this.#config.settings;
    if (statusFile === undefined) return undefined;
    return new StatusFile(statusFile, {
      intervalSeconds: statusIntervalSeconds,
      clock: systemClock,
      log: this.#logger,
      state: () => round.status,
    });
  }

  /** @throws MachineError when it cannot be had */
  #takePidfile({ settings: { pidfile } }: Config): Pidfile | undefined {
    if (pidfile === undefined) return undefined;
    return this.#pidfile?.path === pidfile ? this.#pidfile : acquirePidfile(pidfile);
  }

  #listenToSignals(): () => void {
    const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
      ['SIGTERM', () => this.#signal('TERM')],
      ['SIGINT', () => this.#signal('INT')],
      ['SIGHUP', () => this.#cause('HUP')],
      ['SIGQUIT', () => this.#dieAtOnce('SIGQUIT')],
      // Node would open its debugger.
      ['SIGUSR1', () => this.#dieAtOnce('SIGUSR1')],
    ];
    for (const [signal, handler] of handlers) process.on(signal, handler);
    return () => {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    };
  }

  /** The first asks to fade; the second ends the children; those after it kill what does not end. */
  #signal(cause: 'TERM' | 'INT'): void {
    if (!this.#isEnding) {
      this.#isEnding = true;
      this.#logger('Normal', `--- ${cause} signal, fading ---`);
      this.#cause(cause);
      return;
    }
    this.#urges++;
    this.#round?.signalChildren(this.#urges === 1 ? 'SIGTERM' : 'SIGKILL');
  }

  /** By the signal itself: process.exit() would abort where a thread is just being started. */
  #dieAtOnce(signal: 'SIGQUIT' | 'SIGUSR1'): void {
    this.#pidfile?.release();
    endWhatEndsWithDaemon();
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }

  /** Ten HUPs at a time are one. */
  #cause(cause: Cause): void {
    if (cause === 'HUP' && this.#causes.includes('HUP')) return;
    this.#causes.push(cause);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #nextCause(): Promise<Cause> {
    for (;;) {
      const cause = this.#causes.shift();
      if (cause !== undefined) return cause;
      await this.#woken();
    }
  }

  async #untilEnding(): Promise<void> {
    while (!this.#isEnding) await this.#woken();
  }

  async #woken(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

function isExpected(error: unknown): error is Error {
  return error instanceof ConfigError || error instanceof ConfigExit || error instanceof MachineError;
}

/** What is thrown where nobody catches it. `error` rejects with the first of it, and never resolves. */
function listenToUnhandled(): { readonly error: Promise<never>; forget(): void } {
  let fail: (error: unknown) => void = () => undefined;
  const error = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  return {
    error,
    forget() {
      process.off('uncaughtException', fail);
      process.off('unhandledRejection', fail);
    },
  };
}
