// The log: lsyncd's lines, or JSON. Whoever makes the logger hands in what touches the system (syslog, poll).

import type { Log, LogCategory } from '../log.ts';
import { LogRouter } from './log-router.ts';
import type { LoggerOptions, LogSettings } from './log-router.ts';

/**
 * Calls come in this order: any number of `configure()`; `startup()`; `detach()` if it is a daemon; `close()`. Before `startup()` every shown
 * line goes to stderr as `Category: text`.
 */
export interface Logger extends Log {
  /**
   * Takes settings: those of the command line, of the config, of the config read anew at HUP. What is not given in `settings` stays.
   * A relative logfile counts from the directory the program was started in.
   * @throws ConfigError for an unknown facility, but never once started: then the old facility or the old log file is kept, and an Error line says so
   */
  configure(settings: Partial<LogSettings>): void;
  /**
   * From now on: `HH:MM:SS Category: text` to stdout (errors to stderr), and to the log file `Fri Nov 20 15:51:18 2026 Category: text`. With
   * `isDaemon` and no log file, to syslog as well.
   * @throws MachineError when the log file cannot be opened
   */
  startup(options: { readonly isDaemon: boolean }): void;
  /** From now on to the log file or syslog only. */
  detach(): void;
  /** What a child printed: to our own stdout or stderr, or where a daemon's lines go. */
  childOutput(stream: 'stdout' | 'stderr', chunk: Buffer): void;
  /** Writes what can still be written and lets the files go. Idempotent. */
  close(): void;
}

export function createLogger(options: LoggerOptions): Logger {
  const router = new LogRouter(options);
  return Object.assign((category: LogCategory, text: string) => router.log(category, text), {
    isOn: (category: LogCategory) => router.isOn(category),
    configure: (settings: Partial<LogSettings>) => router.configure(settings),
    startup: ({ isDaemon }: { readonly isDaemon: boolean }) => router.startup(isDaemon),
    detach: () => router.detach(),
    childOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => router.childOutput(stream, chunk),
    close: () => router.close(),
  });
}
