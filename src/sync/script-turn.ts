// Asks the user's Lua what is to be done about the first delay that is ready: `action(inlet)`, or `init(event)` and `full(event)` for what
// they are for.

import type { ScriptSpec } from '../config/sync-spec.ts';
import type { ScriptDelay, ScriptQueue } from '../queue/script-queue.ts';
import { callFunction, isCallable } from '../script/call.ts';
import type { UserCall } from './user-calls.ts';

/** `unanswered`: it neither started a child nor discarded anything. */
export type Answer = 'answered' | 'unanswered';

export interface ScriptTurnOptions {
  readonly spec: ScriptSpec;
  readonly queue: ScriptQueue;
  readonly children: { readonly size: number };
  readonly callUser: UserCall;
}

const FUNCTIONS: Readonly<Partial<Record<ScriptDelay['kind'], 'init' | 'full'>>> = {
  Init: 'init',
  Full: 'full',
};

export function askScript(
  delay: ScriptDelay,
  { spec, queue, children, callUser }: ScriptTurnOptions,
): Answer {
  const name = FUNCTIONS[delay.kind] ?? 'action';
  const user = spec.config.get(name);
  if (!isCallable(user)) {
    queue.done([delay]);
    return 'answered';
  }
  const argument = name === 'action' ? spec.inlet : spec.inlet.eventsOf(delay)[0];
  const before = { delays: queue.size, children: children.size };
  callUser(name, () => callFunction(user, [argument]));
  const isSame = queue.size === before.delays && children.size === before.children;
  return isSame && queue.has(delay) && delay.status === 'wait' ? 'unanswered' : 'answered';
}
