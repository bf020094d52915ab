// What a sync does while its source cannot be relied on: it says so, looks for it each second, and watches it anew.

import { toText } from '../byte-path.ts';
import type { SourceGuard } from './source-guard.ts';
import type { SyncContext } from './sync-context.ts';

/** The source is looked for this often. */
const LOOK_FOR_SOURCE_MS = 1000;

/** A source that somebody fills again is taken for whole once nothing has changed in it for so long. */
export const QUIET_MS = 5000;

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
  /** While it waits for quiet: monotonic time of the last change, or of when it was found. */
  #lastChangeMs: number | undefined;
  #cancel: () => void = () => undefined;

  constructor(options: SourceHaltOptions) {
    this.#options = options;
  }

  /** Why (`was unmounted`); undefined: the source is as it should be. */
  get reason(): string | undefined {
    return this.#reason;
  }

  begin(why: string): void {
    const { spec, context, guard } = this.#options;
    this.#reason = why;
    this.#lastChangeMs = undefined;
    guard.noteHalt();
    context.log(
      'Error',
      `Cannot go on with ${spec.name}: its source "${toText(spec.source)}" ${why}; put it back: nothing is sent or deleted until it is there with something in it`,
    );
    this.#lookLater();
  }

  /** Something changed in the source. */
  noteChange(): void {
    if (this.#lastChangeMs !== undefined) this.#lastChangeMs = this.#options.context.clock.monotonicMs();
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
    const mayGoOn = this.#lastChangeMs === undefined ? await this.#find() : this.#isQuiet();
    if (this.#reason === undefined) return;
    if (!mayGoOn) return this.#lookLater();
    this.#reason = undefined;
    this.#options.onBack();
  }

  /** Watches it again if it is back. Whether it has all that it should have; if that is not known, it is waited for. */
  async #find(): Promise<boolean> {
    const { spec, context, guard } = this.#options;
    if (!guard.isBack()) return false;
    const isWhole = guard.cameWhole();
    if (!(await this.#watchAgain())) return false;
    if (isWhole) return true;
    const wait = `once nothing has changed in it for ${QUIET_MS / 1000} s (at HUP: at once)`;
    context.log('Normal', `${spec.name}: something is in the source again; going on ${wait}`);
    this.#lastChangeMs = context.clock.monotonicMs();
    return false;
  }

  /** One that is gone again is looked for once more. */
  #isQuiet(): boolean {
    const { context, guard } = this.#options;
    const isThere = !this.#isWatchLost && guard.whyGone() === undefined && guard.isBack();
    if (!isThere) this.#lastChangeMs = undefined;
    return context.clock.monotonicMs() - (this.#lastChangeMs ?? Number.POSITIVE_INFINITY) >= QUIET_MS;
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
