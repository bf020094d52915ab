// The children of a script sync: what each was started for, and what is to become of that once the last has ended.

import type { AgentDelays } from '../script/port.ts';

/** What is to become of the delays of an agent: tried again after a pause, done, or done and the daemon ends. */
export type Collected =
  { readonly verdict: 'again'; readonly pauseMs: number } | { readonly verdict: 'done' | 'die' };

interface Running {
  count: number;
  result: Collected;
}

export class ScriptAgents {
  readonly #running = new Map<AgentDelays, Running>();

  /** Agents that have children. */
  get size(): number {
    return this.#running.size;
  }

  started(agent: AgentDelays): void {
    const known = this.#running.get(agent);
    if (known === undefined) this.#running.set(agent, { count: 1, result: { verdict: 'done' } });
    else known.count++;
  }

  /** One child has ended. @returns what comes of the agent; undefined while it has others */
  ended(agent: AgentDelays, result: Collected): Collected | undefined {
    const known = this.#running.get(agent);
    if (known === undefined) return result;
    if (known.result.verdict === 'done' || result.verdict === 'die') known.result = result;
    known.count--;
    if (known.count > 0) return undefined;
    this.#running.delete(agent);
    return known.result;
  }
}
