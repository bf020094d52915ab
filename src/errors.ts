// The errors somebody acts on. Expected ends (a child's exit, a path that could not be sent) are values, not errors.

/**
 * The configuration or the command line cannot be used. `main.ts` prints the message as `Error: …` and exits 255;
 * at HUP the daemon logs it and goes on with what it had.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** This machine cannot do what is asked (pidfile held by another, no such monitor, log file not writable). Exit 255. */
export class MachineError extends Error {
  override readonly name = 'MachineError';
}

/** The config's own Lua ended the program (os.exit, terminate). Exit with `exitCode`, without a word. */
export class ConfigExit extends Error {
  override readonly name = 'ConfigExit';
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`The configuration ended the program with exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}
