// observefd(fd, readable, writable) and nonobservefd(fd): functions that are called when a descriptor can be read or written.

import { HostFunction, LuaRaise } from '../lua/lua-value.ts';
import type { HostCall, LuaValue } from '../lua/lua-value.ts';
import { callFunction, isCallable } from './call.ts';
import type { DescriptorCalls, ScriptHost } from './port.ts';
import type { ScriptRuntime } from './script-life.ts';

export function descriptorFunctions(runtime: ScriptRuntime): readonly HostFunction[] {
  const stops = new Map<number, () => void>();
  const stop = (fd: number): void => {
    stops.get(fd)?.();
    stops.delete(fd);
  };
  const observe = ({ args: [fd, readable, writable] }: HostCall): readonly LuaValue[] => {
    const descriptor = descriptorOf(fd, 'observefd');
    const calls = {
      onReadable: caller(readable, descriptor),
      onWritable: caller(writable, descriptor),
    };
    runtime.withHost((host) => {
      stop(descriptor);
      stops.set(descriptor, start(host, { descriptor, calls }));
    });
    return [];
  };
  return [
    new HostFunction('observefd', observe),
    new HostFunction('nonobservefd', ({ args }) => {
      stop(descriptorOf(args[0], 'nonobservefd'));
      return [];
    }),
  ];
}

function start(
  host: ScriptHost,
  { descriptor, calls }: { readonly descriptor: number; readonly calls: DescriptorCalls },
): () => void {
  const stop = host.observe?.(descriptor, calls);
  if (stop === undefined) throw new LuaRaise(`observefd is not supported for descriptor ${descriptor}`);
  return stop;
}

/** lsyncd gives the descriptor to the function. */
function caller(action: LuaValue, descriptor: number): (() => void) | undefined {
  return isCallable(action) ? () => void callFunction(action, [descriptor]) : undefined;
}

function descriptorOf(value: LuaValue, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new LuaRaise(`bad argument #1 to '${name}' (a descriptor expected)`);
}
