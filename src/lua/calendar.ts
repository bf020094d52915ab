// Moments and calendars, in local time and UTC, as gmtime(3), localtime(3) and mktime(3) have them.

import type { Calendar } from './strftime.ts';

const dayMs = 86_400_000;
const hourSeconds = 3600;

/** undefined where JavaScript's dates end, 275760 years from now. */
export function calendarOf(time: number, isUtc: boolean): Calendar | undefined {
  const moment = new Date(time * 1000);
  if (Number.isNaN(moment.getTime())) return undefined;
  const offsetMinutes = isUtc ? 0 : -moment.getTimezoneOffset();
  const shown = new Date(moment.getTime() + offsetMinutes * 60_000);
  const year = shown.getUTCFullYear();
  return {
    year,
    month: shown.getUTCMonth(),
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
    second: shown.getUTCSeconds(),
    weekday: shown.getUTCDay(),
    yearDay: Math.floor((shown.getTime() - new Date(0).setUTCFullYear(year, 0, 1)) / dayMs),
    isSummer: !isUtc && isSummerTime(moment),
    offsetMinutes,
    time,
    isUtc,
  };
}

/** Fields as in struct tm, beyond their ranges too. */
export interface LocalFields {
  readonly year: number;
  /** From 0. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Whether the fields are meant as summer time; undefined = what holds then. */
  readonly isSummer: boolean | undefined;
}

/** Seconds since 1970; NaN where JavaScript's dates end. */
export function timeOf({ year, month, day, hour, minute, second, isSummer }: LocalFields): number {
  const moment = new Date(2000, 0, 1, hour, minute, second);
  moment.setFullYear(year, month, day + daysBetween(moment));
  if (Number.isNaN(moment.getTime())) return Number.NaN;
  const time = Math.floor(moment.getTime() / 1000);
  if (isSummer === undefined || isSummer === isSummerTime(moment)) return time;
  return isSummer ? time - hourSeconds : time + hourSeconds;
}

/** How many days the hours of `moment` carried it away from the first of January 2000. */
function daysBetween(moment: Date): number {
  const start = Date.UTC(2000, 0, 1);
  return Math.round((Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate()) - start) / dayMs);
}

/** The standard time of a zone is the one farther west. */
function isSummerTime(moment: Date): boolean {
  const year = moment.getFullYear();
  const offsets = [0, 6].map((month) => new Date(year, month, 1).getTimezoneOffset());
  return moment.getTimezoneOffset() < Math.max(...offsets);
}
