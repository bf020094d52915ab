// Lua's os library where fengari's is missing, or would act on this process (os.exit), or words errors as Node does.

import { closeSync, openSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromText, toBuffer } from '../byte-path.ts';
import { optionalString, stringArgument } from './arguments.ts';
import { failure } from './file-error.ts';
import { HostFunction } from './lua-value.ts';
import type { HostCall, LuaValue } from './lua-value.ts';
import { runShell } from './shell.ts';

const secondsInMinute = 60;

/** `exit` is called by os.exit and must not return. */
export function osFunctions(exit: (code: number) => never): readonly HostFunction[] {
  return [
    new HostFunction('execute', execute),
    new HostFunction('exit', ({ args }) => exit(exitCodeOf(args[0]))),
    new HostFunction('getenv', getenv),
    new HostFunction('remove', remove),
    new HostFunction('rename', rename),
    new HostFunction('tmpname', tmpname),
    new HostFunction('clock', () => [process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6]),
    new HostFunction('utcshift', ({ args }) => [
      new Date(Number(args[0]) * 1000).getTimezoneOffset() * secondsInMinute,
    ]),
  ];
}

function exitCodeOf(value: LuaValue): number {
  if (value === undefined || value === true) return 0;
  return value === false ? 1 : Number(value);
}

function execute(call: HostCall): readonly LuaValue[] {
  const command = optionalString(call.args[0]);
  return command === undefined ? [true] : runShell(command, { captured: false }).result;
}

function getenv(call: HostCall): readonly LuaValue[] {
  const value = process.env[stringArgument(call, 0, 'getenv')];
  return [value === undefined ? undefined : fromText(value)];
}

function remove(call: HostCall): readonly LuaValue[] {
  const path = stringArgument(call, 0, 'remove');
  try {
    removeFileOrEmptyDirectory(toBuffer(path));
    return [true];
  } catch (error) {
    return failure(error, path);
  }
}

function removeFileOrEmptyDirectory(path: Buffer): void {
  try {
    unlinkSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EISDIR' && code !== 'EPERM') throw error;
    rmdirSync(path);
  }
}

function rename(call: HostCall): readonly LuaValue[] {
  const from = stringArgument(call, 0, 'rename');
  try {
    renameSync(toBuffer(from), toBuffer(stringArgument(call, 1, 'rename')));
    return [true];
  } catch (error) {
    return failure(error, from);
  }
}

/** An empty file of that name is made, as mkstemp(3) does. */
function tmpname(): readonly LuaValue[] {
  const path = join(tmpdir(), `lua_${randomBytes(6).toString('hex')}`);
  closeSync(openSync(path, 'wx', 0o600));
  return [fromText(path)];
}
