// Lua's values as the rest of the program sees them. Strings are byte strings (see byte-path.ts), never decoded text.
// Used by the config room, which reads them, and by the libraries of this room, which return them.

import type { BytePath } from '../byte-path.ts';

/** nil is undefined. Integers and floats are both numbers. */
export type LuaValue =
  undefined | boolean | number | BytePath | LuaTable | LiveTable | LuaFunction | HostFunction | HostObject;

export type LuaKey = string | number;

/**
 * A copy of a table, made when it was handed to TypeScript. Keys that are neither strings nor numbers are left out.
 * One Lua table is one LuaTable within one call, so cycles stay cycles.
 */
export class LuaTable {
  readonly entries: Map<LuaKey, LuaValue>;
  /** The table it is a copy of; undefined for one made in TypeScript. */
  readonly live: LiveTable | undefined;

  constructor(entries: Iterable<readonly [LuaKey, LuaValue]> = [], live?: LiveTable) {
    this.entries = new Map(entries);
    this.live = live;
  }

  /** `{ a, b, c }` */
  static list(values: readonly LuaValue[]): LuaTable {
    return new LuaTable(values.map((value, index) => [index + 1, value] as const));
  }

  get(key: LuaKey): LuaValue {
    return this.entries.get(key);
  }

  /** The values at 1, 2, 3 … up to the first hole; holes after it are skipped too, so that `{a, nil, b}` is `[a, b]`. */
  positional(): readonly LuaValue[] {
    return [...this.entries]
      .filter(
        (entry): entry is [number, LuaValue] => typeof entry[0] === 'number' && Number.isInteger(entry[0]),
      )
      .toSorted(([a], [b]) => a - b)
      .map(([, value]) => value);
  }

  /** The entries with a string key. */
  named(): readonly (readonly [string, LuaValue])[] {
    return [...this.entries].filter((entry): entry is [string, LuaValue] => typeof entry[0] === 'string');
  }
}

/** A table of Lua itself. Handed back to Lua it is the same table. Never read from Lua as a value: a copy's `live` has it. */
export interface LiveTable {
  readonly type: 'live table';
  /** Without metamethods. */
  get(key: LuaKey): LuaValue;
  set(key: LuaKey, value: LuaValue): void;
  copy(): LuaTable;
}

/** A function the user wrote in Lua. Handed back to Lua it is the same function. */
export interface LuaFunction {
  readonly type: 'function';
  /**
   * @returns all results
   * @throws LuaError for an error of Lua; what `abort` was given, or what a host function threw by mistake
   */
  call(args: readonly LuaValue[]): readonly LuaValue[];
}

/** An error of Lua that nothing in Lua caught. `message` is text, as Lua has it: `file:line: what`. */
export class LuaError extends Error {
  override readonly name = 'LuaError';
  /** `stack traceback:` and a line for each level, as lua(1) prints it. */
  readonly traceback: string;

  constructor(message: string, traceback: string) {
    super(message);
    this.traceback = traceback;
  }
}

/** Where a call stands: the chunk's name without its `@` (bytes), and the line from 1. */
export interface Position {
  readonly file: BytePath;
  readonly line: number;
}

export interface HostCall {
  readonly args: readonly LuaValue[];
  /** The Lua code that called; undefined when it was called from no Lua code. */
  readonly position: Position | undefined;
}

/** A function of TypeScript that Lua can call. Throw a LuaRaise for an error that Lua's pcall may catch. */
export class HostFunction {
  readonly name: string;
  readonly call: (call: HostCall) => readonly LuaValue[];

  constructor(name: string, call: (call: HostCall) => readonly LuaValue[]) {
    this.name = name;
    this.call = call;
  }
}

/** `+ - < <= ==` */
export type HostOperator = 'add' | 'subtract' | 'less' | 'lessOrEqual' | 'equals';

/** What the objects of one class can do. */
export interface HostClass {
  /** The metatable's name, `FILE*` for a file. */
  readonly name: string;
  /** Objects are tables, which may have fields of the user's besides (rawset, rawget); default: userdata. */
  readonly isTable?: boolean;
  /** `object.key`; throw a LuaRaise where there is no such key. */
  readonly index: (object: HostObject, key: LuaValue) => LuaValue;
  /** `object.key = value`; absent = an error of Lua. */
  readonly newIndex?: (object: HostObject, key: LuaValue, call: HostCall) => void;
  /** `object(…)`; absent = an error of Lua. */
  readonly call?: (object: HostObject, call: HostCall) => readonly LuaValue[];
  /** `#object`; absent = as of any other. */
  readonly size?: (object: HostObject) => number;
  /** What operators do; absent = an error of Lua. Either operand may be the object. */
  readonly operators?: Partial<Readonly<Record<HostOperator, (left: LuaValue, right: LuaValue) => LuaValue>>>;
  readonly toText: (object: HostObject) => string;
}

/** An object of TypeScript that Lua holds as userdata or table; it comes back as the same object. */
export abstract class HostObject {
  abstract readonly hostClass: HostClass;
}

/** An error as Lua's `error(message)` raises it; the caller's `file:line: ` is put before the message if `withPosition`. */
export class LuaRaise extends Error {
  override readonly name = 'LuaRaise';
  readonly withPosition: boolean;

  constructor(message: string, options: { readonly withPosition: boolean } = { withPosition: true }) {
    super(message);
    this.withPosition = options.withPosition;
  }
}

/** Lua's word for the type of a value, for messages. */
export function luaTypeName(value: LuaValue): string {
  if (value === undefined) return 'nil';
  if (value instanceof HostObject) return value.hostClass.isTable === true ? 'table' : 'userdata';
  if (value instanceof HostFunction || isLuaFunction(value)) return 'function';
  return typeof value === 'object' ? 'table' : typeof value;
}

export function isLuaFunction(value: LuaValue): value is LuaFunction {
  return typeof value === 'object' && 'type' in value && value.type === 'function';
}
