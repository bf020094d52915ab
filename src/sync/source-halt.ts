// What a sync does while its source cannot be relied on: it says so, looks for it each second, and watches it anew.

import { toText } from '../byte-path.ts';
import type { SourceGuard } from './source-guard.ts';
import type { SyncContext } from './sync-context.ts';

/** The source is looked for this often. */
const LOOK_FOR_SOURCE_MS = 1000;

export interface SourceHaltOptions {
  readonly spec: { readonly name: string; readonly source: string };
  readonly context: Pick<SyncContext, 'log' | 'clock' | 'rewatch'>;
  readonly guard: SourceGuard;
  /** The source is there and watched. */
  readonly onBack: () => void;
}

export class SourceHalt {
  readonly #options: SourceHaltOptions;
  #reason: string | undefined;
  /** The watches ended by themselves since they were last set. */
  #isWatchLost = false;
  #cancel: () => void = () => undefined;

  constructor(options: SourceHaltOptions) {
    this.#options = options;
  }

  /** Why (`was unmounted`); undefined: the source is as it should be. */
  get reason(): string | undefined {
    return this.#reason;
  }

  begin(why: string): void {
    const { spec, context } = this.#options;
    this.#reason = why;
    context.log(
      'Error',
      `Cannot go on with ${spec.name}: its source "${toText(spec.source)}" ${why}; put it back: nothing is sent or deleted until it is there with something in it`,
    );
    this.#lookLater();
  }

  /** The watches ended by themselves. */
  noteWatchLost(): void {
    this.#isWatchLost = true;
  }

  /** The sync is over: nothing is looked for any more. */
  end(): void {
    this.#reason = undefined;
    this.#cancel();
  }

  #lookLater(): void {
    this.#cancel();
    this.#cancel = this.#options.context.clock.after(LOOK_FOR_SOURCE_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    const isBack = this.#options.guard.isBack() && (await this.#watchAgain());
    if (this.#reason === undefined) return;
    if (!isBack) return this.#lookLater();
    this.#reason = undefined;
    this.#options.onBack();
  }

  /** Whether the source is watched, and still was when the watches were set. */
  async #watchAgain(): Promise<boolean> {
    this.#options.guard.remember();
    this.#isWatchLost = false;
    try {
      await this.#options.context.rewatch();
    } catch (error) {
      if (this.#reason !== undefined) this.#tellUnwatchable(error);
      return false;
    }
    return !this.#isWatchLost;
  }

  /** Once for each reason: it is tried every second. */
  #tellUnwatchable(error: unknown): void {
    const { spec, context } = this.#options;
    const why = `cannot be watched: ${error instanceof Error ? error.message : String(error)}`;
    if (this.#reason !== why) context.log('Error', `${spec.name}: the source ${why}`);
    this.#reason = why;
  }
}
