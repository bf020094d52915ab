// The excludes and filters of a script sync, which its script may change while it runs.

import type { BytePath } from '../byte-path.ts';
import type { ScriptSpec } from '../config/sync-spec.ts';
import { createPathFilter, type RuleFilter } from '../filter/create-path-filter.ts';
import { readRules } from '../filter/read-rules.ts';
import type { SyncRules } from '../script/port.ts';

export interface ScriptRules extends SyncRules {
  readonly filter: RuleFilter;
}

/** @param onWider what was hidden may be seen now: the watches must be set anew */
export function createScriptRules(spec: ScriptSpec, onWider: () => void): ScriptRules {
  const excludes = [...spec.excludes];
  const filters = [...spec.filters];
  let filter = createPathFilter(readRules({ excludes, filters }).rules);
  const changed = (): void => void (filter = createPathFilter(readRules({ excludes, filters }).rules));
  return {
    excludes,
    filters,
    get filter() {
      return filter;
    },
    addExclude(pattern: BytePath) {
      excludes.push(pattern);
      changed();
    },
    rmExclude(pattern: BytePath) {
      const at = excludes.indexOf(pattern);
      if (at === -1) return;
      excludes.splice(at, 1);
      changed();
      onWider();
    },
    appendFilter(rule: BytePath) {
      filters.push(rule);
      changed();
    },
  };
}
