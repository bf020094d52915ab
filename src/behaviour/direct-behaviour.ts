// default.direct: a local target, kept with mv, rm and cp, many paths a process. The full sync goes by rsync, and so do
// directories that must be sent whole. Symlinks stay symlinks, nothing is written through one, what fails is said and tried again.

import { mkdirSync } from 'node:fs';
import {
  isDirectoryPath,
  parentOf,
  toBuffer,
  toText,
  withoutTrailingSlash,
  type BytePath,
} from '../byte-path.ts';
import type { DirectSpec } from '../config/sync-spec.ts';
import type { Batch, Delay } from '../queue/delay.ts';
import type { ChildEnd, Command } from '../run/command.ts';
import type { Behaviour, Outcome, Work } from './behaviour.ts';
import type { BehaviourContext } from './context.ts';
import { createDeleteCount, haltByDeleteLimit } from './delete-limit.ts';
import { setAttributes } from './direct-attributes.ts';
import { isSameEntry, planDirect, type DirectPlan } from './direct-plan.ts';
import { combine, createTrouble, note, noteEnd, type Trouble } from './direct-trouble.ts';
import { moveAsChanges, touchedByMoves } from './moves.ts';
import { deletesWhileRunning } from './rsync-commands.ts';
import { optionEffects } from './rsync-options.ts';
import { createRsyncSender } from './rsync-sender.ts';
import { runCommand } from './run-command.ts';
import { plainSentences } from './sentences.ts';
import { createTreeView, isOtherEntry, lookAtAll, type TreeView } from './source-state.ts';
import {
  parseTreeReport,
  relative,
  treeScriptInput,
  xargsWords,
  type TreeReport,
  type TreeWork,
} from './tree-script.ts';

/** rsync's "error in file I/O": here, that the target or the source directory is not there. */
const NO_DIRECTORY = 11;

/** GNU cp: attributes kept, symlinks and fifos as such, parents' names kept, never written through what lies there. */
const CP_WORDS = ['cp', '-pPR', '--parents', '--remove-destination', '-t'];

interface Looking {
  readonly source: TreeView;
  readonly trouble: Trouble;
}

/** What is to be done after the moves and the deletes. */
interface AfterScript {
  readonly changes: readonly Delay[];
  /** Directories of which everything must be looked at. */
  readonly wholes: readonly Delay[];
  /** Origins of moves that were not done; the source does not have them. */
  readonly leftovers: readonly BytePath[];
  /** Directories in which something was moved or deleted. */
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
    const trouble = createTrouble(createDeleteCount(spec));
    const { changes, wholes, leftovers, touched } = yield* moveAndDelete(whole, { source, trouble });
    if (trouble.isTooMuchDeleted) return haltByDeleteLimit(spec);
    const plan = await planDirect(changes, { source, target: viewTarget(), copiesSpecials });
    yield* makeRoom(plan, { leftovers, trouble });
    if (trouble.isTooMuchDeleted) return haltByDeleteLimit(spec);
    makeDirectories(plan, trouble);
    yield* copyFiles(plan, { source, trouble });
    const sent: Outcome = wholes.length > 0 ? yield* sender.send(wholes) : { verdict: 'ok' };
    await setAttributes([...plan.attributes, ...touched], {
      roots: spec,
      source,
      target: viewTarget(),
      copyAttributes: context.copyAttributes,
      trouble,
      hasMovedOn: (path) => hasMovedOn(path, source),
    });
    for (const { kind, path } of [...whole.moves, ...whole.changes]) {
      log(
        'Delay',
        `Finish of ${kind} on ${toText(spec.source + path)} = ${trouble.paths.has(withoutTrailingSlash(path)) ? 1 : 0}`,
      );
    }
    return combine(sent, { whole, trouble });
  }

  async function* moveAndDelete(
    batchNow: Batch,
    { source, trouble }: Looking,
  ): AsyncGenerator<Command, AfterScript, ChildEnd> {
    const { changes } = batchNow;
    await lookAtAll(
      source,
      changes.map(({ path }) => path),
    );
    const target = viewTarget();
    const moves = batchNow.moves.filter(({ path, movedTo = path }) => !isLinkedAway(target, [path, movedTo]));
    const report = yield* runTreeScript({ moves, deletes: [], times: [] }, trouble);
    const deletes = yield* deleteGone(changes, { source, trouble });
    const moved = new Set(moves.filter((_, index) => report.moved.has(index)));
    const unmoved = batchNow.moves.filter((move) => !moved.has(move)).flatMap(moveAsChanges);
    const isWhole = ({ kind, path, whole }: Delay): boolean =>
      whole || (kind === 'Delete' && isDirectoryPath(path) && source.has(path));
    const todo = [...unmoved, ...changes];
    return {
      changes: todo.filter((change) => !isWhole(change)),
      wholes: todo.filter(isWhole).map((change) => ({ ...change, whole: true })),
      leftovers: unmoved.map(({ path }) => path).filter((path) => source.look(path).state === 'missing'),
      touched: [
        ...touchedByMoves(batchNow.moves),
        ...deletes.map(parentOf).filter((parent) => parent !== undefined),
      ],
    };
  }

  /** After the moves: a path that is gone may have come to its place with one of them. Returns what was to be deleted. */
  async function* deleteGone(
    changes: readonly Delay[],
    { source, trouble }: Looking,
  ): AsyncGenerator<Command, readonly BytePath[], ChildEnd> {
    if (!mayDelete) return [];
    const gone = changes.map(({ path }) => source.look(path)).filter(({ state }) => state === 'missing');
    const target = viewTarget();
    const deletes = [...new Set(gone.map(({ path }) => path))].filter((path) => target.has(path));
    yield* remove(deletes, trouble);
    return deletes;
  }

  async function* remove(
    paths: readonly BytePath[],
    trouble: Trouble,
  ): AsyncGenerator<Command, void, ChildEnd> {
    trouble.isTooMuchDeleted = !trouble.deleted.allows(paths.map((path) => spec.target + path.slice(1)));
    if (trouble.isTooMuchDeleted) return;
    const report = yield* runTreeScript({ moves: [], deletes: paths, times: [] }, trouble);
    if (report.isSomethingKept) noteKept(paths, trouble);
  }

  async function* runTreeScript(
    work: TreeWork,
    trouble: Trouble,
  ): AsyncGenerator<Command, TreeReport, ChildEnd> {
    if (work.moves.length === 0 && work.deletes.length === 0) return parseTreeReport('');
    const args = xargsWords({ mayDelete });
    const cwd = toText(spec.target);
    const command: Command = { binary: 'xargs', args, stdin: treeScriptInput(work), cwd, keepsStdout: true };
    const end = yield* runCommand(log, command);
    log('Delay', 'collected an event');
    const report = parseTreeReport(end.stdout ?? '');
    if (end.exitCode === 0) return report;
    noteEnd(trouble, { end, reason: context.explainEnd(command, end) });
    return { ...report, isSomethingKept: true };
  }

  function noteKept(deletes: readonly BytePath[], trouble: Trouble): void {
    const target = viewTarget();
    const kept = deletes.filter((path) => target.has(path));
    for (const path of kept) trouble.paths.add(path);
    if (kept.length > 0) trouble.reasons.push(`Cannot delete "${toText(kept[0] ?? '')}" at the target`);
  }

  /** Removes what lies where something of another kind must come, and the origins of moves that were not done. */
  async function* makeRoom(
    { conflicts }: DirectPlan,
    { leftovers, trouble }: { readonly leftovers: readonly BytePath[]; readonly trouble: Trouble },
  ): AsyncGenerator<Command, void, ChildEnd> {
    if (!mayDelete) {
      for (const path of conflicts) trouble.paths.add(path);
      const [first] = conflicts;
      if (first !== undefined) {
        trouble.reasons.push(`Cannot replace "${toText(first)}" at the target: deleting is switched off`);
      }
      return;
    }
    const target = viewTarget();
    const paths = [...conflicts, ...leftovers].filter((path) => target.has(path));
    yield* remove(paths, trouble);
  }

  function makeDirectories({ directories }: DirectPlan, trouble: Trouble): void {
    for (const path of directories) {
      const directory = spec.target + path.slice(1);
      if (log.isOn('Exec')) log('Exec', `mkdir [--] [${toText(directory)}]`);
      try {
        mkdirSync(toBuffer(directory));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') note(trouble, { path, error });
      }
    }
  }

  async function* copyFiles(
    { copies }: DirectPlan,
    { source, trouble }: Looking,
  ): AsyncGenerator<Command, void, ChildEnd> {
    const paths = [...copies].filter((path) => !trouble.paths.has(path));
    if (paths.length === 0) return;
    const stdin = toBuffer(paths.map((path) => `${relative(path)}\0`).join(''));
    const args = ['-0', ...CP_WORDS, toText(spec.target), '--'];
    const command: Command = { binary: 'xargs', args, stdin, cwd: toText(spec.source) };
    const end = yield* runCommand(log, command);
    log('Delay', 'collected an event');
    if (end.exitCode === 0) return;
    const failed = await findUncopied(paths, source);
    for (const path of failed) {
      trouble.paths.add(path);
      if (hasMovedOn(path, source)) trouble.movedOn.add(path);
    }
    if (failed.length > 0) noteEnd(trouble, { end, reason: context.explainEnd(command, end) });
  }

  /** A path that has vanished from the source since is none of them. */
  async function findUncopied(paths: readonly BytePath[], before: TreeView): Promise<readonly BytePath[]> {
    const now = createTreeView(spec.source);
    const target = viewTarget();
    await lookAtAll(now, paths);
    await lookAtAll(target, paths);
    return paths.filter(
      (path) => now.has(path) && !isSameEntry(now.look(path), target.look(path)) && before.has(path),
    );
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

/** Whether a path would lead out of the target: one of its parents there is a symlink (or a file). */
function isLinkedAway(target: TreeView, paths: readonly BytePath[]): boolean {
  return paths.some((path) => {
    const seen = target.look(path);
    return seen.state === 'there' && seen.path !== withoutTrailingSlash(path);
  });
}
