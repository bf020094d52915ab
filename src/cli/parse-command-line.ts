// argv → what is asked for. Nothing is opened, printed or started here; main.ts does what the result says.

import { Command } from 'commander';
import { ConfigError } from '../errors.ts';
import type { CliRequest, CommandLineSync, RunOptions } from './cli-options.ts';
import { helpText, monitorListText } from './help-text.ts';
import type { ProgramInfo } from './help-text.ts';
import { normaliseArguments } from './normalise-arguments.ts';
import {
  addLogCategory,
  toDelaySeconds,
  toDirect,
  toMonitorName,
  toRsync,
  toRsyncSsh,
} from './option-values.ts';

/** lsyncd's exit code for its help, no arguments and the list of monitors. */
const helpExitCode = 255;

/**
 * Reads the command line, `argv` being without node and script. No config file and no sync (whatever else there is) asks for the help, as with lsyncd.
 * @throws ConfigError in lsyncd's words where it has some: unknown option, lacking values, two config files, a config file
 *   and syncs, bad category or delay, unknown monitor
 */
export function parseCommandLine(argv: readonly string[], info: ProgramInfo): CliRequest {
  argv.forEach(refuseUnreadable);
  const { options, operands } = normaliseArguments(argv);
  const parsed = readOptions(options);
  if (parsed.help) return { type: 'print', stdout: helpText(info), exitCode: helpExitCode };
  if (parsed.version) return { type: 'print', stdout: `Version: ${info.version}\n`, exitCode: 0 };
  if (parsed.monitor === true)
    return { type: 'print', stdout: monitorListText(info), exitCode: helpExitCode };
  if (operands.length > 1) throw new ConfigError('There can only be one config file in the command line.');
  if (operands.length === 1 && parsed.syncs.length > 0) {
    throw new ConfigError('There cannot be command line syncs and a config file together.');
  }
  if (operands.length === 0 && parsed.syncs.length === 0) {
    return { type: 'print', stdout: helpText(info), exitCode: helpExitCode };
  }
  return { type: 'run', options: toRunOptions(parsed, operands[0]) };
}

/** What commander hands over. */
interface ParsedOptions {
  delay?: number;
  help?: true;
  insist?: true;
  log: string[];
  logfile?: string;
  monitor?: string | true;
  nodaemon?: true;
  onepass?: true;
  pidfile?: string;
  script?: string;
  sshopts?: string;
  strict?: true;
  version?: true;
  syncs: CommandLineSync[];
}

function readOptions(options: readonly string[]): ParsedOptions {
  const syncs: CommandLineSync[] = [];
  const addSync = (toSync: (words: readonly string[]) => CommandLineSync) => (value: string) => {
    syncs.push(toSync(JSON.parse(value) as string[]));
  };
  const command = new Command()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .helpOption(false)
    .option('--help')
    .option('--version')
    .option('--delay <secs>', '', toDelaySeconds)
    .option('--insist')
    .option('--log <category>', '', addLogCategory, [])
    .option('--logfile <file>')
    .option('--monitor [name]', '', toMonitorName)
    .option('--nodaemon')
    .option('--onepass')
    .option('--pidfile <file>')
    .option('--script <file>')
    .option('--sshopts <opts>')
    .option('--strict')
    .option('--rsync <words>', '', addSync(toRsync))
    .option('--rsyncssh <words>', '', addSync(toRsyncSsh))
    .option('--direct <words>', '', addSync(toDirect));
  return { ...command.parse([...options], { from: 'user' }).opts<ParsedOptions>(), syncs };
}

function toRunOptions(parsed: ParsedOptions, configFile: string | undefined): RunOptions {
  return {
    configFile,
    syncs: parsed.syncs,
    delaySeconds: parsed.delay,
    insist: parsed.insist,
    log: parsed.log,
    logfile: parsed.logfile,
    nodaemon: parsed.nodaemon,
    onepass: parsed.onepass,
    pidfile: parsed.pidfile,
    sshopts: parsed.sshopts,
    script: parsed.script,
    monitor: parsed.monitor === true ? undefined : parsed.monitor,
    strict: parsed.strict === true,
  };
}

/** Node turns bytes that are not UTF-8 into U+FFFD before anybody sees them: going on would mirror some other path. */
function refuseUnreadable(argument: string): void {
  if (argument.includes('\u{FFFD}')) {
    throw new ConfigError(
      `Cannot use argument "${argument}": it is not UTF-8 (in a config file such a path can be written)`,
    );
  }
}
