// `^controlpath` in the words of a command: the control socket of the ssh master that the daemon keeps (`ssh = { multiplex = true }`).
// The config puts it there, where each ssh of the sync, and rsync's, finds it.

import type { Command } from '../command.ts';

const VARIABLE = 'ControlPath=^controlpath';

/** @param socket undefined: there is none, each ssh connects by itself */
export function withControlPath(words: readonly string[], socket: string | undefined): readonly string[] {
  return words.map((word) => word.replaceAll(VARIABLE, `ControlPath=${socket ?? 'none'}`));
}

/** Whether it goes over a master. */
export function namesControlPath({ args }: Pick<Command, 'args'>): boolean {
  return args.some((word) => word.includes(VARIABLE));
}
