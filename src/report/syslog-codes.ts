// syslog's numbers, from <syslog.h>; the same on Linux, macOS and FreeBSD.

import { ConfigError } from '../errors.ts';
import type { LogCategory } from '../log.ts';

const facilities: ReadonlyMap<string, number> = new Map(
  Object.entries({
    kern: 0,
    user: 1,
    mail: 2,
    daemon: 3,
    auth: 4,
    syslog: 5,
    lpr: 6,
    news: 7,
    uucp: 8,
    cron: 9,
    authpriv: 10,
    ftp: 11,
    local0: 16,
    local1: 17,
    local2: 18,
    local3: 19,
    local4: 20,
    local5: 21,
    local6: 22,
    local7: 23,
  }).map(([name, code]) => [name, code << 3]),
);

const facilityBits = 0x3f8;

/**
 * The facility that goes to openlog(3), e.g. `local3` → 152. A number is taken as it stands in <syslog.h> (`LOG_USER` is 8), as lsyncd does.
 * @throws ConfigError for a name or number that is none
 */
export function resolveFacility(facility: string | number): number {
  const code = typeof facility === 'number' ? facility : facilities.get(facility);
  if (code === undefined || !Number.isInteger(code) || (code & facilityBits) !== code) {
    throw new ConfigError(`Logging facility '${facility}' unknown.`);
  }
  return code;
}

/** LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_DEBUG for lsyncd's categories. */
export function priorityOf(category: LogCategory): number {
  switch (category) {
    case 'Error':
      return 3;
    case 'Warn':
      return 4;
    case 'Normal':
      return 5;
    default:
      return 7;
  }
}
