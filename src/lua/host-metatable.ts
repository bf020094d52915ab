// The metamethods of a class of host objects.

import { HostFunction, HostObject, LuaRaise } from './lua-value.ts';
import type { HostCall, HostClass, HostOperator, LuaValue } from './lua-value.ts';

const operatorNames: Readonly<Record<HostOperator, string>> = {
  add: '__add',
  subtract: '__sub',
  less: '__lt',
  lessOrEqual: '__le',
  equals: '__eq',
};

/** Names and values for the metatable of a class. */
export function metamethods(hostClass: HostClass): readonly (readonly [string, LuaValue])[] {
  const { newIndex, call, size, operators = {} } = hostClass;
  const self = (value: LuaValue): HostObject => {
    if (value instanceof HostObject && value.hostClass === hostClass) return value;
    throw new LuaRaise(`${hostClass.name} expected`);
  };
  const methods: [string, LuaValue][] = [
    ['__name', hostClass.name],
    ['__index', new HostFunction('__index', ({ args }) => [hostClass.index(self(args[0]), args[1])])],
    ['__tostring', new HostFunction('__tostring', ({ args }) => [hostClass.toText(self(args[0]))])],
  ];
  if (newIndex !== undefined) {
    const assign = (at: HostCall): readonly LuaValue[] => {
      newIndex(self(at.args[0]), at.args[1], { ...at, args: at.args.slice(2) });
      return [];
    };
    methods.push(['__newindex', new HostFunction('__newindex', assign)]);
  }
  if (call !== undefined) {
    const invoke = (at: HostCall): readonly LuaValue[] =>
      call(self(at.args[0]), { ...at, args: at.args.slice(1) });
    methods.push(['__call', new HostFunction('__call', invoke)]);
  }
  if (size !== undefined) {
    methods.push(['__len', new HostFunction('__len', ({ args }) => [size(self(args[0]))])]);
  }
  for (const [name, operator] of Object.entries(operators)) {
    const metamethod = operatorNames[name as HostOperator];
    methods.push([metamethod, new HostFunction(metamethod, ({ args }) => [operator(args[0], args[1])])]);
  }
  return methods;
}
