// A Lua state as a config expects it: Lua 5.3 with its whole library, and the names of 5.1.

import fengari from 'fengari';
import type { LuaThread } from 'fengari';
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
  const { state, thread } = createState();
  openBase(thread, { print: options.print, warn: options.warn ?? (() => undefined) });
  openOldNames(thread);
  const io = openIo(thread, options.print);
  state.set('os.exit', new HostFunction('exit', ({ args }) => options.exit(state, Number(args[0]))));
  openOs(thread);
  openModules(thread);
  state.runText(preludeText);
  return { state, close: () => io.closeAll() };
}

/** The state, and its main thread for the libraries that speak to fengari themselves. */
function createState(): { readonly state: LuaState; readonly thread: LuaThread } {
  const threads: LuaThread[] = [];
  const { lualib } = fengari;
  const open = lualib.luaL_openlibs.bind(lualib);
  lualib.luaL_openlibs = (L) => {
    threads.push(L);
    open(L);
  };
  const state = new LuaState();
  lualib.luaL_openlibs = open;
  const [thread] = threads;
  if (thread === undefined) throw new TypeError('no thread');
  return { state, thread };
}
