// The texts of layer 3 in a sync's table become functions, as scripts find them there.

import type { Log } from '../log.ts';
import type { LiveTable } from '../lua/lua-value.ts';
import { translateAction } from './shell-action.ts';

/** In the order in which lsyncd logs them. */
const keys: readonly string[] = [
  'onAttrib',
  'onCreate',
  'onDelete',
  'onModify',
  'onMove',
  'onStartup',
  'onFull',
];

/** Call it when the sync starts; `log` gets a line of FWrite for each text. */
export function translateActions(config: LiveTable, log: Log): void {
  for (const key of keys) {
    const text = config.get(key);
    if (typeof text !== 'string') continue;
    const { action, description } = translateAction(text);
    config.set(key, action);
    log('FWrite', description);
  }
}
