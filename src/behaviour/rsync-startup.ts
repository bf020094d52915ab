// The full sync: one rsync of the whole source. Shared by all three behaviours.

import { toText } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import type { ChildEnd, Command } from '../run/command.ts';
import type { Outcome, Work } from './behaviour.ts';
import type { BehaviourContext } from './context.ts';
import { createDeletePreview } from './delete-preview.ts';
import { haltByDeleteLimit, isOverDeleteLimit } from './delete-limit.ts';
import type { Failure } from './failed-paths-of-rsync.ts';
import type { QuickCheck } from './quick-check.ts';
import { startupCommand, startupRules, type RsyncJob } from './rsync-commands.ts';
import { again, failedOf, PARTIAL } from './rsync-partial.ts';
import { runCommand } from './run-command.ts';
import type { Sentences } from './sentences.ts';
import { judge } from './verdict.ts';

export interface RsyncStartupOptions extends RsyncJob {
  readonly sentences: Sentences;
  readonly context: BehaviourContext;
}

/** @param quickCheck of the batches that follow */
export function createRsyncStartup(options: RsyncStartupOptions, quickCheck: QuickCheck): () => Work {
  const { spec, target, sentences, context } = options;
  const { log } = context;

  async function* startup(): Work {
    const refusal = yield* lookAhead();
    if (refusal !== undefined) return refusal;
    log('Normal', `recursive full rsync: ${toText(spec.source)} -> ${toText(target)}${rulesText()}`);
    const command = startupCommand(options);
    // The first batch will want to know, and need not wait then.
    if (spec.rsync.fileList === undefined) void context.capability(spec.rsync.binary);
    const began = quickCheck.now();
    const end = yield* runCommand(log, command);
    quickCheck.ranSince(began);
    log('Delay', 'collected an event');
    const outcome = startupOutcome(command, end);
    log('Delay', `Finish of Init on ${toText(spec.source)} = ${end.exitCode}`);
    return outcome;
  }

  /** Why the full sync may not run; undefined: it may. */
  async function* lookAhead(): AsyncGenerator<Command, Outcome | undefined, ChildEnd> {
    const preview = createDeletePreview(options);
    if (preview === undefined) return undefined;
    const end = yield* runCommand(log, preview.command);
    const refusal = preview.refusal(end);
    if (refusal !== undefined) return refusal;
    const mayGoOn = judge(spec.rsyncExitCodes, end).verdict === 'ok' || end.exitCode === PARTIAL;
    return mayGoOn ? undefined : startupOutcome(preview.command, end);
  }

  function rulesText(): string {
    const rules = startupRules(spec);
    if (rules === undefined) return '';
    return ` ${spec.filters.length > 0 ? 'filtering' : 'excluding'}\n${rules.map(toText).join('\n')}`;
  }

  function startupOutcome(command: Command, end: ChildEnd): Outcome {
    if (isOverDeleteLimit(spec, end)) return haltByDeleteLimit(spec);
    const { exitCode } = end;
    const { verdict, isKnown } = judge(spec.rsyncExitCodes, end);
    if (verdict === 'ok' || exitCode === PARTIAL) log('Normal', sentences.startupFinished(exitCode));
    if (verdict === 'ok') return { verdict };
    const reason = context.explainEnd(command, end);
    if (verdict === 'again')
      return again(exitCode === PARTIAL ? failedOfStartup(end) : [], { reason, exitCode });
    for (const line of sentences.startupDies(exitCode, isKnown)) log('Error', line);
    return { verdict, reason, exitCode };
  }

  /** What did not arrive; none: it cannot be told. */
  function failedOfStartup(end: ChildEnd): readonly Failure[] {
    const all: Delay = { kind: 'Modify', path: '/', status: 'active', dueMs: 0, whole: true };
    const failed = failedOf(options, { changes: [all], end }) ?? [];
    return failed.some(({ change }) => change.whole && change.path === '/') ? [] : failed;
  }

  return startup;
}
