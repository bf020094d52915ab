// Lua's io library: files, pipes, and the three standard streams. fengari has only a part of it.

import { constants, openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { fromText, toBuffer, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { optionalString, stringArgument } from './arguments.ts';
import { failure, reasonOf } from './file-error.ts';
import { LuaFile, writeFully } from './lua-file.ts';
import type { FileTarget } from './lua-file.ts';
import { HostFunction, LuaRaise, LuaTable } from './lua-value.ts';
import type { HostCall, HostClass, LuaValue } from './lua-value.ts';
import { runShell } from './shell.ts';

type Method = (file: LuaFile, call: HostCall) => readonly LuaValue[];

const { O_RDONLY, O_RDWR, O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = constants;
const openFlags: Readonly<Record<string, number>> = {
  r: O_RDONLY,
  'r+': O_RDWR,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  'w+': O_RDWR | O_CREAT | O_TRUNC,
  a: O_WRONLY | O_CREAT | O_APPEND,
  'a+': O_RDWR | O_CREAT | O_APPEND,
};

const methods: Readonly<Record<string, Method>> = {
  close: (file) => file.close(),
  flush: (file) => [file],
  setvbuf: () => [true],
  read: (file, call) => attempt(() => readFormats(file, call.args.slice(1), 'read')),
  write: (file, call) => attempt(() => writeAll(file, call.args.slice(1))),
  lines: (file, call) => [linesOf(file, { formats: call.args.slice(1), closes: false })],
  seek: (file, call) => attempt(() => seek(file, call)),
};

const methodFunctions = new Map<LuaValue, HostFunction>(
  Object.entries(methods).map(([name, method]) => [
    name,
    new HostFunction(name, (call) => method(openFile(call.args[0], name), call)),
  ]),
);

const fileClass: HostClass = {
  name: 'FILE*',
  index: (_file, key) => methodFunctions.get(key),
  toText: (file) => ((file as LuaFile).isClosed ? 'file (closed)' : 'file'),
};

export interface IoLibrary {
  readonly table: LuaTable;
  /** Closes what the config left open: a command that io.popen writes to runs now at the latest. */
  closeAll(): void;
}

/** `print` takes what goes to stdout. */
export function createIoLibrary(print: (bytes: Buffer) => void): IoLibrary {
  const open = new Set<LuaFile>();
  const keep = (target: FileTarget): LuaFile => {
    const file = new LuaFile(fileClass, target);
    open.add(file);
    return file;
  };
  const standard = standardFiles(print);
  const current = { input: standard.stdin, output: standard.stdout };
  const functions = { ...openers(keep), ...currentFileFunctions(current, keep), type: typeOf };
  const table = new LuaTable([
    ...Object.entries(standard),
    ...Object.entries(functions).map(([name, call]) => [name, new HostFunction(name, call)] as const),
  ]);
  return {
    table,
    closeAll: () => {
      for (const file of open) file.close();
    },
  };
}

function staysOpen(): readonly LuaValue[] {
  return [undefined, 'cannot close standard file'];
}

function standardFiles(print: (bytes: Buffer) => void) {
  return {
    stdin: new LuaFile(fileClass, { fd: 0, close: staysOpen }),
    stdout: new LuaFile(fileClass, { fd: undefined, write: print, close: staysOpen }),
    stderr: new LuaFile(fileClass, {
      fd: undefined,
      write: (bytes) => writeFully(2, bytes),
      close: staysOpen,
    }),
  };
}

function openers(keep: (target: FileTarget) => LuaFile) {
  return {
    open: (call: HostCall) => {
      const path = stringArgument(call, 0, 'open');
      const mode = (optionalString(call.args[1]) ?? 'r').replace('b', '');
      if (openFlags[mode] === undefined) throw new LuaRaise("bad argument #2 to 'open' (invalid mode)");
      return attempt(() => [keep(openTarget(path, mode))], path);
    },
    popen: (call: HostCall) => [
      keep(pipeTarget(stringArgument(call, 0, 'popen'), optionalString(call.args[1]))),
    ],
    tmpfile: () =>
      attempt(() => {
        const path = fromText(join(tmpdir(), `lua_${randomUUID()}`));
        const target = openTarget(path, 'w+');
        unlinkSync(toBuffer(path));
        return [keep(target)];
      }),
  };
}

function currentFileFunctions(
  current: { input: LuaFile; output: LuaFile },
  keep: (target: FileTarget) => LuaFile,
) {
  const select = (which: 'input' | 'output', call: HostCall): readonly LuaValue[] => {
    const [value] = call.args;
    const path = optionalString(value);
    if (path !== undefined) current[which] = keep(openOrRaise(path, which === 'input' ? 'r' : 'w'));
    else if (value !== undefined) current[which] = openFile(value, which);
    return [current[which]];
  };
  return {
    input: (call: HostCall) => select('input', call),
    output: (call: HostCall) => select('output', call),
    close: (call: HostCall) =>
      (call.args.length === 0 ? current.output : openFile(call.args[0], 'close')).close(),
    flush: () => [current.output],
    read: (call: HostCall) => attempt(() => readFormats(current.input, call.args, 'read')),
    write: (call: HostCall) => attempt(() => writeAll(current.output, call.args)),
    lines: (call: HostCall) => {
      const path = optionalString(call.args[0]);
      const file = path === undefined ? current.input : keep(openOrRaise(path, 'r'));
      return [linesOf(file, { formats: call.args.slice(1), closes: path !== undefined })];
    },
  };
}

function openTarget(path: BytePath, mode: string): FileTarget {
  return { fd: openSync(toBuffer(path), openFlags[mode] ?? O_RDONLY, 0o666), append: mode.startsWith('a') };
}

function openOrRaise(path: BytePath, mode: string): FileTarget {
  try {
    return openTarget(path, mode);
  } catch (error) {
    throw new LuaRaise(`cannot open file '${toText(path)}' (${reasonOf(error)})`);
  }
}

/** The command of a popen for reading runs at once, of one for writing when it is closed. */
function pipeTarget(command: BytePath, mode = 'r'): FileTarget {
  if (mode === 'r') {
    const { output, result } = runShell(command, { captured: true });
    return { fd: undefined, initial: output, close: () => result };
  }
  if (mode !== 'w') throw new LuaRaise("bad argument #2 to 'popen' (invalid mode)");
  const written: Buffer[] = [];
  const close = (): readonly LuaValue[] =>
    runShell(command, { input: Buffer.concat(written), captured: false }).result;
  return { fd: undefined, write: (bytes) => void written.push(bytes), close };
}

function openFile(value: LuaValue, functionName: string): LuaFile {
  if (!(value instanceof LuaFile))
    throw new LuaRaise(`bad argument #1 to '${functionName}' (FILE* expected)`);
  if (value.isClosed) throw new LuaRaise('attempt to use a closed file');
  return value;
}

function typeOf(call: HostCall): readonly LuaValue[] {
  const [value] = call.args;
  if (!(value instanceof LuaFile)) return [undefined];
  return [value.isClosed ? 'closed file' : 'file'];
}

function attempt(action: () => readonly LuaValue[], name?: BytePath): readonly LuaValue[] {
  try {
    return action();
  } catch (error) {
    if (error instanceof LuaRaise) throw error;
    return failure(error, name);
  }
}

function writeAll(file: LuaFile, values: readonly LuaValue[]): readonly LuaValue[] {
  for (const [index, value] of values.entries()) {
    const text = optionalString(value);
    if (text === undefined) throw new LuaRaise(`bad argument #${index + 1} to 'write' (string expected)`);
    file.write(text);
  }
  return [file];
}

function seek(file: LuaFile, call: HostCall): readonly LuaValue[] {
  const whence = optionalString(call.args[1]) ?? 'cur';
  if (whence !== 'set' && whence !== 'cur' && whence !== 'end') {
    throw new LuaRaise(`bad argument #1 to 'seek' (invalid option '${whence}')`);
  }
  const position = file.seek(whence, Number(call.args[2] ?? 0));
  return position === undefined ? [undefined, 'Illegal seek', 29] : [position];
}

/** Reads one value a format, and stops at the first that is not there. */
function readFormats(file: LuaFile, formats: readonly LuaValue[], functionName: string): readonly LuaValue[] {
  const values: LuaValue[] = [];
  for (const format of formats.length === 0 ? ['l'] : formats) {
    const value = readFormat(file, format, functionName);
    values.push(value);
    if (value === undefined) break;
  }
  return values;
}

function readFormat(file: LuaFile, format: LuaValue, functionName: string): LuaValue {
  if (typeof format === 'number') return file.readBytes(format);
  switch (optionalString(format)?.replace(/^\*/, '').charAt(0)) {
    case 'l':
      return file.readLine(false);
    case 'L':
      return file.readLine(true);
    case 'a':
      return file.readAll();
    case 'n':
      return file.readNumber();
    default:
      throw new LuaRaise(`bad argument #1 to '${functionName}' (invalid format)`);
  }
}

function linesOf(
  file: LuaFile,
  options: { readonly formats: readonly LuaValue[]; readonly closes: boolean },
): HostFunction {
  return new HostFunction('lines', () => {
    if (file.isClosed) throw new LuaRaise('file is already closed');
    const values = readFormats(file, options.formats, 'lines');
    if (values[0] === undefined && options.closes) file.close();
    return values;
  });
}
