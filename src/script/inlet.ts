// lsyncd's inlet: what a script asks its sync for. sync{} returns it while the config loads; later it is given to the actions.

import { toText, type BytePath } from '../byte-path.ts';
import { HostFunction, HostObject, LuaRaise, LuaTable, luaTypeName } from '../lua/lua-value.ts';
import type { HostCall, HostClass, LiveTable, LuaValue } from '../lua/lua-value.ts';
import type { ScriptDelay } from '../queue/script-queue.ts';
import { Agent, EventList, eventsOf, ScriptEvent } from './agent.ts';
import { callFunction, isCallable } from './call.ts';
import type { SyncPort, SyncRules } from './port.ts';

/** What an inlet is of before its sync is at work. */
export interface InletSource {
  readonly rules: SyncRules;
  config(): LiveTable | LuaTable;
}

const inletClass: HostClass = {
  name: 'inlet',
  isTable: true,
  index: (object, key) => (object as Inlet).function(key),
  toText: () => 'inlet',
};

export class Inlet extends HostObject {
  readonly hostClass = inletClass;
  readonly #source: InletSource;
  readonly #functions: ReadonlyMap<LuaValue, HostFunction>;
  #port: SyncPort | undefined;
  /** A delay has one event, so that a script finds again what it wrote on it. */
  #events = new WeakMap<ScriptDelay, ReturnType<typeof eventsOf>>();

  constructor(source: InletSource) {
    super();
    this.#source = source;
    this.#functions = new Map(
      [...this.#rulesFunctions(), ...this.#eventFunctions()].map((one) => [one.name, one]),
    );
  }

  /** The sync is at work from now on. */
  attach(port: SyncPort): void {
    this.#port = port;
  }

  function(key: LuaValue): HostFunction {
    const found = this.#functions.get(key);
    if (found !== undefined) return found;
    throw new LuaRaise(
      `inlet does not have function "${typeof key === 'string' ? toText(key) : luaTypeName(key)}"`,
    );
  }

  /** The event of a delay, and the second one of a move. */
  eventsOf(delay: ScriptDelay): ReturnType<typeof eventsOf> {
    const known = this.#events.get(delay);
    if (known !== undefined) return known;
    const made = eventsOf({ port: this.port, inlet: this, delay });
    this.#events.set(delay, made);
    return made;
  }

  /** @throws LuaRaise while the config loads */
  get port(): SyncPort {
    if (this.#port === undefined) throw new LuaRaise('there are no events while the config loads');
    return this.#port;
  }

  /** All that waits, for what default.rsync.action does with it. */
  allWaiting(): EventList {
    return new EventList(
      this.port,
      this.port.chooseDelays(({ kind }) => (isBlanket(kind) ? 'leave' : 'take')),
    );
  }

  get #rules(): SyncRules {
    return this.#port?.rules ?? this.#source.rules;
  }

  #rulesFunctions(): readonly HostFunction[] {
    return [
      define('addExclude', ([pattern]) => this.#rules.addExclude(textOf(pattern))),
      define('rmExclude', ([pattern]) => this.#rules.rmExclude(textOf(pattern))),
      define('getExcludes', () => LuaTable.list(this.#rules.excludes)),
      define('getFilters', () => LuaTable.list(this.#rules.filters)),
      define('hasFilters', () => this.#rules.filters.length > 0),
      define('appendFilter', ([rule, pattern]) =>
        this.#rules.appendFilter(pattern === undefined ? textOf(rule) : `${textOf(rule)} ${textOf(pattern)}`),
      ),
      define('addFilter', ([rule]) => this.#rules.appendFilter(textOf(rule))),
      define('getConfig', () => this.#port?.config ?? this.#source.config()),
      define('getSync', () => this),
    ];
  }

  #eventFunctions(): readonly HostFunction[] {
    return [
      new HostFunction('getEvent', ({ args }) => this.#getEvent(args[0])),
      define('getEvents', ([test]) => this.#getEvents(test)),
      define('discardEvent', ([agent]) => this.#discard(agent)),
      define('createBlanketEvent', () => this.eventsOf(this.port.addBlanket(false))[0]),
      define('createFullEvent', () => this.eventsOf(this.port.addBlanket(true))[0]),
      define('getSubstitutionData', ([event]) => substitutionData(event)),
    ];
  }

  #getEvent(test: LuaValue): readonly LuaValue[] {
    for (const delay of this.port.readyDelays()) {
      const [event, event2] = this.eventsOf(delay);
      const isWanted = !isCallable(test) || isTrue(callFunction(test, pair(event, event2))[0]);
      if (isWanted) return pair(event, event2);
    }
    return [];
  }

  /** `test(event, event2)`: false or nil leaves it out, 'break' ends the list before it. */
  #getEvents(test: LuaValue): EventList {
    const chosen = this.port.chooseDelays((delay) => {
      if (!isCallable(test)) return 'take';
      const [event, event2] = this.eventsOf(delay);
      const [answer] = callFunction(test, pair(event, event2));
      if (answer === 'break') return 'end';
      return isTrue(answer) ? 'take' : 'leave';
    });
    return new EventList(this.port, chosen);
  }

  #discard(agent: LuaValue): void {
    const delays = agent instanceof Agent ? agent.delays : [...this.port.readyDelays()].slice(0, 1);
    for (const delay of delays) this.port.discard(delay);
  }
}

/** What the ^variables of a text stand for, by name. */
function substitutionData(event: LuaValue): LuaTable {
  if (!(event instanceof ScriptEvent)) throw new LuaRaise('an event expected');
  const names = [
    'source',
    'target',
    'path',
    'pathname',
    'pathdir',
    'sourcePath',
    'sourcePathname',
    'sourcePathdir',
  ];
  const all = [...names, 'targetPath', 'targetPathname', 'targetPathdir'];
  return new LuaTable(all.map((name) => [name, event.hostClass.index(event, name)] as const));
}

function pair(event: ScriptEvent, event2: ScriptEvent | undefined): readonly LuaValue[] {
  return event2 === undefined ? [event] : [event, event2];
}

function isBlanket(kind: ScriptDelay['kind']): boolean {
  return kind === 'Init' || kind === 'Full' || kind === 'Blanket';
}

function isTrue(value: LuaValue): boolean {
  return value !== undefined && value !== false;
}

function define(name: string, action: (args: HostCall['args']) => LuaValue | void): HostFunction {
  return new HostFunction(name, ({ args }) => {
    const result = action(args);
    return result === undefined ? [] : [result];
  });
}

function textOf(value: LuaValue): BytePath {
  if (typeof value === 'string') return value;
  throw new LuaRaise('expected a text');
}
