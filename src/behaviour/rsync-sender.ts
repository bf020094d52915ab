// Brings the paths of a batch to a target with rsync. Shared by default.rsync, default.rsyncssh, and, for directories that are sent whole,
// default.direct.

import { isDirectoryPath, toText, withoutTrailingSlash } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import type { ChildEnd, Command } from '../run/command.ts';
import type { Outcome, Work } from './behaviour.ts';
import { haltByDeleteLimit, isOverDeleteLimit } from './delete-limit.ts';
import { withoutLeftBehind } from './left-behind.ts';
import { createQuickCheck } from './quick-check.ts';
import { companionsOf, newDirectories, NO_NEW_DIRECTORIES, type NewDirectories } from './new-directories.ts';
import { createRsyncForms, type FormOptions } from './rsync-forms.ts';
import { again, againAll, failedOf, joined, openOf, PARTIAL, type PartialEnd } from './rsync-partial.ts';
import { createRsyncStartup, type RsyncStartupOptions } from './rsync-startup.ts';
import { runCommand } from './run-command.ts';
import { createTreeView, isOtherEntry, lookAtAll, type TreeView } from './source-state.ts';
import { judge } from './verdict.ts';

export interface RsyncSender {
  /** The full sync. */
  startup(): Work;
  /** Sends what the source has at these paths now, but for what is left behind; `remaining` holds those changes that have to be sent again. */
  send(changes: readonly Delay[]): Work;
}

/** rsync's "some files vanished": a delete below a directory that is gone itself was perhaps not done. */
const VANISHED = 24;

/** rsync's "errors selecting input/output files": here, that the source itself is not there. */
const NO_SOURCE = 3;

/**
 * rsync's "protocol incompatibility": with a file list, that a listed directory became a file between two looks of the sending rsync
 * ("ABORTING due to invalid path from sender", which the sender may or may not hear). What really speaks another protocol fails at the full sync.
 */
const TORN = 2;

/** So much may be sent once more to save a second rsync, when only some files of a batch need --ignore-times. */
const SENT_ALONG_BYTES = 32 * 1024 * 1024;

interface Part extends FormOptions {
  readonly changes: readonly Delay[];
}

type PartOptions = FormOptions & { readonly view: TreeView };

export function createRsyncSender(options: RsyncStartupOptions): RsyncSender {
  const { spec, sentences, context } = options;
  const { log } = context;
  const quickCheck = createQuickCheck();
  const forms = createRsyncForms(options);
  /** Something went wrong with directories that were named alone: what it was is seen when each file is named. */
  let mustNameAll = false;

  async function* send(all: readonly Delay[]): Work {
    const view = context.looks?.view() ?? createTreeView(spec.source);
    if (!view.has('/'))
      return againAll(all, {
        reason: `Cannot read "${toText(spec.source)}": it is gone`,
        exitCode: NO_SOURCE,
      });
    const trees = await findTrees(all, view);
    const inTrees = new Set([...trees.directories, ...trees.files]);
    const others = inTrees.size === 0 ? all : all.filter((change) => !inTrees.has(change));
    await lookAtAll(
      view,
      others.map(({ path }) => path),
    );
    const changes = withoutLeftBehind(others, view);
    const listings = changes.filter(({ listing }) => listing === true);
    const why = listings.length === 0 ? undefined : await forms.whyNoListing(listings.length);
    if (why !== undefined) return instead([...inTrees, ...changes], why);
    const parts = partBatch(changes, { trees, view });
    const partial: PartialEnd[] = [];
    for (const [index, part] of parts.entries()) {
      const outcome = yield* sendPart(part.changes, { ...part, view });
      if (outcome.verdict === 'ok') continue;
      if (outcome.verdict !== 'again') return outcome;
      if (outcome.fullSync !== undefined) return instead([...inTrees, ...changes], outcome.fullSync);
      const isOfTrees = part.names !== undefined;
      mustNameAll ||= isOfTrees;
      if (outcome.exitCode !== PARTIAL || isOfTrees) {
        const left = parts.slice(index).flatMap((later) => later.changes);
        const exitCode = outcome.exitCode === PARTIAL ? 0 : outcome.exitCode;
        return againAll([...openOf(partial), ...left], { reason: outcome.reason, exitCode });
      }
      partial.push(outcome);
    }
    mustNameAll = false;
    const [first] = partial;
    return first === undefined ? { verdict: 'ok' } : joined(partial, first);
  }

  /** One rsync each: what goes the plain way, what must be sent though it looks unchanged, and whole trees. */
  function partBatch(
    changes: readonly Delay[],
    { trees, view }: { readonly trees: NewDirectories; readonly view: TreeView },
  ): readonly Part[] {
    quickCheck.now();
    // Removed and already made again: what was in it must go, and nobody has said what that was.
    const isWhole = (change: Delay): boolean => change.whole || isReplaced(change, view);
    const isFooled = ({ path, kind }: Delay): boolean => quickCheck.isFooledBy(view.look(path), kind);
    const whole = changes.filter(isWhole).flatMap((change) => toWhole(change, view));
    const isListing = (change: Delay): boolean =>
      change.listing === true && !isWhole(change) && view.has(change.path);
    const listings = changes.filter(isListing);
    const named = changes.filter((change) => !isWhole(change) && !isListing(change));
    const treePart = toTreePart(trees, { changes: named, view });
    const along = new Set(treePart?.changes);
    const listed = named.filter((change) => !along.has(change));
    const fooled = new Set(listed.filter(isFooled));
    const plain = listed.filter((change) => !fooled.has(change));
    const isTogether = fooled.size > 0 && totalSize(plain, view) <= SENT_ALONG_BYTES;
    const parts: readonly Part[] = [
      { changes: listings, comparison: 'quick', isListing: true },
      ...(treePart === undefined ? [] : [treePart]),
      { changes: isTogether ? [] : plain, comparison: 'quick' },
      { changes: isTogether ? listed : [...fooled], comparison: 'always' },
      // Another directory may have come with files of the same names, sizes and times.
      { changes: whole, comparison: 'content' },
    ];
    return parts.filter((part) => part.changes.length > 0);
  }

  /** None where rsync cannot be given them. */
  async function findTrees(changes: readonly Delay[], view: TreeView): Promise<NewDirectories> {
    const mayName = !mustNameAll && (await forms.mayNameTrees());
    return mayName ? newDirectories(changes, { source: spec.source, view }) : NO_NEW_DIRECTORIES;
  }

  /** Nothing in them is at the target, so all is sent; with what else is in the batch, if that is not much. */
  function toTreePart(
    trees: NewDirectories,
    { changes, view }: { readonly changes: readonly Delay[]; readonly view: TreeView },
  ): Part | undefined {
    if (trees.directories.length === 0) return undefined;
    const isMuch = totalSize(changes, view) > SENT_ALONG_BYTES;
    const companions = companionsOf(trees, {
      changes: isMuch ? [] : changes,
      view,
      hasRules: forms.hasRules,
    });
    return {
      changes: [...trees.directories, ...trees.files, ...companions.changes],
      names: [...trees.directories.map(({ path }) => withoutTrailingSlash(path)), ...companions.names],
      comparison: 'always',
    };
  }

  async function* sendPart(changes: readonly Delay[], part: PartOptions): Work {
    const form = await forms.choose(changes, part);
    const shown = form.shown.map(toText).join('\n');
    log('Normal', `Calling rsync with filter-list of new/modified files/dirs\n${shown}`);
    const began = quickCheck.now();
    const end = yield* runCommand(log, form.command);
    quickCheck.ranSince(began);
    log('Delay', 'collected a list');
    if (isOverDeleteLimit(spec, end)) {
      log('Delay', `Finished list = ${end.exitCode}`);
      return haltByDeleteLimit(spec);
    }
    if (forms.isRefused(form, end)) {
      const reason = context.explainEnd(form.command, end);
      log(
        'Warn',
        `${spec.name}: the other rsync does not take a file list (${reason}); using filter lists from now on`,
      );
      if (part.isListing === true) return instead(changes, 'the other rsync does not take a file list');
      return yield* sendPart(changes, part);
    }
    const isTorn = form.kind === 'file list' && end.exitCode === TORN;
    const reason = context.explainEnd(form.command, end);
    const outcome = isTorn
      ? againAll(changes, { reason, exitCode: PARTIAL })
      : batchOutcome(changes, { command: form.command, end });
    const isDoubtful = isTorn || end.exitCode === PARTIAL || end.exitCode === VANISHED;
    if (outcome.verdict === 'die' || !isDoubtful || !(await hasMovedOn(changes, part.view))) return outcome;
    return againAll(changes, { reason, exitCode: 0 });
  }

  /** Something came, went or became another thing after it was looked at: rsync stumbled over that, and it is no failure. */
  async function hasMovedOn(changes: readonly Delay[], before: TreeView): Promise<boolean> {
    const paths = changes.map(({ path }) => path);
    const now = createTreeView(spec.source);
    await lookAtAll(now, paths);
    const hasMoved = paths.some((path) => isOtherEntry(before.look(path), now.look(path)));
    if (hasMoved) context.looks?.forget();
    return hasMoved;
  }

  function batchOutcome(
    changes: readonly Delay[],
    { command, end }: { command: Command; end: ChildEnd },
  ): Outcome {
    const { exitCode } = end;
    const { verdict, isKnown } = judge(spec.rsyncExitCodes, end);
    if (verdict === 'ok') log('Normal', sentences.batchFinished(exitCode));
    const reason = verdict === 'ok' ? '' : context.explainEnd(command, end);
    if (verdict === 'die') for (const line of sentences.batchDies(exitCode, isKnown)) log('Error', line);
    log('Delay', `Finished list = ${exitCode}`);
    if (verdict === 'ok') return { verdict };
    if (verdict === 'die') return { verdict, reason, exitCode };
    const failed = exitCode === PARTIAL ? failedOf(options, { changes, end }) : undefined;
    return failed === undefined
      ? againAll(changes, { reason, exitCode })
      : again(failed, { reason, exitCode });
  }

  return { startup: createRsyncStartup(options, quickCheck), send };
}

/** A full sync does the listings; of each directory among them its own attributes are left, which is harmless. */
function instead(changes: readonly Delay[], fullSync: string): Outcome {
  const left = changes.map((change) => ({ ...change, listing: false }));
  return {
    verdict: 'again',
    reason: fullSync,
    exitCode: 0,
    remaining: { moves: [], changes: left },
    rescan: [],
    fullSync,
  };
}

function totalSize(changes: readonly Delay[], view: TreeView): number {
  return changes.reduce((sum, { path }) => {
    const seen = view.look(path);
    return seen.state === 'there' && seen.stats.isFile() ? sum + seen.stats.size : sum;
  }, 0);
}

/** A directory may be found where a file was seen last; and a file where the target still has a directory, with what is in it. */
function toWhole(change: Delay, view: TreeView): readonly Delay[] {
  const bare = withoutTrailingSlash(change.path);
  const directory: Delay = { ...change, whole: true, path: bare === '/' ? bare : `${bare}/` };
  return view.has(bare) && !view.has(directory.path)
    ? [directory, { ...directory, path: bare }]
    : [directory];
}

function isReplaced({ kind, path }: Delay, view: TreeView): boolean {
  return kind === 'Delete' && isDirectoryPath(path) && view.has(path);
}
