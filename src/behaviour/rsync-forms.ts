// How one rsync of a batch gets its paths: as a list of files, or, where that cannot be, as lsyncd's list of filters.

import { isUtf8, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import type { ChildEnd, Command } from '../run/command.ts';
import { toFilterList } from './filter-list.ts';
import {
  fileListCommand,
  filterListCommand,
  listingCommand,
  treeListCommand,
  type BatchOptions,
} from './rsync-commands.ts';
import { optionEffects } from './rsync-options.ts';
import type { RsyncStartupOptions } from './rsync-startup.ts';
import { lookAtAll, type Seen, type TreeView } from './source-state.ts';
import { toUserRules, toWholeRules } from './whole-rules.ts';

/** More listings than this at one time: a full sync does the same with less to say. */
const MAX_LISTINGS = 5000;

/** The user's rules stand in argv beside a listing; Linux takes 128 KiB a word and 2 MiB in all. */
const MAX_RULE_BYTES = 64 * 1024;

/** With one of these ends the other side may have refused an option of the file list. */
const REFUSAL_CODES: ReadonlySet<number> = new Set([1, 2, 4, 5, 12]);
const REFUSAL_TEXT = /unknown option|unrecognized option|configured to refuse|not supported|invalid option/i;

export interface FormOptions extends BatchOptions {
  /** Directories whose entries are to be compared; nothing else is among the changes then. */
  readonly isListing?: boolean;
  /** What rsync is given instead of the paths of all changes; directories among them with all below. */
  readonly names?: readonly BytePath[];
}

/** How one rsync of a batch gets its paths. */
export interface Form {
  readonly kind: 'file list' | 'filter list';
  readonly command: Command;
  /** What is shown in the log, one a line. */
  readonly shown: readonly BytePath[];
}

export interface RsyncForms {
  /** The user's rules may have to be told to rsync. */
  readonly hasRules: boolean;
  choose(changes: readonly Delay[], options: FormOptions & { readonly view: TreeView }): Promise<Form>;
  /** Why so many directories cannot be compared entry by entry; undefined: they can. */
  whyNoListing(count: number): Promise<string | undefined>;
  /** Whether `names` of the options is heeded. */
  mayNameTrees(): Promise<boolean>;
  /** Whether the other side does not know the options of the file list; if so, there will be none any more. */
  isRefused(form: Form, end: ChildEnd): boolean;
}

export function createRsyncForms(
  options: Pick<RsyncStartupOptions, 'spec' | 'target' | 'context'>,
): RsyncForms {
  const { spec, context } = options;
  const { isPlain } = optionEffects(spec.rsync);
  const userRules = toUserRules(spec.filters, spec.excludes);
  let isFileListRefused = false;

  async function choose(
    changes: readonly Delay[],
    { view, comparison, isListing, names }: FormOptions & { readonly view: TreeView },
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

  return {
    hasRules: userRules.length > 0,
    choose,
    whyNoListing,
    mayNameTrees: async () => areRulesArguments() && (await mayUseFileList()),
    isRefused(form, end) {
      const isRefused = form.kind === 'file list' && isRefusal(end);
      isFileListRefused ||= isRefused;
      return isRefused;
    },
  };
}

/** The root itself cannot stand in a file list without its content; any other path brings its attributes along. */
function fileListPaths(seen: readonly Seen[]): readonly BytePath[] {
  return seen.map(({ path }) => path).filter((path) => path !== '/');
}

function isRefusal(end: ChildEnd): boolean {
  return REFUSAL_CODES.has(end.exitCode) && REFUSAL_TEXT.test(end.stderr);
}
