// A target that is away is not news at every try: the first failure is logged, then one line a minute, then that it is over.

import type { Clock } from '../clock.ts';
import type { Log, LogCategory } from '../log.ts';

/** While a sync keeps failing, its sentences are shown this often. */
const REPEAT_MS = 60_000;

export interface QuietRetry {
  /** Give this to the behaviour: while failing, the Normal sentences of a try are held until its end is known. */
  readonly log: Log;
  /** The try failed; `sentences` are logged if this is news. */
  failed(sentences: readonly (readonly [LogCategory, string])[]): void;
  /** The try was all right: what was held is logged. */
  succeeded(): void;
  readonly isFailing: boolean;
}

/** @param log where the sentences go */
export function createQuietRetry(log: Log, clock: Clock): QuietRetry {
  let failing = false;
  let lastShownMs = 0;
  let held: (readonly [LogCategory, string])[] = [];

  function holdOrLog(category: LogCategory, text: string): void {
    if (failing && category === 'Normal') held.push([category, text]);
    else log(category, text);
  }

  function release(): void {
    for (const [category, text] of held) log(category, text);
    held = [];
  }

  return {
    log: Object.assign(holdOrLog, { isOn: (category: LogCategory) => log.isOn(category) }),
    get isFailing() {
      return failing;
    },
    failed(sentences) {
      const now = clock.monotonicMs();
      if (!failing || now - lastShownMs >= REPEAT_MS) {
        release();
        for (const [category, text] of sentences) log(category, text);
        lastShownMs = now;
      }
      held = [];
      failing = true;
    },
    succeeded() {
      release();
      failing = false;
    },
  };
}
