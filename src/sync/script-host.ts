// What the user's Lua can do whatever sync it belongs to, for one life of the config: alarms, the log, the end of the daemon.

import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { readinessOf } from '../os/poll.ts';
import type { ScriptHost } from '../script/port.ts';
import { createUserCalls } from './user-calls.ts';

/** Descriptors that a script observes are looked at this often: Node tells nothing of descriptors it did not open. */
const LOOK_MS = 50;

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
  const later = (waitMs: number, action: () => void): (() => void) => {
    const cancel = clock.after(waitMs, () => {
      cancels.delete(cancel);
      action();
    });
    cancels.add(cancel);
    return () => {
      cancels.delete(cancel);
      cancel();
    };
  };
  return {
    log,
    nowSeconds: () => clock.monotonicMs() / 1000,
    alarm(atSeconds, action) {
      const waitMs = Math.max(0, atSeconds * 1000 - clock.monotonicMs());
      later(waitMs, () => callUser('alarm', action));
    },
    observe(fd, { onReadable, onWritable }) {
      if (!readinessOf(fd).isOpen) return undefined;
      let cancel = (): void => undefined;
      const look = (): void => {
        const { isOpen, isReadable, isWritable } = readinessOf(fd);
        if (!isOpen) return log('Warn', `observefd: descriptor ${fd} is not open any more`);
        cancel = later(LOOK_MS, look);
        if (isReadable && onReadable !== undefined) callUser('observefd', onReadable);
        if (isWritable && onWritable !== undefined) callUser('observefd', onWritable);
      };
      cancel = later(0, look);
      return () => cancel();
    },
    terminate: onTerminate,
    end() {
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}
