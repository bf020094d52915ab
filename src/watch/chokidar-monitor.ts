// The portable monitor: chokidar, which asks the system by fs.watch, or by looking again and again (CHOKIDAR_USEPOLLING=1, for file
// systems that send no events). It knows less than inotify: no moves (a delete and a create), no end of writing, no attributes of
// directories, no names that are not UTF-8. test/watch/capabilities.ts has the whole table.

import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { Stats } from 'node:fs';
import type { FSWatcher } from 'chokidar';
import { fromText, isUtf8, toBuffer, toText } from '../byte-path.ts';
import type { BytePath } from '../byte-path.ts';
import { MachineError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createSweep } from './chokidar-sweep.ts';
import { listDirectory } from './list-directory.ts';
import type { FsEvent, Monitor, Watch, WatchOptions, WatchTrouble } from './monitor.ts';

export interface ChokidarMonitorOptions {
  readonly log: Log;
}

/** A monitor by chokidar, which is loaded at the first `watch()`. */
export function createChokidarMonitor(options: ChokidarMonitorOptions): Monitor {
  return new ChokidarMonitor(options.log);
}

/** A name that Node had to mend: the bytes it stands for are lost. */
const replacement = '\uFFFD';

class ChokidarMonitor implements Monitor {
  readonly name = 'chokidar';
  readonly #log: Log;
  readonly #watches = new Set<ChokidarWatch>();
  #isClosed = false;

  constructor(log: Log) {
    this.#log = log;
  }

  get size(): number {
    return [...this.watchedDirectories()].length;
  }

  *watchedDirectories(): Generator<readonly [number: number, path: BytePath]> {
    let number = 0;
    for (const watch of this.#watches) {
      for (const path of watch.directories()) yield [++number, path];
    }
  }

  async watch(options: WatchOptions): Promise<Watch> {
    const sentence = `Cannot watch "${toText(options.source)}"`;
    if (this.#isClosed) throw new MachineError(`${sentence}: the monitor is closed`);
    if (!isUtf8(options.source)) throw new MachineError(`${sentence}: its name is not UTF-8 (use inotify)`);
    checkDirectory(options.source, sentence);
    const watch = new ChokidarWatch(options, this.#log);
    this.#watches.add(watch);
    await watch.start();
    return {
      stop: () => {
        this.#watches.delete(watch);
        void watch.stop();
      },
    };
  }

  async drained(): Promise<void> {
    // Nobody can tell.
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#watches].map((watch) => watch.stop()));
    this.#watches.clear();
  }
}

/** chokidar waits in silence for a directory that is not there. */
function checkDirectory(source: BytePath, sentence: string): void {
  try {
    readdirSync(toBuffer(source));
  } catch (error) {
    throw new MachineError(`${sentence}: ${(error as Error).message}`, { cause: error });
  }
}

class ChokidarWatch {
  readonly #options: WatchOptions;
  readonly #log: Log;
  /** Text, without a trailing slash: how chokidar writes it. */
  readonly #source: string;
  #watcher: FSWatcher | undefined;
  #isReady = false;
  readonly #sweep = createSweep((paths) => this.#findMissed(paths));
  #stopping: Promise<void> | undefined;
  #burst: NodeJS.Immediate | undefined;
  readonly #unnameable = new Set<BytePath>();

  constructor(options: WatchOptions, log: Log) {
    this.#options = options;
    this.#log = log;
    this.#source = toText(options.source).replace(/(?<=.)\/+$/, '');
  }

  async start(): Promise<void> {
    const { watch } = await import('chokidar');
    if (this.#stopping !== undefined) return;
    const watcher = watch(this.#source, {
      ignoreInitial: true,
      followSymlinks: false,
      // Its idea of an atomic write leaves out names such as `a~` and `.a.swp`.
      atomic: false,
      ignored: (path, stats) => this.#isUnwanted(path, stats),
      ...(this.#options.subdirs ? undefined : { depth: 0 }),
    });
    this.#watcher = watcher;
    this.#listen(watcher);
    await new Promise<void>((resolve) => watcher.once('ready', resolve));
    this.#isReady = true;
    this.#lookForUnnameable('/', true);
  }

  /** Idempotent; nothing is told afterwards. */
  stop(): Promise<void> {
    this.#sweep.stop();
    if (this.#burst !== undefined) clearImmediate(this.#burst);
    this.#stopping ??= this.#watcher?.close() ?? Promise.resolve();
    return this.#stopping;
  }

  /** Absolute, with a trailing slash. */
  *directories(): Generator<BytePath> {
    if (this.#stopping !== undefined) return;
    for (const path of Object.keys(this.#watcher?.getWatched() ?? {})) {
      if (path === this.#source || path.startsWith(`${this.#source}/`)) yield fromText(`${path}/`);
    }
  }

  #listen(watcher: FSWatcher): void {
    watcher.on('add', (path, stats) => {
      // It reports the symlinks of the start, though it is asked not to.
      if (this.#isReady || stats?.isSymbolicLink() === false) {
        this.#tell(path, (at) => ({ kind: 'create', path: at }));
      }
    });
    watcher.on('addDir', (path) => this.#addedDirectory(path));
    watcher.on('change', (path, stats) => {
      this.#tell(path, (at) => ({ kind: 'modify', path: stats?.isDirectory() === true ? `${at}/` : at }));
    });
    watcher.on('unlink', (path) => {
      this.#tell(path, (at) => ({ kind: 'delete', path: at, movedOut: false }));
    });
    watcher.on('unlinkDir', (path) => this.#removedDirectory(path));
    watcher.on('error', (error) => this.#failed(error as NodeJS.ErrnoException));
    watcher.on('raw', (_event, name, details: unknown) => this.#raw(name, details));
  }

  #isUnwanted(path: string, stats: Stats | undefined): boolean {
    if (stats?.isDirectory() !== true || path === this.#source) return false;
    return this.#options.subdirs && !this.#options.wantsDirectory(`${this.#inside(path)}/`);
  }

  #addedDirectory(path: string): void {
    if (path === this.#source) return;
    this.#tell(path, (at) => ({ kind: 'create', path: `${at}/` }));
    if (!this.#options.subdirs) return;
    this.#lookForUnnameable(`${this.#inside(path)}/`, false);
    this.#sweep.later(path);
  }

  /** Tells of what is in these directories and was not told, or changed while nobody may have watched. */
  #findMissed(paths: ReadonlySet<string>): void {
    for (const path of paths) {
      for (const entry of entriesOf(fromText(`${path}/`))) {
        const child = `${path}/${toText(entry.name)}`;
        if (isUtf8(entry.name) && this.#sweep.isNews(child)) this.#missed(child, entry.isDirectory);
      }
    }
  }

  #missed(path: string, isDirectory: boolean): void {
    const at = this.#inside(path);
    this.#tell(path, () => ({ kind: 'create', path: isDirectory ? `${at}/` : at, found: true }));
    if (!isDirectory || !this.#options.wantsDirectory(`${at}/`)) return;
    this.#watcher?.add(path);
    this.#sweep.later(path);
    this.#lookForUnnameable(`${at}/`, false);
    this.#findMissed(new Set([path]));
  }

  #removedDirectory(path: string): void {
    if (path === this.#source) {
      this.#sourceGone();
      return;
    }
    this.#tell(path, (at) => ({ kind: 'delete', path: `${at}/`, movedOut: false }));
  }

  #sourceGone(): void {
    this.#tellTrouble({ kind: 'source-gone', reason: 'deleted or moved away' });
    void this.stop();
  }

  #failed(error: NodeJS.ErrnoException): void {
    const path = error.path?.startsWith(`${this.#source}/`) === true ? this.#inside(error.path) : '/';
    this.#tellTrouble({ kind: 'blind', path, code: error.code ?? error.message });
  }

  /** What fs.watch itself says: the only news of a name that chokidar then cannot stat, and of the end of the source. */
  #raw(name: string | undefined, details: unknown): void {
    const watched = (details as { readonly watchedPath?: string } | undefined)?.watchedPath;
    if (watched === this.#source && name === basename(watched) && !existsSync(watched)) this.#sourceGone();
    if (name?.includes(replacement) !== true || watched === undefined) return;
    const inside = this.#inside(watched);
    this.#lookForUnnameable(inside === '/' ? '/' : `${inside}/`, false);
  }

  /** Says once of each entry that is not UTF-8 that nothing will be seen of it. */
  #lookForUnnameable(directory: BytePath, below: boolean): void {
    if (this.#stopping !== undefined) return;
    const waiting = [directory];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for (const { name, isDirectory } of entriesOf(this.#options.source + at.slice(1))) {
        const path = isDirectory ? `${at}${name}/` : at + name;
        if (!isUtf8(name)) this.#tellUnnameable(path);
        else if (below && isDirectory && this.#options.subdirs && this.#options.wantsDirectory(path)) {
          waiting.push(path);
        }
      }
    }
  }

  #tellUnnameable(path: BytePath): void {
    if (this.#unnameable.has(path)) return;
    this.#unnameable.add(path);
    this.#tellTrouble({ kind: 'blind', path, code: 'EILSEQ' });
  }

  #inside(path: string): BytePath {
    return fromText(path.slice(this.#source.length)) || '/';
  }

  #tell(path: string, event: (at: BytePath) => FsEvent): void {
    if (this.#stopping !== undefined || path.includes(replacement)) return;
    const told = event(this.#inside(path));
    this.#sweep.told(path, told.kind);
    if (this.#log.isOn('Inotify')) this.#log('Inotify', `got event ${told.kind} ${path}`);
    this.#options.listener.onEvent(told);
    this.#scheduleBurstEnd();
  }

  #tellTrouble(trouble: WatchTrouble): void {
    if (this.#stopping !== undefined) return;
    this.#options.listener.onTrouble(trouble);
    this.#scheduleBurstEnd();
  }

  #scheduleBurstEnd(): void {
    this.#burst ??= setImmediate(() => {
      this.#burst = undefined;
      if (this.#stopping === undefined) this.#options.listener.onBurstEnd();
    });
  }
}

function entriesOf(path: BytePath): ReturnType<typeof listDirectory> {
  try {
    return listDirectory(path);
  } catch {
    return []; // Gone, or not ours to read: chokidar says so itself.
  }
}
