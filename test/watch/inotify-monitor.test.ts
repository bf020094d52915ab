import { createInotifyMonitor } from '../../src/watch/inotify-monitor.ts';
import './built-thread.ts';
import { inotifyCapabilities } from './capabilities.ts';
import { monitorContract } from './monitor-contract.ts';

monitorContract('inotify', { create: createInotifyMonitor, can: inotifyCapabilities });
