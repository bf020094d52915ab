// The program: reads the command line and the config, becomes a daemon where it should, and is the only place that exits.

import { readFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import type { RunOptions } from './cli/cli-options.ts';
import { parseCommandLine } from './cli/parse-command-line.ts';
import { systemClock } from './clock.ts';
import { loadConfig } from './config/load-config.ts';
import type { Config } from './config/sync-spec.ts';
import { runDaemon } from './daemon.ts';
import { daemonize, daemonReadiness, type DaemonReadiness } from './daemonize.ts';
import { ConfigError, ConfigExit, MachineError } from './errors.ts';
import { beFrugal } from './frugality.ts';
import { canWrite } from './os/poll.ts';
import { setProgramName } from './os/program-name.ts';
import { openSyslog } from './os/syslog.ts';
import { createLogger } from './report/logger.ts';
import { explainEnd } from './run/exit-meaning.ts';
import { rsyncCapability } from './run/rsync-capability.ts';
import { createOpenSshTransport } from './run/ssh-transport.ts';
import { monitorNames } from './watch/create-monitor.ts';

/** lsyncd's exit(-1): every failure of its own. */
const EXIT_FAILURE = 255;

/** Relative paths count from here, also at HUP, when the daemon has gone to `/`. */
const startDirectory = process.cwd();
const readiness = daemonReadiness();
const programName = basename(process.argv[1] ?? '') === 'lsyncd' ? 'lsyncd' : 'tsyncd';
setProgramName(programName);
const logger = createLogger({ programName, clock: systemClock, openSyslog, canWrite });

void live();

async function live(): Promise<never> {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.exitCode = error instanceof ConfigExit ? error.exitCode : EXIT_FAILURE;
    if (!(error instanceof ConfigExit)) sayError(error);
  } finally {
    logger.close();
  }
  process.exit();
}

async function main(): Promise<number> {
  const request = parseCommandLine(process.argv.slice(2), { programName, version: readVersion() });
  if (request.type === 'print') {
    writeSync(1, request.stdout);
    return request.exitCode;
  }
  logger.configure({ log: request.options.log });
  const config = readConfig(request.options, { warns: readiness === undefined });
  logger.configure(config.settings);
  if (config.settings.nodaemon) return run(config, request.options);
  return readiness === undefined
    ? daemonize({ argv: process.argv, env: process.env })
    : run(config, request.options, readiness);
}

async function run(config: Config, options: RunOptions, daemon?: DaemonReadiness): Promise<number> {
  logger.startup({ isDaemon: daemon !== undefined });
  // Not before: reading the config would take longer.
  const endFrugality = beFrugal();
  logger('Normal', daemon === undefined ? '--- Startup ---' : '--- Startup, daemonizing ---');
  return runDaemon({
    config,
    reload: () => readConfig(options, { warns: true }),
    logger,
    monitor: options.monitor,
    behaviour: {
      capability: rsyncCapability,
      explainEnd,
      createSshTransport: createOpenSshTransport,
    },
    onReady: () => {
      endFrugality();
      if (daemon === undefined) return;
      logger.detach();
      daemon.ready();
    },
  });
}

/** At the start of a daemon the config is read twice: first for the terminal, which sees the warnings, then by the one that stays. */
function readConfig(options: RunOptions, { warns }: { readonly warns: boolean }): Config {
  const config = loadConfig({ cli: options, programName, monitors: monitorNames, cwd: startDirectory });
  if (warns) for (const warning of config.warnings) logger('Warn', warning);
  return config;
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function sayError(error: unknown): void {
  if (error instanceof ConfigError || error instanceof MachineError) logger('Error', error.message);
  else logger('Error', `a bug of ours: ${error instanceof Error ? error.stack : String(error)}`);
}
