import { createChokidarMonitor } from '../../src/watch/chokidar-monitor.ts';
import { chokidarCapabilities } from './capabilities.ts';
import { monitorContract } from './monitor-contract.ts';

monitorContract('chokidar', { create: createChokidarMonitor, can: chokidarCapabilities });
