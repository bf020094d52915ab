// What the user's Lua can do with its sync, on the queue, the children and the rules of that sync.

import type { Clock } from '../clock.ts';
import type { ScriptSpec } from '../config/sync-spec.ts';
import type { Log } from '../log.ts';
import type { ScriptDelay, ScriptQueue } from '../queue/script-queue.ts';
import type { SyncPort } from '../script/port.ts';
import type { ScriptChildren } from './script-children.ts';
import type { ScriptRules } from './script-rules.ts';

export interface ScriptPortOptions {
  readonly spec: ScriptSpec;
  readonly log: Log;
  readonly clock: Clock;
  readonly queue: ScriptQueue;
  readonly children: ScriptChildren;
  readonly rules: ScriptRules;
  readonly insist: boolean;
  readonly onFatal: () => void;
  readonly addBlanket: (kind: 'Full' | 'Blanket') => ScriptDelay;
}

export function createScriptPort(options: ScriptPortOptions): SyncPort {
  const { spec, log, clock, queue, children, rules, insist, onFatal, addBlanket } = options;
  return {
    name: spec.name,
    source: spec.source,
    config: spec.config,
    log,
    rules,
    isInsisting: insist,
    readyDelays: () => queue.ready(clock.monotonicMs()),
    waitingDelays: () => queue.waiting(),
    chooseDelays: (test) => queue.choose(test),
    endDaemon: onFatal,
    discard(delay) {
      if (delay.status !== 'active') queue.done([delay]);
      else log('Error', `Ignored cancel of a non-waiting event of type ${delay.kind}`);
    },
    start: (agent, command) => children.start(agent, command),
    startBuiltIn: (agent, work) => children.startBuiltIn(agent, work),
    addBlanket: (isFull) => addBlanket(isFull ? 'Full' : 'Blanket'),
  };
}
