// The monitor of Linux: one inotify descriptor for all sources, read by a thread; the rest happens here, in the main thread.
// Knows the trees (one for each source, however many listeners it has) and puts the parts of inotify/ together.

import type { BytePath } from '../byte-path.ts';
import { toText } from '../byte-path.ts';
import { MachineError } from '../errors.ts';
import type { Log } from '../log.ts';
import { inotifyBits } from '../os/inotify.ts';
import { errnoCode } from '../os/libc.ts';
import type { InotifyMode } from '../config/sync-spec.ts';
import { Audience, createHearer } from './inotify/audience.ts';
import type { Hearer } from './inotify/audience.ts';
import * as dir from './inotify/directory.ts';
import type { Directory, Tree } from './inotify/directory.ts';
import { EventHandler } from './inotify/event-handler.ts';
import { createInotifyLog } from './inotify/inotify-log.ts';
import { Pump } from './inotify/pump.ts';
import { Barriers } from './inotify/barriers.ts';
import { startReader } from './inotify/reader.ts';
import type { Reader } from './inotify/reader.ts';
import { BlindRescans } from './inotify/blind-rescans.ts';
import { BlindSpots } from './inotify/blind-spots.ts';
import { Rescan } from './inotify/rescan.ts';
import { Walker } from './inotify/walker.ts';
import { WatchTable } from './inotify/watch-table.ts';
import { YoungWatches } from './inotify/young-watches.ts';
import type { Monitor, Watch, WatchOptions } from './monitor.ts';

export interface InotifyMonitorOptions {
  readonly log: Log;
  /** Bytes of events that may wait for the main thread; above it the kernel's queue overflows. Default 64 MiB. */
  readonly backlogLimitBytes?: number;
}

/** A monitor by inotify(7). Opens nothing before the first `watch()`. */
export function createInotifyMonitor(options: InotifyMonitorOptions): Monitor {
  return new InotifyMonitor(options);
}

const contentMask: Readonly<Record<InotifyMode, number>> = {
  CloseWrite: inotifyBits.closeWrite,
  Modify: inotifyBits.modify,
  'CloseWrite or Modify': inotifyBits.closeWrite | inotifyBits.modify,
};

const entryMask =
  inotifyBits.attrib | inotifyBits.create | inotifyBits.delete | inotifyBits.movedFrom | inotifyBits.movedTo;

/** What lives from the first `watch()` to `close()`, or to the end of the thread. */
interface Engine {
  readonly reader: Reader;
  readonly barriers: Barriers;
  readonly young: YoungWatches;
  readonly walker: Walker;
  readonly spots: BlindSpots;
  readonly blindRescans: BlindRescans;
  readonly pump: Pump;
  readonly table: WatchTable;
  readonly trees: Map<BytePath, Tree>;
  /** Of the `watch()` calls that are under way: what makes them fail. */
  readonly starting: Map<Hearer, (error: Error) => void>;
}

class InotifyMonitor implements Monitor {
  readonly name = 'inotify';
  readonly #options: InotifyMonitorOptions;
  #engine: Engine | undefined;
  #isClosed = false;

  constructor(options: InotifyMonitorOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#engine?.table.size ?? 0;
  }

  *watchedDirectories(): Generator<readonly [number: number, path: BytePath]> {
    for (const [wd, directory] of this.#engine?.table.entries() ?? []) {
      yield [wd, dir.absolutePathOf(directory)];
    }
  }

  async watch(options: WatchOptions): Promise<Watch> {
    const engine = this.#started(options.source);
    const tree = treeOf(engine, options.source);
    const hearer = createHearer(options);
    tree.mask |= entryMask | contentMask[options.inotifyMode];
    tryRoot(engine, tree);
    tree.audience.add(hearer);
    engine.reader.keepAlive(true);
    await new Promise<void>((resolve, reject) => {
      engine.starting.set(hearer, reject);
      engine.walker.afterwards(() => {
        engine.starting.delete(hearer);
        resolve();
      });
      engine.walker.look(tree.root, 'quiet');
      engine.spots.retell(tree);
      engine.pump.run();
    });
    if (tree.root.wd > dir.notWatched || engine.spots.has(tree.root))
      return { stop: () => leave(engine, tree, hearer) };
    leave(engine, tree, hearer);
    throw new MachineError(
      `Cannot watch "${toText(options.source)}": it is not a directory that can be read`,
    );
  }

  async drained(): Promise<void> {
    await this.#engine?.barriers.pass();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const engine = this.#engine;
    this.#engine = undefined;
    if (engine === undefined) return;
    end(engine);
    for (const fail of engine.starting.values())
      fail(new MachineError('Cannot watch: the monitor is closed'));
    await engine.reader.close();
  }

  #started(source: BytePath): Engine {
    const sentence = `Cannot watch "${toText(source)}"`;
    if (this.#isClosed) throw new MachineError(`${sentence}: the monitor is closed`);
    try {
      this.#engine ??= createEngine(this.#options, (error) => this.#failed(error));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const advice =
        code === 'EMFILE' ? ' (see fs.inotify.max_user_instances, or the limit of open files)' : '';
      throw new MachineError(`${sentence}: ${message}${advice}`, { cause: error });
    }
    return this.#engine;
  }

  /** The thread is gone: nothing is seen any more. Every listener must know; a later `watch()` starts another one. */
  #failed(error: Error): void {
    const engine = this.#engine;
    this.#engine = undefined;
    if (engine === undefined) return;
    const reason = `not watched any more: ${error.message}`;
    for (const tree of engine.trees.values()) {
      tree.audience.tellTrouble({ kind: 'source-gone', reason });
      tree.audience.endBurst();
    }
    end(engine);
    for (const fail of engine.starting.values()) fail(new MachineError(`Cannot watch: ${error.message}`));
  }
}

function createEngine(options: InotifyMonitorOptions, onFailure: (error: Error) => void): Engine {
  const { backlogLimitBytes } = options;
  const log = createInotifyLog(options.log);
  const trees = new Map<BytePath, Tree>();
  const table = new WatchTable();
  const reader = startReader({
    onEvents: (read) => pump.push(read),
    onFailure,
    ...(backlogLimitBytes === undefined ? undefined : { backlogLimitBytes }),
  });
  const onSourceGone = (root: Directory, reason: string): void => giveUp(engine, root, reason);
  const barriers = new Barriers(reader, () => pump.isIdle);
  const spots = new BlindSpots();
  const young = new YoungWatches({
    pass: () => barriers.pass(),
    check: (directory) => {
      walker.look(directory, 'check');
      pump.run();
    },
  });
  const walker = new Walker({
    reader,
    table,
    log,
    spots,
    onRootGone: (root) => onSourceGone(root, 'deleted'),
    onWatched: (directory) => young.watched(directory),
  });
  const rescan = new Rescan({ trees, walker, barriers, emptiedAt: () => pump.emptiedAt });
  const events = new EventHandler({
    table,
    walker,
    log,
    barriers,
    onSourceGone,
    onDirectoryMove: () => young.directoryMoved(),
    onWatchEnded: (directory) => young.watchEnded(directory),
    onOverflow: () => rescan.overflow(),
  });
  const pump = new Pump({
    walker,
    handle: (step) => events.handle(step),
    onHandled: (bytes) => reader.handled(bytes),
    onBurstEnd: () => {
      tellUnwatched(engine);
      blindRescans.schedule();
      for (const tree of trees.values()) tree.audience.endBurst();
    },
  });
  const blindRescans = new BlindRescans({ spots, walker, run: () => pump.run() });
  const starting = new Map<Hearer, (error: Error) => void>();
  const engine: Engine = {
    reader,
    barriers,
    young,
    walker,
    spots,
    blindRescans,
    pump,
    table,
    trees,
    starting,
  };
  return engine;
}

/** Says what is not watched, where that has changed. */
function tellUnwatched({ spots, table }: Engine): void {
  for (const [{ audience }, unwatched] of spots.takeNews()) {
    audience.tellTrouble({ kind: 'unwatched', unwatched, watched: table.size, missing: spots.size });
  }
}

function treeOf({ trees }: Engine, source: BytePath): Tree {
  const known = trees.get(source);
  if (known !== undefined) return known;
  const tree = dir.createTree(source, new Audience());
  trees.set(source, tree);
  return tree;
}

/** @throws MachineError when the source itself cannot be watched; what is below it may fail without an end to all */
function tryRoot({ reader, trees }: Engine, tree: Tree): void {
  const wd = reader.add(tree.source, tree.mask | inotifyBits.onlyDirectory | inotifyBits.maskAdd);
  // Without watches it is looked at from time to time.
  if (wd > 0 || errnoCode(-wd) === 'ENOSPC') return;
  if (tree.audience.isEmpty) trees.delete(tree.source);
  const code = errnoCode(-wd);
  const meaning = meanings[code] ?? 'the kernel refuses';
  throw new MachineError(`Cannot watch "${toText(tree.source)}": ${meaning} (${code})`);
}

const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'no such directory',
  ENOTDIR: 'not a directory',
  EACCES: 'no permission to read it',
};

/** The source is not where it was: nothing that its watches say would be true. A later `watch()` begins anew. */
function giveUp({ trees, walker }: Engine, root: Directory, reason: string): void {
  const { tree } = root;
  if (trees.get(tree.source) === tree) trees.delete(tree.source);
  walker.drop(root);
  tree.audience.tellTrouble({ kind: 'source-gone', reason });
  tree.audience.endBurst();
}

function leave(engine: Engine, tree: Tree, hearer: Hearer): void {
  if (hearer.stopped) return;
  tree.audience.remove(hearer);
  if (tree.audience.isEmpty) {
    if (engine.trees.get(tree.source) === tree) engine.trees.delete(tree.source);
    engine.walker.drop(tree.root);
  } else dropUnwanted(engine, tree);
  if (engine.trees.size === 0) engine.reader.keepAlive(false);
}

/** What only the one who left had wanted. */
function dropUnwanted({ walker }: Engine, tree: Tree): void {
  for (const directory of dir.withAllBelow(tree.root)) {
    const { parent, name } = directory;
    if (parent === undefined || tree.audience.wants(dir.pathOf(directory))) continue;
    walker.drop(directory);
    dir.hide(parent, name);
  }
}

/** No listener hears anything from now on. */
function end(engine: Engine): void {
  engine.pump.stop();
  engine.young.end();
  engine.blindRescans.end();
  engine.barriers.release();
  for (const { audience } of engine.trees.values()) {
    for (const hearer of audience.hearers) audience.remove(hearer);
  }
  engine.trees.clear();
}
