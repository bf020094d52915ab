// A child to run, and how it ended. Work on files that the daemon does itself is given out, stopped and ended like a child.

import type { FileResult, FileWork } from './file-work/file-work.ts';

/** What to start. */
export interface Command {
  readonly binary: string;
  readonly args: readonly string[];
  /** Written to the child's stdin, then closed; undefined = /dev/null. */
  readonly stdin?: Buffer;
  /** Working directory; default `/`. */
  readonly cwd?: string;
  /** Added to the daemon's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its stdout is an answer to the daemon: it is kept for ChildEnd (at most 1 MiB) and shown to nobody. Default false. */
  readonly keepsStdout?: boolean;
  /** An ssh whose last word is a script for the host before it; a lasting connection may carry it instead. Default false. */
  readonly isRemoteScript?: boolean;
  /** To be done by a thread of the daemon: no child is started, and `binary` is only a name for messages. */
  readonly files?: FileWork;
}

/** How a child ended. Never thrown. */
export interface ChildEnd {
  /** Exit code; 128 + signal when a signal ended it; 255 when it could not be started. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | undefined;
  /** Why it could not be started, e.g. `spawn /nonexistent/rsync ENOENT`. */
  readonly spawnError: string | undefined;
  /** The last 64 KiB of its stderr, bytes as latin1. */
  readonly stderr: string;
  /** It wrote more than that. Default false. */
  readonly isStderrCut?: boolean;
  /** It took longer than it may, and was ended. Default false. */
  readonly isTimedOut?: boolean;
  /** The first 1 MiB of its stdout, if the command asked for it. */
  readonly stdout?: string;
  /** What came of `files`; undefined when nothing is known of it. */
  readonly files?: FileResult;
  /** Wall time it took. */
  readonly durationMs: number;
}
