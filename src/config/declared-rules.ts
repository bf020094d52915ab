// The excludes and filters of a sync{}, which the config may change until it has been read.

import { toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import type { SyncRules } from '../script/port.ts';
import type { Place } from './diagnostics.ts';
import { toFilterLine } from './filter-lines.ts';

export class DeclaredRules implements SyncRules {
  readonly excludes: BytePath[];
  readonly filters: BytePath[];
  readonly #place: Place;

  constructor(
    place: Place,
    { excludes, filters }: { readonly excludes: BytePath[]; readonly filters: BytePath[] },
  ) {
    this.#place = place;
    this.excludes = excludes;
    this.filters = filters;
  }

  addExclude(pattern: BytePath): void {
    this.excludes.push(pattern);
  }

  rmExclude(pattern: BytePath): void {
    const at = this.excludes.indexOf(pattern);
    if (at !== -1) this.excludes.splice(at, 1);
    else this.#place.warn(`Cannot remove the exclude "${toText(pattern)}": it is not there`);
  }

  /** @throws ConfigError `Unknown filter rule: …` */
  appendFilter(rule: BytePath): void {
    this.filters.push(toFilterLine(rule));
  }
}
