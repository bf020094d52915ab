// Calls functions of the user's Lua for a sync: what they raise is logged with its traceback, what takes long is named.

import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { ConfigExit } from '../errors.ts';
import { LuaError, LuaRaise } from '../lua/lua-value.ts';

/** The daemon does nothing else while a function of the user runs; one that takes longer is named. */
const SLOW_MS = 1000;

export interface UserCallsOptions {
  /** Of the sync. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
  /** The function did not end as it should; it is logged. */
  readonly onError: (message: string) => void;
}

/** Calls a function of the user, named by `what`; undefined after an error. */
export type UserCall = <T>(what: string, action: () => T) => T | undefined;

export function createUserCalls(options: UserCallsOptions): UserCall {
  const { name, log, clock, onError } = options;
  return (what, action) => {
    const beganMs = clock.monotonicMs();
    try {
      return action();
    } catch (error) {
      // os.exit and terminate: the daemon is ending.
      if (error instanceof ConfigExit) return undefined;
      const message = error instanceof Error ? error.message : String(error);
      log('Error', `in Lua: ${message}`);
      const trace = error instanceof LuaError ? error.traceback : traceOfBug(error);
      for (const line of trace.split('\n')) if (line !== '') log('Error', line.replace(/^\t/, '  '));
      onError(message);
      return undefined;
    } finally {
      const tookMs = clock.monotonicMs() - beganMs;
      if (tookMs > SLOW_MS) {
        log(
          'Warn',
          `${name}: "${what}" took ${(tookMs / 1000).toFixed(1)} s, and nothing else was done meanwhile`,
        );
      }
    }
  };
}

/** What Lua was told, it knows where; anything else is a bug of ours. */
function traceOfBug(error: unknown): string {
  return error instanceof LuaRaise || !(error instanceof Error) ? '' : (error.stack ?? '');
}
