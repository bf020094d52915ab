// The globals that scripts call at run time, and lsyncd's helpers. What needs the daemon waits for it when a config calls it while
// it loads.

import { toText } from '../byte-path.ts';
import type { LuaState } from '../lua/lua-state.ts';
import { HostFunction } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';
import { descriptorFunctions } from './descriptors.ts';
import { luaLibrary } from './lua-library.ts';
import { machineFunctions } from './machine-functions.ts';
import type { ScriptRuntime } from './script-life.ts';
import { spawnFunctions } from './spawn.ts';
import { timeFunctions } from './time-functions.ts';

export interface ScriptGlobalsOptions {
  readonly runtime: ScriptRuntime;
  /** Takes what `log` says while the config loads; text. */
  readonly log: (category: string, text: string) => void;
}

/** Defines them, and the table `lsyncd` of helpers. */
export function defineScriptGlobals(state: LuaState, { runtime, log }: ScriptGlobalsOptions): void {
  const functions = [
    ...spawnFunctions,
    ...timeFunctions(runtime),
    ...descriptorFunctions(runtime),
    ...machineFunctions,
    new HostFunction('terminate', ({ args }) => runtime.exit(state, Number(args[0] ?? 0))),
  ];
  for (const one of functions) state.set(one.name, one);
  const write = new HostFunction('log', ({ args: [category, text] }) => {
    (runtime.host?.log ?? log)(textOf(category), textOf(text));
    return [];
  });
  state.runText(luaLibrary, [write]);
}

function textOf(value: LuaValue): string {
  return typeof value === 'string' ? toText(value) : '';
}
