// default.direct: a local target, kept by a thread of the daemon that moves, deletes and copies (src/run/file-work/). The full sync goes by rsync,
// and so do directories that must be sent whole. Symlinks stay symlinks and are never followed; what fails is said and tried again.

import { isDirectoryPath, parentOf, toText, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { DirectSpec } from '../config/sync-spec.ts';
import { landings, touchedByMoves } from '../after-moves.ts';
import type { Batch, Delay } from '../queue/delay.ts';
import type { ChildEnd, Command } from '../run/command.ts';
import type { FileOperation, FileProblem } from '../run/file-work/file-work.ts';
import type { Behaviour, Outcome, Work } from './behaviour.ts';
import type { BehaviourContext } from './context.ts';
import { createDeleteCount, haltByDeleteLimit } from './delete-limit.ts';
import { attributesInOrder } from './direct-attributes.ts';
import { planDirect, type DirectPlan } from './direct-plan.ts';
import { combine, createTrouble, noteEnd, noteProblem, noteUntried, type Trouble } from './direct-trouble.ts';
import { isUnlikeSource, toUnheard } from './landed-files.ts';
import { withoutLeftBehind } from './left-behind.ts';
import { deletesWhileRunning } from './rsync-commands.ts';
import { optionEffects } from './rsync-options.ts';
import { createRsyncSender } from './rsync-sender.ts';
import { runCommand } from './run-command.ts';
import { plainSentences } from './sentences.ts';
import { createTreeView, isOtherEntry, lookAtAll, type TreeView } from './source-state.ts';

/** rsync's "error in file I/O": here, that the target or the source directory is not there. */
const NO_DIRECTORY = 11;

type Steps<Result> = AsyncGenerator<Command, Result, ChildEnd>;

interface Looking {
  readonly source: TreeView;
  readonly trouble: Trouble;
}

/** What is to be done after the moves and the deletes. */
interface AfterMoves {
  readonly changes: readonly Delay[];
  /** Directories of which everything must be looked at, or all entries; the latter are among the changes too. */
  readonly forRsync: readonly Delay[];
  /** Those among all these that no event has told. */
  readonly unheard: readonly Delay[];
  /** Moves that have to be done another way. */
  readonly undone: readonly Delay[];
  /** Directories in which something was moved or deleted, at the source at least. */
  readonly touched: readonly BytePath[];
}

export function createDirectBehaviour(spec: DirectSpec, context: BehaviourContext): Behaviour {
  const { log } = context;
  const sentences = plainSentences(spec.source);
  const sender = createRsyncSender({ spec, target: spec.target, sentences, context });
  const { followsTargetDirectoryLinks } = optionEffects(spec.rsync);
  const mayDelete = deletesWhileRunning(spec);
  const copiesSpecials = /[aD]/.test(spec.rsync.shortFlags);

  const viewTarget = (): TreeView =>
    createTreeView(spec.target, { followDirectoryLinks: followsTargetDirectoryLinks });

  async function* batch(whole: Batch): Work {
    const source = createTreeView(spec.source);
    for (const root of [source, viewTarget()]) {
      if (!root.has('/')) return rootIsGone(root === source ? spec.source : spec.target, whole);
    }
    const looking = { source, trouble: createTrouble(createDeleteCount(spec)) };
    const { trouble } = looking;
    const { changes, forRsync, touched, undone, unheard } = yield* moveAndDelete(whole, looking);
    if (trouble.isTooMuchDeleted) return haltByDeleteLimit(spec);
    const plan = await planDirect(changes, { source, target: viewTarget(), copiesSpecials });
    const room = makeRoom(plan, trouble);
    if (room === undefined) return haltByDeleteLimit(spec);
    const directories = [...plan.directories].map((path) => ({ kind: 'directory', path }) as const);
    const copies = [...plan.copies].map((path) => ({ kind: 'copy', path }) as const);
    const attributes = attributesInOrder([...plan.attributes, ...touched], source);
    const work = [...room, ...directories, ...copies.filter(({ path }) => !trouble.paths.has(path))];
    yield* doFiles(forRsync.length > 0 ? work : [...work, ...attributes], looking);
    const sent: Outcome = forRsync.length > 0 ? yield* sender.send(forRsync) : { verdict: 'ok' };
    if (forRsync.length > 0) yield* doFiles(attributes, looking);
    for (const { kind, path } of [...whole.moves, ...whole.changes]) {
      log(
        'Delay',
        `Finish of ${kind} on ${toText(spec.source + path)} = ${trouble.paths.has(withoutTrailingSlash(path)) ? 1 : 0}`,
      );
    }
    return combine(sent, { whole: { ...whole, changes: [...whole.changes, ...unheard] }, trouble, undone });
  }

  async function* moveAndDelete(batchNow: Batch, { source, trouble }: Looking): Steps<AfterMoves> {
    await lookAtAll(
      source,
      batchNow.changes.map(({ path }) => path),
    );
    const changes = withoutLeftBehind(batchNow.changes, source);
    const undone = new Set(yield* doMoves(batchNow.moves, trouble));
    const moved = batchNow.moves.filter((move) => !undone.has(move));
    const unheard = await findUnheard({ moves: moved, changes }, source);
    const gone = yield* deleteGone(changes, { source, trouble });
    const isWhole = ({ kind, path, whole }: Delay): boolean =>
      whole || (kind === 'Delete' && isDirectoryPath(path) && source.has(path));
    const todo = [...changes, ...unheard];
    return {
      undone: [...undone],
      unheard,
      changes: todo.filter((change) => !isWhole(change)),
      forRsync: [
        ...todo.filter((change) => change.listing === true && !isWhole(change)),
        ...todo.filter(isWhole).map((change) => ({ ...change, whole: true })),
      ],
      touched: [
        ...touchedByMoves(batchNow.moves),
        ...gone.map(parentOf).filter((parent) => parent !== undefined),
      ],
    };
  }

  /** Returns those that were not done: that is no failure. */
  async function* doMoves(moves: readonly Delay[], trouble: Trouble): Steps<readonly Delay[]> {
    const operations = moves.map(({ path, movedTo: to = path }) => ({ kind: 'move', path, to }) as const);
    const { problems, tried } = yield* runFiles(operations, trouble);
    const failed = new Set(problems.map(({ index }) => index));
    return moves.filter((_, index) => index >= tried || failed.has(index));
  }

  /** Files that are others than those that were moved to their places, unless they are among the changes. */
  async function findUnheard({ moves, changes }: Batch, source: TreeView): Promise<readonly Delay[]> {
    const landed = landings(moves);
    await lookAtAll(source, [...landed.keys()]);
    const known = new Set(changes.map(({ path }) => path));
    const target = viewTarget();
    const isUnheard = (path: BytePath): boolean =>
      !known.has(path) && isUnlikeSource(path, { source, target, roots: spec });
    return [...landed].filter(([path]) => isUnheard(path)).map(([path, move]) => toUnheard(path, move));
  }

  /** After the moves: a path that is gone may have come to its place with one of them. Returns what is gone, whether the target had it or not. */
  async function* deleteGone(changes: readonly Delay[], looking: Looking): Steps<readonly BytePath[]> {
    if (!mayDelete) return [];
    const gone = changes
      .map(({ path }) => looking.source.look(path))
      .filter(({ state }) => state === 'missing');
    const target = viewTarget();
    const paths = [...new Set(gone.map(({ path }) => path))];
    const removals = toRemovals(
      paths.filter((path) => target.has(path)),
      looking.trouble,
    );
    yield* doFiles(removals, looking);
    return paths;
  }

  /** None when more would be deleted than may be. */
  function toRemovals(paths: readonly BytePath[], trouble: Trouble): readonly FileOperation[] {
    trouble.isTooMuchDeleted = !trouble.deleted.allows(paths.map((path) => spec.target + path.slice(1)));
    return trouble.isTooMuchDeleted ? [] : paths.map((path) => ({ kind: 'remove', path }));
  }

  /** Removes what lies where something of another kind must come; undefined: may not. */
  function makeRoom({ conflicts }: DirectPlan, trouble: Trouble): readonly FileOperation[] | undefined {
    if (!mayDelete) {
      for (const path of conflicts) trouble.paths.add(path);
      const [first] = conflicts;
      if (first !== undefined) {
        trouble.reasons.push(`Cannot replace "${toText(first)}" at the target: deleting is switched off`);
      }
      return [];
    }
    const target = viewTarget();
    const removals = toRemovals(
      [...conflicts].filter((path) => target.has(path)),
      trouble,
    );
    return trouble.isTooMuchDeleted ? undefined : removals;
  }

  /** What fails, or has no turn any more, is in trouble. */
  async function* doFiles(operations: readonly FileOperation[], { source, trouble }: Looking): Steps<void> {
    const { problems, tried } = yield* runFiles(operations, trouble);
    noteUntried(trouble, operations.slice(tried));
    for (const problem of problems) {
      const operation = operations[problem.index];
      if (operation === undefined) continue;
      const path = withoutTrailingSlash(operation.path);
      noteProblem(trouble, {
        operation,
        problem,
        hasMovedOn: problem.isUnsteady || hasMovedOn(path, source),
      });
    }
  }

  async function* runFiles(
    operations: readonly FileOperation[],
    trouble: Trouble,
  ): Steps<{ readonly tried: number; readonly problems: readonly FileProblem[] }> {
    if (operations.length === 0) return { tried: 0, problems: [] };
    const { source, target } = spec;
    const files = { source, target, followsTargetLinks: followsTargetDirectoryLinks, mayDelete, operations };
    const command: Command = { binary: 'direct', args: [], files };
    const end = yield* runCommand(log, command);
    log('Delay', 'collected an event');
    const { files: result = { tried: 0, problems: [] } } = end;
    if (result.tried < operations.length) noteEnd(trouble, { end, reason: context.explainEnd(command, end) });
    return result;
  }

  /** Whether the source has another thing there than when the batch looked. */
  function hasMovedOn(path: BytePath, before: TreeView): boolean {
    return isOtherEntry(before.look(path), createTreeView(spec.source).look(path));
  }

  return { takesMoves: true, sentences, startup: () => sender.startup(), batch };
}

function rootIsGone(root: BytePath, remaining: Batch): Outcome {
  const reason = `Cannot reach "${toText(root)}": it is not there`;
  return { verdict: 'again', reason, exitCode: NO_DIRECTORY, remaining, rescan: [] };
}
