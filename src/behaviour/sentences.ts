// lsyncd's sentences. default.rsync has its own; default.rsyncssh and default.direct share the others. Log parsers and
// monitoring know them, so they stay word by word (lsyncd 2.2.3 and 2.3.1).

import { toText, type BytePath } from '../byte-path.ts';
import type { RetrySentences } from './behaviour.ts';

export interface Sentences extends RetrySentences {
  startupFinished(exitCode: number): string;
  /** The lines before the daemon ends: the exit code is known to be fatal, or is not known at all. */
  startupDies(exitCode: number, isKnown: boolean): readonly string[];
  batchFinished(exitCode: number): string;
  batchDies(exitCode: number, isKnown: boolean): readonly string[];
}

const CRITICAL = 'Critical exitcode.';

/** default.rsync: `SRC -> TRG` in every startup sentence, no `Critical exitcode.` after a known one at startup. */
export function rsyncSentences(source: BytePath, target: BytePath): Sentences {
  const what = `${toText(source)} -> ${toText(target)}`;
  return {
    startupFinished: () => `Startup of ${what} finished.`,
    startupRetry: (exitCode) => `Retrying startup of ${what}: ${exitCode}`,
    startupGivesUp: () =>
      `Temporary or permanent failure on startup of ${what}. Terminating since "insist" is not set.`,
    startupDies: (exitCode, isKnown) =>
      isKnown
        ? [`Failure on startup of ${what}.`]
        : [`Unknown exitcode "${exitCode}" on startup of ${what}.`, CRITICAL],
    batchFinished: (exitCode) => `Finished a list after exitcode: ${exitCode}`,
    batchRetry: (exitCode) => `Retrying a list after exitcode = ${exitCode}`,
    batchDies: (exitCode, isKnown) => [
      isKnown
        ? `Failure with a list with exitcode = ${exitCode}`
        : `Unknown exitcode "${exitCode}" with a list`,
      CRITICAL,
    ],
  };
}

/** default.rsyncssh and default.direct: the source in quotes, the exit code at the end. */
export function plainSentences(source: BytePath): Sentences {
  const what = `"${toText(source)}"`;
  return {
    startupFinished: (exitCode) => `Startup of ${what} finished: ${exitCode}`,
    startupRetry: (exitCode) => `Retrying startup of ${what}: ${exitCode}`,
    startupGivesUp: () =>
      `Temporary or permanent failure on startup of ${what}. Terminating since "insist" is not set.`,
    startupDies: (exitCode, isKnown) => [
      // The quotes are set as lsyncd sets them.
      isKnown
        ? `Failure on startup of ${what}: ${exitCode}`
        : `Unknown exitcode on startup of "${toText(source)}: "${exitCode}`,
      CRITICAL,
    ],
    batchFinished: (exitCode) => `Finished (list): ${exitCode}`,
    batchRetry: (exitCode) => `Retrying (list): ${exitCode}`,
    batchDies: (exitCode, isKnown) => [
      isKnown ? `Failure (list): ${exitCode}` : `Unknown exitcode (list): ${exitCode}`,
      CRITICAL,
    ],
  };
}
