// Brings the paths of a batch to a target with rsync. Shared by default.rsync, default.rsyncssh, and, for directories that are sent whole,
// default.direct.

import { isDirectoryPath, isUtf8, toText, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import type { ChildEnd, Command } from '../run/command.ts';
import type { Outcome, Work } from './behaviour.ts';
import { haltByDeleteLimit, isOverDeleteLimit } from './delete-limit.ts';
import { toFilterList } from './filter-list.ts';
import { withoutLeftBehind } from './left-behind.ts';
import { createQuickCheck } from './quick-check.ts';
import { companionsOf, newDirectories, NO_NEW_DIRECTORIES, type NewDirectories } from './new-directories.ts';
import {
  fileListCommand,
  filterListCommand,
  listingCommand,
  treeListCommand,
  type BatchOptions,
} from './rsync-commands.ts';
import { optionEffects } from './rsync-options.ts';
import { again, againAll, failedOf, joined, openOf, PARTIAL, type PartialEnd } from './rsync-partial.ts';
import { createRsyncStartup, type RsyncStartupOptions } from './rsync-startup.ts';
import { runCommand } from './run-command.ts';
import { createTreeView, isOtherEntry, lookAtAll, type Seen, type TreeView } from './source-state.ts';
import { judge } from './verdict.ts';
import { toUserRules, toWholeRules } from './whole-rules.ts';

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

/** More listings than this at one time: a full sync does the same with less to say. */
const MAX_LISTINGS = 5000;

/** The user's rules stand in argv beside a listing; Linux takes 128 KiB a word and 2 MiB in all. */
const MAX_RULE_BYTES = 64 * 1024;

/** With one of these ends the other side may have refused an option of the file list. */
const REFUSAL_CODES: ReadonlySet<number> = new Set([1, 2, 4, 5, 12]);
const REFUSAL_TEXT = /unknown option|unrecognized option|configured to refuse|not supported|invalid option/i;

interface Part extends BatchOptions {
  readonly changes: readonly Delay[];
  /** Directories whose entries are to be compared; no other part has such. */
  readonly isListing?: boolean;
  /** What rsync is given instead of the paths of all changes; directories among them with all below. */
  readonly names?: readonly BytePath[];
}

type PartOptions = Omit<Part, 'changes'> & { readonly view: TreeView };

/** How one rsync of a batch gets its paths. */
interface Form {
  readonly kind: 'file list' | 'filter list';
  readonly command: Command;
  /** What is shown in the log, one a line. */
  readonly shown: readonly BytePath[];
}

export function createRsyncSender(options: RsyncStartupOptions): RsyncSender {
  const { spec, sentences, context } = options;
  const { log } = context;
  const quickCheck = createQuickCheck();
  const { isPlain } = optionEffects(spec.rsync);
  const userRules = toUserRules(spec.filters, spec.excludes);
  let isFileListRefused = false;
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
    const why = listings.length === 0 ? undefined : await whyNoListing(listings.length);
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
    const mayName = !mustNameAll && areRulesArguments() && (await mayUseFileList());
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
      hasRules: userRules.length > 0,
    });
    return {
      changes: [...trees.directories, ...trees.files, ...companions.changes],
      names: [...trees.directories.map(({ path }) => withoutTrailingSlash(path)), ...companions.names],
      comparison: 'always',
    };
  }

  async function* sendPart(changes: readonly Delay[], part: PartOptions): Work {
    const form = await chooseForm(changes, part);
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
    if (form.kind === 'file list' && isRefusal(end)) {
      isFileListRefused = true;
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

  async function chooseForm(
    changes: readonly Delay[],
    { view, comparison, isListing, names }: PartOptions,
  ): Promise<Form> {
    if (isListing === true) {
      const shown = changes.map(({ path }) => path);
      return {
        kind: 'file list',
        shown,
        command: listingCommand(options, { paths: shown, rules: userRules }),
      };
    }
    if (names !== undefined && (await mayUseFileList())) {
      const shown = changes.map(({ path }) => withoutTrailingSlash(path));
      const command = treeListCommand(options, { paths: names, rules: userRules, comparison });
      return { kind: 'file list', shown, command };
    }
    const isWhole = changes.some(({ whole }) => whole);
    const paths = fileListPaths(
      await lookAtAll(
        view,
        changes.map(({ path }) => path),
      ),
    );
    if (paths.length > 0 && !isWhole && (await mayUseFileList())) {
      return { kind: 'file list', shown: paths, command: fileListCommand(options, { paths, comparison }) };
    }
    const isThere = (path: BytePath): boolean => view.has(path);
    const closes = userRules.length === 0 || !isWhole;
    const patterns = closes ? toFilterList(changes, isThere) : toWholeRules(changes, { isThere, userRules });
    return {
      kind: 'filter list',
      shown: patterns,
      command: filterListCommand(options, { patterns, closes, comparison }),
    };
  }

  /** Why so many directories cannot be compared entry by entry; undefined: they can. */
  async function whyNoListing(count: number): Promise<string | undefined> {
    if (count > MAX_LISTINGS) return `${count} directories would have to be compared`;
    if (!(await mayUseFileList())) return 'this rsync cannot compare single directories';
    return areRulesArguments() ? undefined : 'its rules cannot be arguments of rsync';
  }

  function areRulesArguments(): boolean {
    const bytes = userRules.reduce((sum, rule) => sum + rule.length, 0);
    return bytes <= MAX_RULE_BYTES && userRules.every(isUtf8);
  }

  async function mayUseFileList(): Promise<boolean> {
    if (isFileListRefused || !isPlain || spec.rsync.fileList === false) return false;
    return spec.rsync.fileList === true || (await context.capability(spec.rsync.binary)).fileList;
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

/** The root itself cannot stand in a file list without its content; any other path brings its attributes along. */
function fileListPaths(seen: readonly Seen[]): readonly BytePath[] {
  return seen.map(({ path }) => path).filter((path) => path !== '/');
}

function isRefusal(end: ChildEnd): boolean {
  return REFUSAL_CODES.has(end.exitCode) && REFUSAL_TEXT.test(end.stderr);
}
