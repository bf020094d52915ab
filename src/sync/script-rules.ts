// The excludes and filters of a script sync, which its script may change while it runs.

import { toText, type BytePath } from '../byte-path.ts';
import type { ScriptSpec } from '../config/sync-spec.ts';
import { createPathFilter, type RuleFilter } from '../filter/create-path-filter.ts';
import { readRules } from '../filter/read-rules.ts';
import type { Log } from '../log.ts';
import type { SyncRules } from '../script/port.ts';

export interface ScriptRules extends SyncRules {
  readonly filter: RuleFilter;
}

export interface ScriptRulesOptions {
  readonly log: Log;
  /** What was hidden may be seen now: the watches must be set anew. */
  readonly onWider: () => void;
}

export function createScriptRules(spec: ScriptSpec, { log, onWider }: ScriptRulesOptions): ScriptRules {
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
      if (excludes.includes(pattern)) return;
      excludes.push(pattern);
      changed();
    },
    rmExclude(pattern: BytePath) {
      const at = excludes.indexOf(pattern);
      if (at === -1) return log('Normal', `Removing not excluded exclude "${toText(pattern)}"`);
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
