// Yields one command with what lsyncd logs around it: its Exec line before, `Failed executing` when it could not start.

import { toText } from '../byte-path.ts';
import type { Log } from '../log.ts';
import type { ChildEnd, Command } from '../run/command.ts';

/** `rsync [<] [stdin] [arg] [arg]`, the separators of the stdin shown as line feeds. */
export function execLine(command: Command): string {
  const args = command.args.map((arg) => ` [${arg}]`).join('');
  if (command.stdin === undefined) return command.binary + args;
  const stdin = toText(command.stdin.toString('latin1')).replaceAll('\0', '\n');
  return `${command.binary} [<] [${stdin}]${args}`;
}

/** Hands the command out and its end back. */
export async function* runCommand(log: Log, command: Command): AsyncGenerator<Command, ChildEnd, ChildEnd> {
  if (log.isOn('Exec')) log('Exec', execLine(command));
  const end = yield command;
  if (end.spawnError !== undefined) log('Error', `Failed executing [ ${command.binary} ]!`);
  return end;
}
