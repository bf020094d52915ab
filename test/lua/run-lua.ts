// Runs Lua text as a config file would run, in a directory of its own; what it prints comes back.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromText } from '../../src/byte-path.ts';
import { createLua } from '../../src/lua/create-lua.ts';
import type { Lua } from '../../src/lua/create-lua.ts';
import type { LuaState, RunEnd } from '../../src/lua/lua-state.ts';
import { makeTemporaryFolder } from '../helpers/temporary-folder.ts';

export class LuaExit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

export interface LuaRun {
  readonly printed: string;
  readonly end: RunEnd;
  readonly directory: string;
  readonly path: string;
  readonly state: LuaState;
}

export interface RunOptions {
  readonly warn?: (where: string, text: string) => void;
  /** False leaves the files of the state open. */
  readonly close?: boolean;
}

/** `DIR` in the code is the directory. */
export function runLua(
  code: string,
  prepare: (state: LuaState) => void = () => undefined,
  { warn, close = true }: RunOptions = {},
): LuaRun {
  const directory = makeTemporaryFolder('tsyncd-lua-');
  const path = join(directory, 'conf.lua');
  writeFileSync(path, code.replaceAll('DIR', directory), 'latin1');
  const printed: Buffer[] = [];
  const lua = startLua(printed, warn);
  prepare(lua.state);
  const end = lua.state.runFile(fromText(path));
  if (close) lua.close();
  return { printed: Buffer.concat(printed).toString('latin1'), end, directory, path, state: lua.state };
}

/** Runs a file that is there already; os.exit is its end with an exit code. */
export function runLuaFile(path: string): {
  readonly printed: string;
  readonly end: RunEnd | undefined;
  readonly exitCode: number | undefined;
} {
  const printed: Buffer[] = [];
  const lua = startLua(printed);
  const ended = endOf(() => lua.state.runFile(fromText(path)));
  lua.close();
  return { printed: Buffer.concat(printed).toString('latin1'), ...ended };
}

function startLua(printed: Buffer[], warn: RunOptions['warn'] = () => undefined): Lua {
  return createLua({
    warn,
    print: (bytes) => void printed.push(bytes),
    exit: (state, exitCode) => state.abort(new LuaExit(exitCode)),
  });
}

function endOf(run: () => RunEnd): {
  readonly end: RunEnd | undefined;
  readonly exitCode: number | undefined;
} {
  try {
    return { end: run(), exitCode: undefined };
  } catch (error) {
    if (error instanceof LuaExit) return { end: undefined, exitCode: error.code };
    throw error;
  }
}
