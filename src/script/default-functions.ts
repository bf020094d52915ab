// The functions of `default` that do something at run time. Scripts call them, put them in tables of their own, and replace them.

import { toText } from '../byte-path.ts';
import { HostFunction, LuaRaise, LuaTable } from '../lua/lua-value.ts';
import type { HostCall, LuaValue } from '../lua/lua-value.ts';
import { Agent, ScriptEvent } from './agent.ts';
import { callFunction, isCallable } from './call.ts';
import { Inlet } from './inlet.ts';
import type { SyncPort } from './port.ts';

type Action = (call: HostCall, caller: string) => readonly LuaValue[];

const FUNCTIONS: Readonly<Record<string, Action>> = {
  'default.action': runAction,
  'default.init': runInit,
  'default.full': runFull,
  'default.collect': collect,
  'default.rsync.action': sendWaiting,
  'default.rsync.init': sendAll,
  'default.rsync.full': sendAll,
  'default.rsyncssh.action': sendWaiting,
  'default.rsyncssh.init': sendAll,
  'default.rsyncssh.full': sendAll,
  'default.rsyncssh.collect': collect,
  'default.direct.action': sendWaiting,
  'default.direct.init': sendAll,
  'default.direct.full': sendAll,
  'default.direct.collect': collect,
};

/** By name with dots: `default.rsync.action`. Always the same functions, so that they are known again. */
export const defaultFunctions: ReadonlyMap<string, HostFunction> = new Map(
  Object.entries(FUNCTIONS).map(([name, action]) => [
    name,
    new HostFunction(name, (call) => action(call, name)),
  ]),
);

/** Calls the sync's own function for the first event, `onCreate` for a Create; an event that has none is discarded. */
function runAction({ args: [inlet] }: HostCall, caller: string): readonly LuaValue[] {
  if (!(inlet instanceof Inlet)) throw wrongArgument(caller, 'an inlet');
  const [event, event2] = inlet.function('getEvent').call({ args: [], position: undefined });
  if (!(event instanceof ScriptEvent)) return [];
  const { port, delay } = event;
  const user = port.config.get(`on${delay.kind}`);
  if (isCallable(user)) callFunction(user, event2 === undefined ? [event] : [event, event2]);
  // What the function started a child for is active by now.
  if (delay.status === 'wait') port.discard(delay);
  return [];
}

function runInit(call: HostCall, caller: string): readonly LuaValue[] {
  return runOnEvent(call, { caller, name: 'onStartup' });
}

function runFull(call: HostCall, caller: string): readonly LuaValue[] {
  return runOnEvent(call, { caller, name: 'onFull' });
}

function runOnEvent(
  { args: [event] }: HostCall,
  { caller, name }: { readonly caller: string; readonly name: string },
): readonly LuaValue[] {
  if (!(event instanceof ScriptEvent)) throw wrongArgument(caller, 'an event');
  const user = event.port.config.get(name);
  if (isCallable(user)) callFunction(user, [event]);
  if (event.delay.status === 'wait') event.port.discard(event.delay);
  return [];
}

function sendWaiting({ args: [inlet] }: HostCall, caller: string): readonly LuaValue[] {
  if (!(inlet instanceof Inlet)) throw wrongArgument(caller, 'an inlet');
  const list = inlet.allWaiting();
  if (list.delays.length > 0) inlet.port.startBuiltIn(list, 'batch');
  else for (const delay of inlet.port.readyDelays()) inlet.port.discard(delay);
  return [];
}

function sendAll({ args: [event] }: HostCall, caller: string): readonly LuaValue[] {
  if (!(event instanceof Agent)) throw wrongArgument(caller, 'an event');
  event.port.startBuiltIn(event, 'full');
  return [];
}

/** lsyncd's judgement of an exit code by the sync's `exitcodes`, with its sentences. */
function collect({ args: [agent, exitCode] }: HostCall, caller: string): readonly LuaValue[] {
  if (!(agent instanceof Agent)) throw wrongArgument(caller, 'an event or a list of events');
  const { log } = agent.port;
  const code = Number(exitCode);
  const verdict = verdictOf(agent.port, code);
  if (agent.delays.some(({ kind }) => kind === 'Init')) {
    const [line, result] = judgeStartup(agent.port, verdict, code);
    log(result === 'die' ? 'Error' : 'Normal', line);
    if (result === 'die') agent.port.endDaemon();
    return result === 'die' ? [] : [result];
  }
  const [line, result] = judgeAction(agent, verdict, code);
  // An unknown code of one event is told as Normal, as lsyncd does.
  log(result === 'die' && (verdict !== undefined || agent.isList) ? 'Error' : 'Normal', line);
  return [result];
}

type Verdict = 'ok' | 'again' | 'die' | undefined;
type Judgement = readonly [line: string, result: 'ok' | 'again' | 'die'];

/** undefined: the code stands in no table. */
function verdictOf({ config }: SyncPort, code: number): Verdict {
  const codes = config.get('exitcodes');
  const verdict = codes instanceof LuaTable ? codes.get(code) : undefined;
  if (verdict === 'ok' || verdict === 'again' || verdict === 'die') return verdict;
  if (codes instanceof LuaTable) return code === 0 ? 'ok' : undefined;
  return code === 0 ? 'ok' : 'die';
}

function judgeStartup(port: SyncPort, verdict: Verdict, code: number): Judgement {
  const target = port.config.get('target');
  const what = `${toText(port.source)} -> ${typeof target === 'string' ? toText(target) : '(nil)'}`;
  if (verdict === undefined) return [`Unknown exitcode "${code}" on startup of ${what}.`, 'die'];
  if (verdict === 'ok') return [`Startup of ${what} finished.`, 'ok'];
  if (verdict === 'die') return [`Failure on startup of ${what}.`, 'die'];
  return port.isInsisting
    ? [`Retrying startup of ${what}: ${code}`, 'again']
    : [`Temporary or permanent failure on startup of ${what}. Terminating since "insist" is not set.`, 'die'];
}

function judgeAction(agent: Agent, verdict: Verdict, code: number): Judgement {
  if (agent.isList) {
    const lines = {
      ok: `Finished a list after exitcode: ${code}`,
      again: `Retrying a list after exitcode = ${code}`,
      die: `Failure with a list with exitcode = ${code}`,
    };
    return verdict === undefined
      ? [`Unknown exitcode "${code}" with a list`, 'die']
      : [lines[verdict], verdict];
  }
  const what = describe(agent);
  const lines = {
    ok: `Finished ${what} = ${code}`,
    again: `Retrying ${what} = ${code}`,
    die: `Failure with ${what} = ${code}`,
  };
  return verdict === undefined
    ? [`Unknown exitcode "${code}" with ${what} = ${code}`, 'die']
    : [lines[verdict], verdict];
}

/** `Create on /src//f1`. */
function describe({ delays: [delay], port }: Agent): string {
  if (delay === undefined) return 'nothing';
  const path = delay.kind === 'Blanket' || delay.kind === 'Full' ? '' : delay.path;
  return `${delay.kind} on ${toText(port.source + path)}`;
}

function wrongArgument(caller: string, wanted: string): LuaRaise {
  return new LuaRaise(`bad argument #1 to '${caller}' (${wanted} expected)`);
}
