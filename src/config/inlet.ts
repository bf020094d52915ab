// What sync{} returns: functions of the sync by name, called with a dot. Only those that make sense before the daemon runs.

import { toText } from '../byte-path.ts';
import { HostFunction, HostObject, LuaRaise, LuaTable } from '../lua/lua-value.ts';
import type { HostClass, LuaValue } from '../lua/lua-value.ts';
import type { Declaration } from './declaration.ts';
import { shown } from './values.ts';

/** Functions of lsyncd's inlet that need a running daemon. */
const later: readonly string[] = [
  'addBlanketEvent',
  'createBlanketEvent',
  'discardEvent',
  'getEvent',
  'getEvents',
  'getQueue',
];

const inletClass: HostClass = {
  name: 'inlet',
  index: (object, key) => (object as Inlet).function(key),
  toText: () => 'inlet',
};

export class Inlet extends HostObject {
  readonly hostClass = inletClass;
  readonly #functions: ReadonlyMap<LuaValue, HostFunction>;

  constructor(declaration: Declaration) {
    super();
    const functions = inletFunctions(declaration);
    this.#functions = new Map(functions.map((entry) => [entry.name, entry]));
  }

  function(key: LuaValue): HostFunction {
    const found = this.#functions.get(key);
    if (found === undefined)
      throw new LuaRaise(
        `inlet does not have function "${typeof key === 'string' ? toText(key) : shown(key)}"`,
      );
    return found;
  }
}

function inletFunctions(declaration: Declaration): readonly HostFunction[] {
  const { excludes, filters } = declaration;
  return [
    define('addExclude', ([pattern]) => void excludes.push(textOf(pattern))),
    define('rmExclude', ([pattern]) => {
      const at = excludes.indexOf(textOf(pattern));
      if (at !== -1) excludes.splice(at, 1);
      else declaration.place.warn(`Cannot remove the exclude "${toText(textOf(pattern))}": it is not there`);
    }),
    define('getExcludes', () => toList(excludes)),
    define('getFilters', () => toList(filters)),
    define('addFilter', ([rule]) => void filters.push(declaration.toFilter(textOf(rule)))),
    define('getConfig', () => declaration.config),
    ...later.map((name) =>
      define(name, () => {
        throw new LuaRaise(`"${name}" is not supported yet`);
      }),
    ),
  ];
}

function define(name: string, action: (args: readonly LuaValue[]) => LuaValue): HostFunction {
  return new HostFunction(name, ({ args }) => {
    const result = action(args);
    return result === undefined ? [] : [result];
  });
}

function textOf(value: LuaValue): string {
  if (typeof value === 'string') return value;
  throw new LuaRaise('expected a text');
}

function toList(values: readonly LuaValue[]): LuaTable {
  return new LuaTable(values.map((value, index) => [index + 1, value] as const));
}
