// default.rsyncssh: renames and deletes are done at the target over ssh, everything else goes by rsync. When rsync's options may
// filter or keep backups, only rsync knows what may be touched, and it gets the deletes and the renames too.

import { parentOf, toText, type BytePath } from '../byte-path.ts';
import type { RsyncSshSpec } from '../config/sync-spec.ts';
import { landings, touchedByMoves } from '../after-moves.ts';
import type { Batch, Delay } from '../queue/delay.ts';
import type { ChildEnd, Command } from '../run/command.ts';
import type { RemoteScript } from '../run/ssh-transport.ts';
import type { Behaviour, Outcome, Work } from './behaviour.ts';
import type { BehaviourContext } from './context.ts';
import { directoryTimes } from './directory-times.ts';
import { fileAt, isSameTime, toUnheard, type Landed } from './landed-files.ts';
import { withoutLeftBehind } from './left-behind.ts';
import { mayRepeatMoves, moveAsChanges, MOVES_UNDONE } from './moves.ts';
import { canStandInXargs, hasOwnXargs, ownXargs } from './remote-deletes.ts';
import { changeDirectory, quote } from './remote-directory.ts';
import { deletesWhileRunning } from './rsync-commands.ts';
import { optionEffects } from './rsync-options.ts';
import { PARTIAL } from './rsync-partial.ts';
import { createRsyncSender } from './rsync-sender.ts';
import { runCommand } from './run-command.ts';
import { plainSentences } from './sentences.ts';
import { createTreeView, lookAtAll, type TreeView } from './source-state.ts';
import { parseTreeReport, toTreeScript, type TreeReport } from './tree-script.ts';
import { judge } from './verdict.ts';

/** What is left for rsync after ssh did its part. */
interface AfterSsh {
  readonly changes: readonly Delay[];
  /** Deletes that left something, to be tried again later. */
  readonly kept: readonly Delay[];
  /** Moves that have to be done another way. */
  readonly undone: readonly Delay[];
}

/** What ssh does, and what stays for rsync. */
interface SshWork {
  readonly moves: readonly Delay[];
  /** Changes whose paths the source has no more, and the topmost of what is gone. */
  readonly gone: readonly Delay[];
  readonly deletes: readonly BytePath[];
  readonly rest: readonly Delay[];
  /** Directories that the deletes change. */
  readonly parents: readonly Delay[];
}

type SshStep = AfterSsh | Outcome;

export function createRsyncSshBehaviour(spec: RsyncSshSpec, context: BehaviourContext): Behaviour {
  const { log } = context;
  const plain = plainSentences(spec.source);
  const sender = createRsyncSender({
    spec,
    target: `${spec.host}:${spec.targetdir}`,
    sentences: plain,
    context,
  });
  const ssh = context.createSshTransport(spec.ssh);
  const { isPlain, keepsDirectoryTimes, keepsTimes } = optionEffects(spec.rsync);
  const mayDelete = deletesWhileRunning(spec);
  const cd = changeDirectory(spec.targetdir);
  /** The move that the last failure was about, for lsyncd's sentence. */
  let retriedMove: Delay | undefined;

  async function* batch(whole: Batch): Work {
    retriedMove = undefined;
    const view = createTreeView(spec.source);
    const step: SshStep = isPlain && view.has('/') ? yield* overSsh(whole, view) : byRsync(asChanges(whole));
    if ('verdict' in step) return step;
    const outcome: Outcome = step.changes.length > 0 ? yield* sender.send(step.changes) : { verdict: 'ok' };
    return withRest(outcome, step);
  }

  async function* overSsh(
    { moves, changes }: Batch,
    view: TreeView,
  ): AsyncGenerator<Command, SshStep, ChildEnd> {
    let work = { ...(await partChanges(changes, view)), moves };
    if (hasOwnXargs(spec.xargs) && work.deletes.length > 0) {
      const next = yield* deleteByOwnXargs(work);
      if ('verdict' in next) return next;
      work = next;
    }
    if (moves.length === 0 && work.deletes.length === 0) return byRsync(work.rest);
    for (const move of moves)
      log('Normal', `Moving ${shown(move.path)} -> ${shown(move.movedTo ?? move.path)}`);
    const times = keepsDirectoryTimes ? directoryTimes(touchedByMoves(moves), view) : [];
    const { words, stdin } = toTreeScript({ ...work, times }, { mayDelete });
    const command = remote({ script: `exec ${[spec.xargs.binary, ...words].map(quote).join(' ')}`, stdin });
    const end = yield* runCommand(log, command);
    log('Delay', 'collected an event');
    return afterScript(work, { command, end });
  }

  async function partChanges(all: readonly Delay[], view: TreeView): Promise<Omit<SshWork, 'moves'>> {
    await lookAtAll(
      view,
      all.map(({ path }) => path),
    );
    const changes = withoutLeftBehind(all, view);
    // With a limit rsync deletes, since it counts.
    const isGone = ({ path }: Delay): boolean =>
      spec.maxDelete === undefined && view.look(path).state === 'missing';
    const gone = changes.filter(isGone);
    const there = changes.filter((change) => !isGone(change));
    const deletes = mayDelete ? [...new Set(gone.map(({ path }) => view.look(path).path))] : [];
    return { gone, deletes, rest: there, parents: parentsOfDeleted(deletes, { view, there }) };
  }

  /** What cannot be told apart in the user's list goes by rsync. */
  async function* deleteByOwnXargs(work: SshWork): AsyncGenerator<Command, SshWork | Outcome, ChildEnd> {
    const named = work.deletes.filter((path) => canStandInXargs(spec.xargs, path));
    logDeletes(named);
    const command = remote(ownXargs(spec.xargs, named));
    const end = yield* runCommand(log, command);
    log('Delay', 'collected a list');
    const { verdict } = judge(spec.sshExitCodes, end);
    if (verdict === 'again')
      return again(command, { end, remaining: { moves: work.moves, changes: [...work.gone, ...work.rest] } });
    if (verdict === 'ok') log('Normal', plain.batchFinished(end.exitCode));
    const isDone = verdict === 'ok' && named.length === work.deletes.length;
    return {
      ...work,
      deletes: [],
      gone: isDone ? work.gone : [],
      rest: isDone ? work.rest : [...work.gone, ...work.rest],
    };
  }

  async function afterScript(
    work: SshWork,
    { command, end }: { readonly command: Command; readonly end: ChildEnd },
  ): Promise<SshStep> {
    const report = parseTreeReport(end.stdout ?? '');
    const { verdict, isKnown } = judge(spec.sshExitCodes, end);
    if (verdict === 'again') return scriptCutOff(work, { report, command, end });
    if (verdict === 'die' && isKnown) {
      const reason = context.explainEnd(command, end);
      for (const line of plain.batchDies(end.exitCode, isKnown)) log('Error', line);
      return { verdict, reason, exitCode: end.exitCode };
    }
    logMoves(work.moves, { report, exitCode: end.exitCode });
    const undone = work.moves.filter((_, index) => !report.moved.has(index));
    // The script did not run (no xargs there, no such directory): rsync can do it all, or knows what is wrong.
    if (end.exitCode !== 0) return { ...byRsync([...work.gone, ...work.rest]), undone };
    const kept = report.isSomethingKept ? work.gone : [];
    const unheard = await findUnheard({ moves: work.moves, changes: work.rest }, report);
    return { changes: [...work.rest, ...unheard, ...work.parents], kept, undone };
  }

  /** Files that are others than those that were moved to their places, unless they are among the changes. */
  async function findUnheard(
    { moves, changes }: Batch,
    { landed, moved }: TreeReport,
  ): Promise<readonly Delay[]> {
    if (landed.size === 0) return [];
    const places = landings(moves.filter((_, index) => moved.has(index)));
    const source = createTreeView(spec.source);
    await lookAtAll(source, [...places.keys()]);
    const known = new Set(changes.map(({ path }) => path));
    const indices = new Map(moves.map((move, index) => [move, index]));
    const isUnheard = (path: BytePath, move: Delay): boolean =>
      !known.has(path) && isUnlike(fileAt(source, path), landed.get(indices.get(move) ?? -1));
    return [...places]
      .filter(([path, move]) => isUnheard(path, move))
      .map(([path, move]) => toUnheard(path, move));
  }

  /**
   * Of what is gone in the source an event will tell; of what the target did not say nothing can be told. Types are told apart by size and time only.
   * Symlinks made in the same tick of the clock have one time, and often one length: rsync compares what they say.
   */
  function isUnlike(wanted: ReturnType<typeof fileAt>, found: Landed | undefined): boolean {
    if (wanted === undefined || found === undefined) return false;
    if (wanted.stats.isSymbolicLink() || BigInt(wanted.stats.size) !== found.size) return true;
    return keepsTimes && !isSameTime(wanted.stats, found);
  }

  /** Moves that may have been done are only asked for again where that is harmless. What those brought that were done is not known to be right. */
  function scriptCutOff(
    { moves, gone, rest }: SshWork,
    {
      report,
      command,
      end,
    }: { readonly report: TreeReport; readonly command: Command; readonly end: ChildEnd },
  ): Outcome {
    const open = moves.filter((_, index) => !report.moved.has(index));
    const mayRepeat = mayRepeatMoves(moves);
    retriedMove = open[0];
    const unsure = landings(moves.filter((_, index) => report.moved.has(index)));
    const changes = [
      ...(mayRepeat ? [] : open.flatMap(moveAsChanges)),
      ...[...unsure].map(([path, move]) => toUnheard(path, move)),
      ...gone,
      ...rest,
    ];
    return again(command, { end, remaining: { moves: mayRepeat ? open : [], changes } });
  }

  function again(
    command: Command,
    { end, remaining }: { readonly end: ChildEnd; readonly remaining: Batch },
  ): Outcome {
    const reason = context.explainEnd(command, end);
    return { verdict: 'again', reason, exitCode: end.exitCode, remaining, rescan: [] };
  }

  function remote(what: Pick<RemoteScript, 'script' | 'stdin'>): Command {
    const script = `${cd}${what.script}`;
    return { ...ssh.toCommand({ ...what, script, host: spec.host }), keepsStdout: true };
  }

  function logDeletes(paths: readonly BytePath[]): void {
    if (paths.length > 0) log('Normal', `Deleting list\n${paths.map(toText).join('\n')}`);
  }

  function logMoves(
    moves: readonly Delay[],
    { report, exitCode }: { readonly report: TreeReport; readonly exitCode: number },
  ): void {
    for (const [index, move] of moves.entries()) {
      if (report.moved.has(index)) log('Normal', `Finished Move ${sourcePath(move)}: ${exitCode}`);
      else
        log(
          'Normal',
          `Cannot move ${shown(move.path)} at the target; sending ${shown(move.movedTo ?? '')} instead`,
        );
      log('Delay', `Finish of Move on ${sourcePath(move)} = ${exitCode}`);
    }
  }

  /** lsyncd writes source and path with both their slashes. */
  function sourcePath({ path }: Delay): string {
    return toText(spec.source + path);
  }

  function batchRetry(exitCode: number): string {
    if (retriedMove === undefined) return plain.batchRetry(exitCode);
    return `Retrying Move ${sourcePath(retriedMove)}: ${exitCode}`;
  }

  return { takesMoves: isPlain, sentences: { ...plain, batchRetry }, startup: () => sender.startup(), batch };
}

/** A delete changes the time of the directory it was in, which rsync then sets as its options say. */
function parentsOfDeleted(
  deletes: readonly BytePath[],
  { view, there }: { readonly view: TreeView; readonly there: readonly Delay[] },
): readonly Delay[] {
  const known = new Set(there.map(({ path }) => path));
  const parents = new Set(deletes.map(parentOf));
  return [...parents]
    .filter((path) => path !== undefined && view.has(path) && !known.has(path))
    .map((path) => ({ kind: 'Attrib', path: path ?? '/', status: 'active', dueMs: 0, whole: false }));
}

/** `/a/d/` as lsyncd shows it in a move: `a/d/`. */
function shown(path: BytePath): string {
  return toText(path.slice(1));
}

function asChanges({ moves, changes }: Batch): readonly Delay[] {
  return [...moves.flatMap(moveAsChanges), ...changes];
}

function byRsync(changes: readonly Delay[]): AfterSsh {
  return { changes, kept: [], undone: [] };
}

/** Moves that were not done come back as changes, by their own names: the queue follows them through the moves after them. */
function withRest(outcome: Outcome, { kept, undone }: AfterSsh): Outcome {
  const rest = [...undone.flatMap(moveAsChanges), ...kept];
  if (
    rest.length === 0 ||
    outcome.verdict === 'die' ||
    outcome.verdict === 'halt' ||
    outcome.verdict === 'no source'
  )
    return outcome;
  if (outcome.verdict === 'again') {
    return {
      ...outcome,
      remaining: { ...outcome.remaining, changes: [...rest, ...outcome.remaining.changes] },
    };
  }
  const [reason, exitCode] =
    kept.length > 0
      ? (['some paths could not be deleted at the target', PARTIAL] as const)
      : ([MOVES_UNDONE, 0] as const);
  return { verdict: 'again', reason, exitCode, remaining: { moves: [], changes: rest }, rescan: [] };
}
