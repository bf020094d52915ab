// Which categories are shown: lsyncd's `-log`.

import type { LogCategory } from '../log.ts';

/** Says whether a category is shown. */
export type LogSelection = (category: LogCategory) => boolean;

/**
 * `words` as `-log` and `settings.log` have them: `all`; `scarce` (warnings and errors only); a category, to be shown as well. Default: Normal, Warn,
 * Error. The first of `all` and `scarce` counts,
 * as what stands on the command line comes first. Errors are always shown.
 */
export function selectCategories(words: readonly string[]): LogSelection {
  const level = words.find((word) => word === 'all' || word === 'scarce');
  if (level === 'all') return () => true;
  const shown = new Set(['Warn', 'Error', ...words]);
  if (level === undefined) shown.add('Normal');
  return (category) => shown.has(category);
}
