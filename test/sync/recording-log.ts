// A log that keeps its lines.

import type { Log, LogCategory } from '../../src/log.ts';

/** `lines` grows as `Category: text`; every category is on but Delay and Filter, unless they are asked for. */
export function recordingLog(alsoOn: readonly LogCategory[] = []): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const isOn = (category: LogCategory): boolean =>
    (category !== 'Delay' && category !== 'Filter') || alsoOn.includes(category);
  const log = (category: LogCategory, text: string): void => {
    if (isOn(category)) lines.push(`${category}: ${text}`);
  };
  return { log: Object.assign(log, { isOn }), lines };
}
