import { beforeAll } from 'vitest';
import { createInotifyMonitor } from '../../src/watch/inotify-monitor.ts';
import { buildThread } from './built-thread.ts';
import { inotifyCapabilities } from './capabilities.ts';
import { monitorContract } from './monitor-contract.ts';

beforeAll(buildThread);

monitorContract('inotify', { create: createInotifyMonitor, can: inotifyCapabilities });
