// now() and alarm(time, function, extra).

import { systemClock } from '../clock.ts';
import { HostFunction, LuaRaise, LuaTable, luaTypeName } from '../lua/lua-value.ts';
import type { HostCall, LuaValue } from '../lua/lua-value.ts';
import { callFunction, isCallable } from './call.ts';
import type { ScriptRuntime } from './script-life.ts';
import { Timestamp } from './timestamp.ts';

export function timeFunctions(runtime: ScriptRuntime): readonly HostFunction[] {
  return [
    new HostFunction('now', () => [
      new Timestamp(runtime.host?.nowSeconds() ?? systemClock.monotonicMs() / 1000),
    ]),
    new HostFunction('alarm', (call) => setAlarm(call, runtime)),
  ];
}

function setAlarm({ args: [time, action, extra] }: HostCall, runtime: ScriptRuntime): readonly LuaValue[] {
  if (!(time instanceof Timestamp)) throw wrongArgument(1, { wanted: 'a timestamp', value: time });
  if (!isCallable(action)) throw wrongArgument(2, { wanted: 'a function', value: action });
  const kept = extra instanceof LuaTable ? (extra.live ?? extra) : extra;
  runtime.withHost((host) => host.alarm(time.seconds, () => void callFunction(action, [time, kept])));
  return [];
}

function wrongArgument(
  index: number,
  { wanted, value }: { readonly wanted: string; readonly value: LuaValue },
): LuaRaise {
  return new LuaRaise(`bad argument #${index} to 'alarm' (${wanted} expected, got ${luaTypeName(value)})`);
}
