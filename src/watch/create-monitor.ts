// Which monitors there are, by the names that `-monitor` and a config's `monitor` have for them.

import { MachineError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createChokidarMonitor } from './chokidar-monitor.ts';
import { createInotifyMonitor } from './inotify-monitor.ts';
import type { Monitor } from './monitor.ts';

const monitors: Readonly<Record<Monitor['name'], (options: { readonly log: Log }) => Monitor>> = {
  inotify: createInotifyMonitor,
  chokidar: createChokidarMonitor,
};

/** Their names. */
export const monitorNames: readonly string[] = Object.keys(monitors);

/** The one for who asks for none: inotify where there is one. */
export const DEFAULT_MONITOR: Monitor['name'] = process.platform === 'linux' ? 'inotify' : 'chokidar';

/**
 * The monitor of that name. It opens nothing before its first `watch()`.
 * @throws MachineError when there is none of that name
 */
export function createMonitor(name: string, options: { readonly log: Log }): Monitor {
  if (Object.hasOwn(monitors, name)) return monitors[name as Monitor['name']](options);
  const known = Object.keys(monitors).join(', ');
  throw new MachineError(`Cannot use monitor "${name}": expected one of ${known}`);
}
