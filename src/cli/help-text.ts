// What `-help` and `-monitor` without a name print.

import { monitorNames } from './option-table.ts';

export interface ProgramInfo {
  /** `tsyncd`, or `lsyncd` when started by that name. */
  readonly programName: string;
  /** `1.2.3` */
  readonly version: string;
}

/** The help: usage, options, licence, where to read on. Ends with an empty line, as lsyncd's. */
export function helpText({ programName, version }: ProgramInfo): string {
  return `${programName} version: ${version}

USAGE:
  mirrors what a config file says:
    ${programName} [OPTIONS] CONFIG-FILE

  mirrors a directory by rsync:
    ${programName} [OPTIONS] -rsync SOURCE TARGET

  the same, with moves and deletes done over ssh:
    ${programName} [OPTIONS] -rsyncssh SOURCE HOST TARGETDIR

  mirrors to a local directory by cp, mv and rm:
    ${programName} [OPTIONS] -direct SOURCE TARGETDIR

OPTIONS:
  -delay SECS         Seconds to gather changes before they are sent
  -help               Prints this text
  -insist             Keeps trying when a target cannot be reached at start
  -log    all         Logs everything
  -log    scarce      Logs warnings and errors only
  -log    CATEGORY    Logs CATEGORY as well, e.g. Exec (repeatable)
  -logfile FILE       Logs to FILE (default of a daemon: syslog)
  -monitor [NAME]     Watches by NAME: ${monitorNames.join(', ')}; without NAME lists them
  -nodaemon           Stays in the foreground and logs to stdout and stderr
  -onepass            Does the startup sync, then ends
  -pidfile FILE       Writes the process number to FILE
  -script FILE        Runs FILE, a Lua script, before the config file
  -sshopts OPTS       More options for ssh, with -rsyncssh
  -strict             Takes warnings about the config for errors
  -version            Prints the version

  -rsync, -rsyncssh and -direct can be given several times, and mixed.
  An option may have one dash or two.

LICENSE:
  MIT

SEE:
  \`man ${programName}\`, and the manual in docs/

`;
}

/** The list of `-monitor`. */
export function monitorListText({ programName }: ProgramInfo): string {
  const name = programName.slice(0, 1).toUpperCase() + programName.slice(1);
  return `This ${name} supports these monitors:\n${monitorNames.map((monitor) => `   ${monitor}\n`).join('')}\n`;
}
