// A Lua state as a config expects it: Lua 5.3 with its whole library, and the names of 5.1.

import { createIoLibrary } from './lib-io.ts';
import { osFunctions } from './lib-os.ts';
import { LuaState } from './lua-state.ts';
import { preludeText } from './prelude.ts';

export interface LuaOptions {
  /** Takes the bytes that print and io.write send to stdout. */
  readonly print: (bytes: Buffer) => void;
  /** What os.exit does; must throw (LuaState.abort). */
  readonly exit: (state: LuaState, code: number) => never;
}

export interface Lua {
  readonly state: LuaState;
  /** Closes the files that were left open and runs the pipes that were only written to. May be called twice. */
  close(): void;
}

/** `package.path` is Debian's; modules written in C or JavaScript cannot be loaded. */
export function createLua(options: LuaOptions): Lua {
  const state = new LuaState();
  const io = createIoLibrary(options.print);
  state.set('io', io.table);
  for (const osFunction of osFunctions((code) => options.exit(state, code))) {
    state.set(`os.${osFunction.name}`, osFunction);
  }
  state.runText(preludeText);
  return { state, close: () => io.closeAll() };
}
