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

/** One line for a child; of work on files one for each operation, as lsyncd has a process for each. */
function execLines(command: Command): readonly string[] {
  if (command.files === undefined) return [execLine(command)];
  return command.files.operations.map((operation) => {
    const to = operation.kind === 'move' ? ` [${toText(operation.to)}]` : '';
    return `${command.binary} ${operation.kind} [${toText(operation.path)}]${to}`;
  });
}

/** Hands the command out and its end back. */
export async function* runCommand(log: Log, command: Command): AsyncGenerator<Command, ChildEnd, ChildEnd> {
  if (log.isOn('Exec')) for (const line of execLines(command)) log('Exec', line);
  const end = yield command;
  if (end.spawnError !== undefined && command.files === undefined)
    log('Error', `Failed executing [ ${command.binary} ]!`);
  return end;
}
