// What the user's Lua can do whatever sync it belongs to, for one life of the config: alarms, the log, the end of the daemon.

import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { ScriptHost } from '../script/port.ts';
import { createUserCalls } from './user-calls.ts';

export interface ScriptHostOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly onTerminate: (exitCode: number) => void;
}

/** `end`: no alarm comes any more. */
export function createScriptHost(options: ScriptHostOptions): ScriptHost & { end(): void } {
  const { log, clock, onTerminate } = options;
  const cancels = new Set<() => void>();
  const callUser = createUserCalls({ name: 'alarm', log, clock, onError: () => undefined });
  return {
    log,
    nowSeconds: () => clock.monotonicMs() / 1000,
    alarm(atSeconds, action) {
      const waitMs = Math.max(0, atSeconds * 1000 - clock.monotonicMs());
      const cancel = clock.after(waitMs, () => {
        cancels.delete(cancel);
        callUser('alarm', action);
      });
      cancels.add(cancel);
    },
    terminate: onTerminate,
    end() {
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}
