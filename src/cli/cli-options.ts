// The command line once read. No work is done here.

/** A sync given on the command line, in the order they stand there. */
export type CommandLineSync =
  | { readonly kind: 'rsync'; readonly source: string; readonly target: string }
  | { readonly kind: 'rsyncssh'; readonly source: string; readonly host: string; readonly targetdir: string }
  | { readonly kind: 'direct'; readonly source: string; readonly target: string };

/** Options of a run. Undefined = not given, so that the config decides. */
export interface RunOptions {
  readonly configFile: string | undefined;
  readonly syncs: readonly CommandLineSync[];
  readonly delaySeconds: number | undefined;
  readonly insist: true | undefined;
  /** In their order; of several `all` and `scarce` only the last, which is the one that counts with lsyncd. */
  readonly log: readonly string[];
  readonly logfile: string | undefined;
  readonly nodaemon: true | undefined;
  readonly onepass: true | undefined;
  readonly pidfile: string | undefined;
  readonly sshopts: string | undefined;
  readonly script: string | undefined;
  readonly monitor: string | undefined;
  readonly strict: boolean;
}

/** What the command line asks for. `print`: text for stdout and the exit code. */
export type CliRequest =
  | { readonly type: 'run'; readonly options: RunOptions }
  | { readonly type: 'print'; readonly stdout: string; readonly exitCode: number };
