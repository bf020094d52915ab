// syslog(3).

import koffi from 'koffi';
import { libc } from './libc.ts';

const openlog = libc.func('void openlog(const void *ident, int option, int facility)');
const syslog = libc.func('void syslog(int priority, const char *format, ...)');
const closelog = libc.func('void closelog()');

export interface SyslogOptions {
  /** What stands before the text; lsyncd adds no process number. */
  readonly ident: string;
  /** As in <syslog.h>, e.g. LOG_USER = 8. */
  readonly facility: number;
}

/** The system's log. A process has one: the last that was opened sets ident and facility for all. */
export interface Syslog {
  /** `priority` 0–7 as in <syslog.h>. Nothing is said when no log daemon listens. A text ends at its first NUL. */
  write(priority: number, text: string): void;
  /** Idempotent. */
  close(): void;
}

/** openlog(3) keeps the pointer it is given, so what it points to must live as long as it may be used. */
let identInUse: unknown;

/** Opens the system's log. Never fails: the connection is made with the first message, and made anew when it broke. */
export function openSyslog({ ident, facility }: SyslogOptions): Syslog {
  const bytes = Buffer.from(`${ident}\0`, 'utf8');
  const kept: unknown = koffi.alloc('uint8_t', bytes.length);
  koffi.encode(kept, koffi.array('uint8_t', bytes.length), bytes);
  openlog(kept, 0, facility);
  if (identInUse !== undefined) koffi.free(identInUse);
  identInUse = kept;
  return {
    write: (priority, text) => syslog(priority, '%s', 'str', text),
    close: () => closelog(),
  };
}
