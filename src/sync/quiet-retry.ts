// A target that is away is not news at every try: the first failure is logged, then one a minute, then that it is over.

import type { Clock } from '../clock.ts';
import type { Log, LogCategory } from '../log.ts';

/** While a sync keeps failing, its sentences are shown this often. */
const REPEAT_MS = 60_000;

/** A category and its line. */
export type Sentence = readonly [LogCategory, string];

export interface QuietRetryOptions {
  /** Where the sentences go. */
  readonly log: Log;
  readonly clock: Clock;
  /** Of the sync, for the sentence that it is over. */
  readonly name: string;
}

export interface QuietRetry {
  /** Give this to the behaviour: while failing, the Normal sentences of a try are held until its end is known. */
  readonly log: Log;
  /** The try failed; `sentences` are logged if this is news. */
  failed(sentences: readonly Sentence[]): void;
  /** The target was reached: what was held is logged, and that the failing is over, if it failed before. */
  succeeded(): void;
  readonly isFailing: boolean;
}

export function createQuietRetry({ log, clock, name }: QuietRetryOptions): QuietRetry {
  let failures = 0;
  let lastShownMs = 0;
  let held: Sentence[] = [];

  function holdOrLog(category: LogCategory, text: string): void {
    if (failures > 0 && category === 'Normal') held.push([category, text]);
    else log(category, text);
  }

  function release(): void {
    for (const [category, text] of held) log(category, text);
    held = [];
  }

  return {
    log: Object.assign(holdOrLog, { isOn: (category: LogCategory) => log.isOn(category) }),
    get isFailing() {
      return failures > 0;
    },
    failed(sentences) {
      const now = clock.monotonicMs();
      if (failures === 0 || now - lastShownMs >= REPEAT_MS) {
        release();
        for (const [category, text] of sentences) log(category, text);
        lastShownMs = now;
      }
      held = [];
      failures++;
    },
    succeeded() {
      release();
      if (failures > 0)
        log('Normal', `${name}: works again after ${failures} failed ${failures === 1 ? 'try' : 'tries'}`);
      failures = 0;
    },
  };
}
