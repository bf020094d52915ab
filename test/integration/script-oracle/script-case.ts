// One small config with functions or commands of the user, and what is done to its source meanwhile.

export interface ScriptCase {
  /** Title of its test; docs/compatibility.md may name it. */
  readonly name: string;
  /**
   * Stands behind `settings { nodaemon = true }`, in the same line. `W` is the test's folder, `SRC` and `TRG` folders in it, `R` the
   * recorder: globals of Lua; within a text they stand as `{W}`, `{SRC}`, `{TRG}`, `{R}`.
   */
  readonly config: string;
  /** Shell text that is run in the source before the start. */
  readonly before?: string;
  /** Shell texts, run in the source one after the other, each once all that came of the one before is there. */
  readonly steps?: readonly string[];
  /** A line of the output or of the records that the last step, or the start, is not over without. */
  readonly until?: RegExp;
  /** Further words of the command line. */
  readonly args?: readonly string[];
  /** The lines come in no certain order: children beside each other. */
  readonly unordered?: true;
  /** What is different in tsyncd on purpose: what it gives instead of what lsyncd gave. */
  readonly differs?: (lsyncd: Outcome) => Outcome;
}

/** What a daemon did with it; the test's folder is W, the recorder R. */
export interface Outcome {
  /** Lines, without their dates; those of Lua's traceback are left out. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** A line for each child, as the recorder writes it, short options of rsync in the order of the alphabet. */
  readonly children: readonly string[];
  /** 128 + 15: ended by the test, after all else. */
  readonly exitCode: number;
}

const STOPPED =
  'Error: Sync1 has stopped; its events are kept. Put the config right and send HUP (systemctl reload)';

/** lsyncd dies of it; tsyncd says the same, or `message`, and stops only that sync. */
export function stopsOnlyTheSync(message?: string): (lsyncd: Outcome) => Outcome {
  return (lsyncd) => {
    const said = message === undefined ? lsyncd.stderr : [`Error: in Lua: ${message}`];
    return { ...runsOn(lsyncd), stderr: [...said, STOPPED] };
  };
}

/** As lsyncd, but it does not end. */
function runsOn(lsyncd: Outcome): Outcome {
  return { ...lsyncd, stdout: [...lsyncd.stdout, 'Normal: --- TERM signal, fading ---'], exitCode: 143 };
}

/** As lsyncd but for these. */
export function gives(changes: Partial<Outcome>): (lsyncd: Outcome) => Outcome {
  return (lsyncd) => ({ ...lsyncd, ...changes });
}
