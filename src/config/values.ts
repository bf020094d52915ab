// One value out of Lua, checked and converted. Lua's leniency is kept where configs rely on it: numbers may be texts,
// 1 is true, and every other value but nil and false is true too, with a warning where that is hardly meant.

import { toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { LuaTable, luaTypeName } from '../lua/lua-value.ts';
import type { LuaValue } from '../lua/lua-value.ts';
import { ConfigProblem } from './diagnostics.ts';
import type { Place } from './diagnostics.ts';
import { kinds } from './value-kinds.ts';
import type { ValueKind } from './value-kinds.ts';

/** Where a value stands, for messages. */
export interface Key {
  readonly place: Place;
  /** `rsync.compress`. */
  readonly path: string;
}

/** The value as `kind` has it; undefined for nil.
 * @throws ConfigProblem `Cannot use delay "abc": expected a number of seconds >= 0 (conf.lua:12, sync 2)` */
export function read<T>(key: Key, kind: ValueKind<T>, value: LuaValue): T | undefined {
  if (value === undefined) return undefined;
  return kind.convert(value) ?? refuse(key, value, `expected ${kind.description}`);
}

/** As `read`, for keys that may be turned off again: false is nil. */
export function readUnlessFalse<T>(key: Key, kind: ValueKind<T>, value: LuaValue): T | undefined {
  return value === false ? undefined : read(key, kind, value);
}

/** What Lua takes as false (`"false"`, 0, `"no"` are true, with a warning); undefined for nil.
 * @throws ConfigProblem for a table or a function */
export function readFlag(key: Key, value: LuaValue): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  if (typeof value !== 'number' && typeof value !== 'string')
    return refuse(key, value, 'expected true or false');
  if (value !== 1 && value !== '1' && value !== 'true') {
    key.place.warn(`${key.path} = ${shown(value)} counts as true; write true or false`);
  }
  return true;
}

/** A text or a table of texts as a list; undefined for nil. Numbers are taken as texts. */
export function readList(key: Key, value: LuaValue): readonly BytePath[] | undefined {
  if (value === undefined || value === false) return undefined;
  if (!(value instanceof LuaTable)) return [read(key, kinds.bytes, value) ?? ''];
  const items = [
    ...value.positional(),
    ...value
      .named()
      .filter(([name]) => !name.startsWith('_'))
      .map(([, item]) => item),
  ];
  return items.map((item) => read(key, kinds.bytes, item) ?? '');
}

/** Words for a child's argv: a table, or a text that is split at spaces (with a warning: lsyncd ignores such a text). */
export function readWords(key: Key, value: LuaValue): readonly string[] {
  if (value === undefined || value === false) return [];
  if (value instanceof LuaTable) return value.positional().map((item) => read(key, kinds.text, item) ?? '');
  const text = read(key, kinds.text, value) ?? '';
  const words = text.split(/\s+/).filter((word) => word !== '');
  const table = words.map((word) => JSON.stringify(word)).join(', ');
  key.place.warn(`${key.path} is a text; it is split at spaces, where lsyncd ignores it; write { ${table} }`);
  return words;
}

/** @throws ConfigProblem always */
export function refuse(key: Key, value: LuaValue, why: string): never {
  throw new ConfigProblem(
    `Cannot use ${key.path} ${shown(value)}: ${why} (${key.place.where}, ${key.place.part})`,
  );
}

/** A value for a message. */
export function shown(value: LuaValue): string {
  if (typeof value === 'string') return `"${toText(value)}"`;
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : `(a ${luaTypeName(value)})`;
}
