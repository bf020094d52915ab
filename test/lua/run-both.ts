// Runs scripts through lua5.3 and through tsyncd's Lua state, each in a directory of its own, and tells what they did.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../helpers/temporary-folder.ts';
import { runLuaFile } from './run-lua.ts';

export interface Script {
  readonly title: string;
  /** `DIR` is the directory of its own. */
  readonly code: string;
}

export interface Behaviour {
  readonly printed: string;
  /** What `lua5.3` says before the traceback; undefined when the script ended without error. */
  readonly message: string | undefined;
  readonly exitCode: number;
  readonly files: Readonly<Record<string, string>>;
}

export interface Comparison {
  readonly title: string;
  readonly ours: () => Behaviour;
  readonly real: Behaviour;
}

export const hasLua53 = spawnSync('lua5.3', ['-v']).error === undefined;

/** A zone with summer time, so that local time is not UTC. */
const environment = { LC_ALL: 'C', TZ: 'Europe/Vienna' };

const largestFileBytes = 100_000;

/** All scripts run in lua5.3 by one shell; tsyncd's side runs when `ours` is called. */
export function runBoth(scripts: readonly Script[]): readonly Comparison[] {
  const root = makeTemporaryFolder('lua-');
  scripts.forEach(({ code }, index) => {
    for (const side of ['real', 'ours']) prepare(join(root, side, String(index)), code);
  });
  runReal(join(root, 'real'));
  return scripts.map(({ title }, index) => ({
    title,
    real: realBehaviour(join(root, 'real', String(index))),
    ours: () => ourBehaviour(join(root, 'ours', String(index))),
  }));
}

function prepare(directory: string, code: string): void {
  mkdirSync(join(directory, 'd'), { recursive: true });
  writeFileSync(join(directory, 'conf.lua'), code.replaceAll('DIR', join(directory, 'd')), 'latin1');
}

function runReal(folder: string): void {
  const each =
    'for d in */; do lua5.3 "$PWD/${d}conf.lua" >"$d/out" 2>"$d/err" </dev/null; echo $? >"$d/code"; done';
  spawnSync('sh', ['-c', each], { cwd: folder, env: { ...process.env, ...environment } });
}

function realBehaviour(directory: string): Behaviour {
  const read = (name: string): string => readFileSync(join(directory, name), 'latin1');
  const message = /^lua5\.3: ([^]*?)(?:\nstack traceback:[^]*)?\n$/.exec(read('err'))?.[1];
  return {
    printed: normalise(read('out'), directory),
    message: message === undefined ? undefined : normalise(message, directory),
    exitCode: Number(read('code')),
    files: filesIn(directory),
  };
}

function ourBehaviour(directory: string): Behaviour {
  const saved = { ...process.env };
  Object.assign(process.env, environment);
  try {
    const { printed, end, exitCode } = runLuaFile(join(directory, 'conf.lua'));
    return {
      printed: normalise(printed, directory),
      message:
        end?.type === 'error' ? normalise(Buffer.from(end.message).toString('latin1'), directory) : undefined,
      exitCode: exitCode ?? (end?.type === 'error' ? 1 : 0),
      files: filesIn(directory),
    };
  } finally {
    for (const name of Object.keys(environment)) {
      if (saved[name] === undefined) delete process.env[name];
      else process.env[name] = saved[name];
    }
  }
}

/** lua5.3 is a C program that calls the script: the end of each traceback says so. */
function normalise(text: string, directory: string): string {
  return text.replaceAll(directory, 'DIR').replaceAll('\n\t[C]: in ?', '');
}

function filesIn(directory: string): Record<string, string> {
  const names = readdirSync(join(directory, 'd'), { recursive: true, encoding: 'latin1' });
  const files = names
    .toSorted()
    .map((name) => [name, Buffer.from(join(directory, 'd', name), 'latin1')] as const)
    .filter(([, path]) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .map(([name, path]) => [
      name,
      statSync(path).size > largestFileBytes
        ? `${statSync(path).size} bytes`
        : normalise(readFileSync(path, 'latin1'), directory),
    ]);
  return Object.fromEntries(files) as Record<string, string>;
}
