// What a child can be started for: an event, or a list of them. Lua sees tables; scripts may put fields of their own on them.

import { toText, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import { HostFunction, HostObject, LuaRaise, LuaTable, luaTypeName } from '../lua/lua-value.ts';
import type { HostClass, LuaValue } from '../lua/lua-value.ts';
import type { ScriptDelay } from '../queue/script-queue.ts';
import { callFunction, isCallable } from './call.ts';
import type { AgentDelays, SyncPort } from './port.ts';

export abstract class Agent extends HostObject implements AgentDelays {
  abstract readonly isList: boolean;
  abstract readonly delays: readonly ScriptDelay[];
  readonly port: SyncPort;

  constructor(port: SyncPort) {
    super();
    this.port = port;
  }
}

/** A getter for each field of lsyncd's events. `path` is that of the origin, for the second event of a move that of the destination. */
const FIELDS: Readonly<Record<string, (event: ScriptEvent) => LuaValue>> = {
  config: ({ port }) => port.config,
  inlet: ({ inlet }) => inlet,
  etype: ({ delay }) => delay.kind,
  status: ({ delay }) => delay.status,
  isList: () => false,
  isdir: ({ path }) => path.endsWith('/'),
  name: ({ path }) => path.slice(path.lastIndexOf('/', path.length - 2) + 1),
  basename: ({ path }) => nameOf(withoutTrailingSlash(path)),
  path: ({ path }) => relative(path),
  pathname: ({ path }) => relative(withoutTrailingSlash(path)),
  pathdir: ({ path }) => relative(directoryOf(path)),
  source: ({ port }) => port.source,
  sourcePath: (event) => sourceOf(event) + event.path,
  sourcePathname: (event) => sourceOf(event) + withoutTrailingSlash(event.path),
  sourcePathdir: (event) => sourceOf(event) + directoryOf(event.path),
  target: targetOf,
  targetPath: (event) => targetOf(event) + event.path,
  targetPathname: (event) => targetOf(event) + withoutTrailingSlash(event.path),
  targetPathdir: (event) => targetOf(event) + directoryOf(event.path),
};

const eventClass: HostClass = {
  name: 'event',
  isTable: true,
  index: (object, key) => {
    const field = typeof key === 'string' ? FIELDS[key] : undefined;
    if (field !== undefined) return field(object as ScriptEvent);
    throw new LuaRaise(`event does not have field "${shown(key)}"`);
  },
  toText: (object) => {
    const { delay, path } = object as ScriptEvent;
    return `event: ${delay.kind} ${toText(path)}`;
  },
};

export interface EventParts {
  readonly port: SyncPort;
  readonly inlet: HostObject;
  readonly delay: ScriptDelay;
}

export class ScriptEvent extends Agent {
  readonly hostClass = eventClass;
  readonly isList = false;
  readonly inlet: HostObject;
  readonly delay: ScriptDelay;
  /** `/a/f`; empty for those that overlap everything. */
  readonly path: BytePath;

  constructor({ port, inlet, delay }: EventParts, path: BytePath) {
    super(port);
    this.inlet = inlet;
    this.delay = delay;
    this.path = path;
  }

  get delays(): readonly ScriptDelay[] {
    return [this.delay];
  }
}

const listClass: HostClass = {
  name: 'event list',
  isTable: true,
  index: (object, key) => {
    const list = object as EventList;
    if (key === 'config') return list.port.config;
    if (key === 'isList') return true;
    const found = typeof key === 'string' ? list.functions.get(key) : undefined;
    if (found !== undefined) return found;
    throw new LuaRaise(`event list does not have function "${shown(key)}"`);
  },
  size: (object) => (object as EventList).delays.length,
  toText: (object) => `event list of ${(object as EventList).delays.length}`,
};

export class EventList extends Agent {
  readonly hostClass = listClass;
  readonly isList = true;
  readonly delays: readonly ScriptDelay[];
  readonly functions: ReadonlyMap<string, HostFunction>;

  constructor(port: SyncPort, delays: readonly ScriptDelay[]) {
    super(port);
    this.delays = delays;
    this.functions = new Map(
      [
        new HostFunction('getPaths', ({ args }) => [this.#paths('', args[0])]),
        new HostFunction('getSourcePaths', ({ args }) => [this.#paths(bareSource(port), args[0])]),
        new HostFunction('getList', () => [
          LuaTable.list(
            delays.map(({ path, movedTo }) =>
              LuaTable.list(movedTo === undefined ? [path] : [path, movedTo]),
            ),
          ),
        ]),
        new HostFunction('size', () => [delays.length]),
      ].map((entry) => [entry.name, entry]),
    );
  }

  /** Both paths of a move one after the other; `mutator(etype, path, path2)` may give others, nil for none. */
  #paths(prefix: BytePath, mutator: LuaValue): LuaTable {
    const paths = this.delays.flatMap(({ kind, path, movedTo }): readonly LuaValue[] => {
      const both = movedTo === undefined ? [path] : [path, movedTo];
      const named = both.map((one) => prefix + one);
      return isCallable(mutator) ? callFunction(mutator, [kind, ...named]) : named;
    });
    return LuaTable.list(paths.filter((path) => path !== undefined));
  }
}

/** The event of a delay, and for a move the second event, of its destination. */
export function eventsOf(parts: EventParts): readonly [ScriptEvent, ScriptEvent | undefined] {
  const { kind, path, movedTo } = parts.delay;
  const isBlanket = kind === 'Init' || kind === 'Full' || kind === 'Blanket';
  const first = new ScriptEvent(parts, isBlanket ? '' : path);
  return [first, movedTo === undefined ? undefined : new ScriptEvent(parts, movedTo)];
}

function sourceOf({ port }: ScriptEvent): BytePath {
  return port.source;
}

function bareSource(port: SyncPort): BytePath {
  return withoutTrailingSlash(port.source);
}

function targetOf({ port }: ScriptEvent): BytePath {
  const target = port.config.get('target');
  return typeof target === 'string' ? target : '';
}

function directoryOf(path: BytePath): BytePath {
  return path.slice(0, withoutTrailingSlash(path).lastIndexOf('/') + 1);
}

function nameOf(path: BytePath): BytePath {
  return path.slice(path.lastIndexOf('/') + 1);
}

function relative(path: BytePath): BytePath {
  return path.startsWith('/') ? path.slice(1) : path;
}

function shown(key: LuaValue): string {
  return typeof key === 'string' ? toText(key) : luaTypeName(key);
}
