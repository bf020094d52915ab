// The Lua of a config that goes on after loading: the daemon hands it what it needs, and closes it at the end of the round.

import { ConfigExit } from '../errors.ts';
import type { Lua } from '../lua/create-lua.ts';
import type { LuaState } from '../lua/lua-state.ts';
import { LuaRaise } from '../lua/lua-value.ts';
import type { ScriptHost } from './port.ts';

export class ScriptLife {
  readonly #lua: Lua;
  readonly #onAttach: readonly ((host: ScriptHost) => void)[];

  constructor(lua: Lua, onAttach: readonly ((host: ScriptHost) => void)[]) {
    this.#lua = lua;
    this.#onAttach = onAttach;
  }

  /**
   * Call once, after `--- Startup ---` was logged and before the syncs start. From here on unknown globals are errors, and a call
   * of Lua throws ConfigExit when it ended the program; `host.terminate` has been called then.
   */
  attach(host: ScriptHost): void {
    for (const action of this.#onAttach) action(host);
  }

  /** Closes the files that Lua left open. May be called twice. */
  close(): void {
    this.#lua.close();
  }
}

/** What the functions of one config share: the host, once there is one. */
export class ScriptRuntime {
  #host: ScriptHost | undefined;
  readonly #waiting: ((host: ScriptHost) => void)[] = [];

  get host(): ScriptHost | undefined {
    return this.#host;
  }

  attach(host: ScriptHost): void {
    this.#host = host;
    for (const action of this.#waiting.splice(0)) {
      try {
        action(host);
      } catch (error) {
        if (!(error instanceof LuaRaise)) throw error;
        host.log('Error', error.message);
      }
    }
  }

  /** Something was asked for while the config loaded that needs the daemon. */
  get isNeeded(): boolean {
    return this.#waiting.length > 0;
  }

  /** Does it now, or as soon as the daemon runs. */
  withHost(action: (host: ScriptHost) => void): void {
    if (this.#host === undefined) this.#waiting.push(action);
    else action(this.#host);
  }

  /** What os.exit and terminate do: no Lua goes on after it. */
  exit(state: LuaState, exitCode: number): never {
    this.#host?.terminate(exitCode);
    return state.abort(new ConfigExit(exitCode));
  }
}
