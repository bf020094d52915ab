// How a script runs on the target's host: the command that does it. It never sees a path: what the script works on comes by its
// stdin. Whether an ssh process or a lasting connection carries the command is decided where it is started (`ssh/ssh-ways.ts`).

import type { Command } from './command.ts';

export interface RemoteScript {
  /** ssh's own name for the target: `host`, `user@host`. */
  readonly host: string;
  /** Run by the remote user's login shell; fixed text, without names of files. */
  readonly script: string;
  readonly stdin: Buffer;
}

export interface SshTransport {
  /** The command that runs the script; its exit code is the script's, or 255 when there was no connection. */
  toCommand(remote: RemoteScript): Command;
}

export interface OpenSshOptions {
  readonly binary: string;
  /** Between the binary and the host. */
  readonly args: readonly string[];
}

/** The `ssh` of the machine, with all its own configuration (proxies, certificates, ControlMaster). */
export function createOpenSshTransport(options: OpenSshOptions): SshTransport {
  return {
    toCommand: ({ host, script, stdin }) => ({
      binary: options.binary,
      args: [...options.args, host, script],
      stdin,
      isRemoteScript: true,
    }),
  };
}
