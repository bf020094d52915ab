// A Lua state as a config expects it: Lua 5.3 with its whole library, and the names of 5.1.

import type { BytePath } from '../byte-path.ts';
import { openBase, openOldNames } from './lib-base.ts';
import { openIo } from './lib-io.ts';
import { openOs } from './lib-os.ts';
import { LuaState } from './lua-state.ts';
import { HostFunction } from './lua-value.ts';
import { openModules } from './modules.ts';
import { preludeText } from './prelude.ts';

export interface LuaOptions {
  /** Takes the bytes that print and io.write send to stdout. */
  readonly print: (bytes: Buffer) => void;
  /** What os.exit does; must throw (LuaState.abort). */
  readonly exit: (state: LuaState, code: number) => never;
  /** Sees once what Lua would do and this Lua does not; `where` is `file:line`. */
  readonly warn?: (where: BytePath, text: string) => void;
}

export interface Lua {
  readonly state: LuaState;
  /** Closes the files that were left open and ends the pipes that were written to. May be called twice. */
  close(): void;
}

/** `package.path` is Debian's; modules written in C or JavaScript cannot be loaded. */
export function createLua(options: LuaOptions): Lua {
  const state = new LuaState();
  state.set('os.exit', new HostFunction('exit', ({ args }) => options.exit(state, Number(args[0]))));
  const io = state.open((L) => {
    openBase(L, { print: options.print, warn: options.warn ?? (() => undefined) });
    openOldNames(L);
    openOs(L);
    openModules(L);
    return openIo(L, options.print);
  });
  state.runText(preludeText);
  return { state, close: () => io.closeAll() };
}
