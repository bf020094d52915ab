// The modelled source with its monitor: what users do, what the kernel says of it, and when that is delivered. As with inotify
// an event names a watched directory by identity, and its path is what the monitor takes that directory for when the event is
// delivered; what happens in a directory that is not watched is not said, but found when it is listed.

import type { BytePath } from '../../src/byte-path.ts';
import type { FsEvent } from '../../src/watch/monitor.ts';
import {
  below,
  createDirectory,
  createFile,
  elementsOf,
  lastElement,
  lookup,
  parentDirectory,
  type DirectoryNode,
  type TreeNode,
} from './model-tree.ts';

interface Place {
  readonly parent: DirectoryNode;
  readonly name: string;
}

type KernelEvent = SourceEvent | Gap;

/** `overflow` stands where the first event was lost, `mark` behind all that were not. */
interface Gap {
  readonly kind: 'overflow' | 'mark';
}

type SourceEvent =
  | {
      readonly kind: 'create' | 'modify' | 'attrib' | 'delete' | 'movedOut';
      readonly at: Place;
      readonly isDirectory: boolean;
    }
  | { readonly kind: 'move'; readonly at: Place; readonly to: Place; readonly isDirectory: boolean };

export class ModelSource {
  readonly root: DirectoryNode = createDirectory();
  readonly #buffer: KernelEvent[] = [];
  /** Where the monitor takes each watched directory to be: `''` is the root. */
  readonly #believed = new Map<DirectoryNode, BytePath>([[this.root, '']]);
  /** Directories that were gone when they were to be watched: looked at again when they move. */
  readonly #unlisted = new Set<BytePath>();
  /** When each file or directory last changed: its ctime. */
  readonly #changed = new WeakMap<TreeNode, number>();
  #version = 0;
  #clock = 0;
  #toLose = 0;
  #lostSince: number | undefined;
  /** Since when the monitor knows too little; undefined = it knows all. */
  #unknownSince: number | undefined;

  get undelivered(): number {
    return this.#buffer.length;
  }

  /** The queue of the kernel is full: so many events to come are lost. */
  lose(count: number): void {
    this.#toLose += count;
  }

  write(path: BytePath): void {
    const at = this.#placeOf(path);
    const known = lookup(this.root, path);
    if (at === undefined || known?.type === 'directory') return;
    if (known === undefined) {
      const file = createFile(++this.#version);
      at.parent.children.set(at.name, file);
      this.#touch(file, at.parent);
      this.#say({ kind: 'create', at, isDirectory: false });
    } else {
      known.content = ++this.#version;
      this.#touch(known);
    }
    this.#say({ kind: 'modify', at, isDirectory: false });
  }

  makeDirectory(path: BytePath): void {
    const at = this.#placeOf(path);
    if (at === undefined || lookup(this.root, path) !== undefined) return;
    const directory = createDirectory();
    at.parent.children.set(at.name, directory);
    this.#touch(directory, at.parent);
    this.#say({ kind: 'create', at, isDirectory: true });
  }

  changeAttributes(path: BytePath): void {
    const at = this.#placeOf(path);
    const node = lookup(this.root, path);
    if (at === undefined || node === undefined) return;
    node.attributes = ++this.#version;
    this.#touch(node);
    this.#say({ kind: 'attrib', at, isDirectory: node.type === 'directory' });
  }

  /** `rm -r`: each entry is said. */
  remove(path: BytePath): void {
    const at = this.#placeOf(path);
    const node = lookup(this.root, path);
    if (at === undefined || node === undefined) return;
    if (node.type === 'directory') for (const name of node.children.keys()) this.remove(`${path}/${name}`);
    at.parent.children.delete(at.name);
    this.#touch(at.parent);
    this.#say({ kind: 'delete', at, isDirectory: node.type === 'directory' });
  }

  /** rename(2) with its rules. */
  move(path: BytePath, movedTo: BytePath): void {
    const at = this.#placeOf(path);
    const to = this.#placeOf(movedTo);
    const node = lookup(this.root, path);
    const over = lookup(this.root, movedTo);
    if (at === undefined || to === undefined || node === undefined || node === over) return;
    if (`${movedTo}/`.startsWith(`${path}/`) || !mayReplace(node, over)) return;
    at.parent.children.delete(at.name);
    to.parent.children.set(to.name, node);
    this.#touch(node, at.parent, to.parent);
    const isDirectory = node.type === 'directory';
    if (this.#isWatched(at) && this.#isWatched(to)) this.#say({ kind: 'move', at, to, isDirectory });
    else if (this.#isWatched(to)) this.#say({ kind: 'create', at: to, isDirectory });
    else this.#say({ kind: 'movedOut', at, isDirectory });
  }

  moveOut(path: BytePath): void {
    const at = this.#placeOf(path);
    const node = lookup(this.root, path);
    if (at === undefined || node === undefined) return;
    at.parent.children.delete(at.name);
    this.#touch(at.parent);
    this.#say({ kind: 'movedOut', at, isDirectory: node.type === 'directory' });
  }

  /** A directory with a file and a directory with a file in it comes from elsewhere. */
  moveIn(path: BytePath): void {
    const at = this.#placeOf(path);
    if (at === undefined) return;
    const node = createDirectory();
    if (!mayReplace(node, lookup(this.root, path))) return;
    const inner = createDirectory();
    inner.children.set('a', createFile(++this.#version));
    node.children.set('a', createFile(++this.#version));
    node.children.set('b', inner);
    at.parent.children.set(at.name, node);
    this.#touch(node, at.parent);
    this.#say({ kind: 'create', at, isDirectory: true });
  }

  /** A file comes from elsewhere, perhaps over another one. Of two events in a row that differ by their cookie only the kernel drops the second. */
  moveInFile(path: BytePath): void {
    const at = this.#placeOf(path);
    const over = lookup(this.root, path);
    if (at === undefined || over?.type === 'directory') return;
    const file = createFile(++this.#version);
    at.parent.children.set(at.name, file);
    this.#touch(file, at.parent);
    if (!this.#isLikeLast(at)) this.#say({ kind: 'create', at, isDirectory: false });
  }

  #isLikeLast({ parent, name }: Place): boolean {
    const last = this.#buffer.at(-1);
    return last?.kind === 'move' && !last.isDirectory && last.to.parent === parent && last.to.name === name;
  }

  /** Delivers the oldest event, with what a look at a directory new to the monitor finds. */
  deliver(): FsEvent[] {
    const event = this.#buffer.shift();
    if (event === undefined) return [];
    if (isGap(event)) return event.kind === 'overflow' ? this.#overflow() : this.#rescan();
    const path = this.#pathOf(event.at, event.isDirectory);
    if (event.kind === 'move') return this.#deliverMove(event, path);
    if (path === undefined) return [];
    const { kind, isDirectory } = event;
    if (kind === 'create') return isDirectory ? this.#appeared(path, { kind, path }) : [{ kind, path }];
    if (kind === 'modify' || kind === 'attrib') return [{ kind, path }];
    this.#forget(isDirectory ? path : `${path}/`);
    return [{ kind: 'delete', path, movedOut: kind === 'movedOut' }];
  }

  /** What lies below a directory now. */
  *list(path: BytePath): Generator<FsEvent> {
    const node = lookup(this.root, path);
    if (node?.type !== 'directory') return;
    for (const [childPath] of below(node, path)) yield { kind: 'create', path: childPath, found: true };
  }

  /** Paths of all there is, and of what could be made: every directory's children by the few names there are. */
  paths(names: readonly string[], maxDepth: number): BytePath[] {
    const directories = [...below(this.root, '/')].filter(([, node]) => node.type === 'directory');
    const parents = ['', ...directories.map(([path]) => path.slice(0, -1))];
    const roomy = parents.filter((parent) => elementsOf(parent).length < maxDepth);
    return roomy.flatMap((parent) => names.map((name) => `${parent}/${name}`));
  }

  /** What comes now was said without what was lost. Once all that is told, it is looked what the source has. */
  #overflow(): FsEvent[] {
    this.#unknownSince ??= this.#lostSince ?? 0;
    this.#lostSince = undefined;
    this.#put({ kind: 'mark' });
    return [];
  }

  #rescan(): FsEvent[] {
    const since = this.#unknownSince;
    if (since === undefined) return [];
    if (this.#buffer.some(({ kind }) => kind === 'mark' || kind === 'overflow')) return [];
    this.#unknownSince = undefined;
    return this.#lookAgain('/', since);
  }

  #lookAgain(path: BytePath, since: number): FsEvent[] {
    const node = lookup(this.root, path);
    if (node?.type !== 'directory') return [];
    if (this.#holderOf(path) !== node) return this.#check(path);
    const said: FsEvent[] = this.#forgetMissing(path);
    if (this.#hasChanged(node, since)) said.push({ kind: 'listing', path });
    for (const [name, child] of node.children) {
      const childPath = child.type === 'directory' ? `${path}${name}/` : path + name;
      if (child.type === 'directory') said.push(...this.#lookAgainOrAppear(childPath, since));
      else if (this.#hasChanged(child, since)) said.push({ kind: 'create', path: childPath, found: true });
    }
    return said;
  }

  #forgetMissing(path: BytePath): FsEvent[] {
    const known = [...this.#believed.values(), ...[...this.#unlisted].map((at) => at.slice(0, -1))];
    const inner = known.filter(
      (at) => at !== '' && at.startsWith(path) && !at.slice(path.length).includes('/'),
    );
    const missing = inner.filter((at) => lookup(this.root, at)?.type !== 'directory');
    for (const at of missing) this.#forget(`${at}/`);
    return missing.map((at) => ({ kind: 'delete', path: `${at}/`, movedOut: true }));
  }

  #lookAgainOrAppear(path: BytePath, since: number): FsEvent[] {
    if (this.#holderOf(path) !== undefined) return this.#lookAgain(path, since);
    if (this.#unlisted.delete(path)) return this.#check(path);
    return this.#appeared(path, { kind: 'create', path, found: true });
  }

  #hasChanged(node: TreeNode, since: number): boolean {
    return (this.#changed.get(node) ?? 0) >= since;
  }

  #touch(...nodes: readonly TreeNode[]): void {
    this.#clock++;
    for (const node of nodes) this.#changed.set(node, this.#clock);
  }

  #deliverMove(event: SourceEvent & { kind: 'move' }, path: BytePath | undefined): FsEvent[] {
    const movedTo = this.#pathOf(event.to, event.isDirectory);
    // A directory that was found where a file still was: an event says of it, later, that it is there.
    if (path !== undefined && !event.isDirectory) this.#forget(`${path}/`);
    if (movedTo === undefined) {
      if (path === undefined) return [];
      if (event.isDirectory) this.#forget(path);
      return [{ kind: 'delete', path, movedOut: true }];
    }
    if (path === undefined)
      return event.isDirectory
        ? this.#appeared(movedTo, { kind: 'create', path: movedTo })
        : [{ kind: 'create', path: movedTo }];
    if (!event.isDirectory) return [{ kind: 'move', path, movedTo, overExistingDirectory: false }];
    if (path.startsWith(movedTo) || movedTo.startsWith(path)) {
      this.#forget(path);
      const left: FsEvent = { kind: 'delete', path, movedOut: true };
      return [
        left,
        ...this.#appeared(path, { kind: 'create', path, found: true }),
        ...this.#appeared(movedTo, { kind: 'create', path: movedTo }),
      ];
    }
    const overExistingDirectory = this.#holderOf(movedTo) !== undefined;
    this.#forget(movedTo);
    if (this.#holderOf(path) === undefined) {
      const left: FsEvent = { kind: 'delete', path, movedOut: true };
      return [left, ...this.#appeared(movedTo, { kind: 'create', path: movedTo })];
    }
    for (const [node, at] of this.#believed) {
      if (`${at}/`.startsWith(path))
        this.#believed.set(node, (movedTo + `${at}/`.slice(path.length)).slice(0, -1));
    }
    const move: FsEvent = { kind: 'move', path, movedTo, overExistingDirectory };
    const late = [...this.#unlisted].filter((unlisted) => unlisted.startsWith(path));
    for (const unlisted of late) this.#unlisted.delete(unlisted);
    const places = late.map((unlisted) => movedTo + unlisted.slice(path.length));
    for (const place of places) if (lookup(this.root, place) === undefined) this.#unlisted.add(place);
    return [move, ...this.#verify(movedTo), ...places.flatMap((place) => this.#lookBelow(place))];
  }

  /** Are those at and below a path the directories that we take them for? Of what is not there an event will say what became of it. */
  #verify(path: BytePath): FsEvent[] {
    const node = lookup(this.root, path);
    if (node?.type !== 'directory') return [];
    if (this.#holderOf(path) !== node) return this.#check(path);
    const inner = [...node.children].filter(([, child]) => child.type === 'directory');
    return inner.flatMap(([name]) => this.#verify(`${path}${name}/`));
  }

  /** The event that says of a directory that it is there; then what is in it, unless it was listed under this path before. */
  #appeared(path: BytePath, event: FsEvent): FsEvent[] {
    const node = lookup(this.root, path);
    if (node?.type !== 'directory') {
      this.#forget(path);
      this.#unlisted.add(path);
      return [event];
    }
    return [event, ...this.#lookBelow(path)];
  }

  /** Watches and lists the directory at a path, and those below, where another one was taken to be, or none. */
  #lookBelow(path: BytePath): FsEvent[] {
    const node = lookup(this.root, path);
    if (node?.type !== 'directory') return [];
    const said = this.#lookAt(path, node);
    for (const [name, child] of node.children) {
      if (child.type === 'directory') said.push(...this.#lookBelow(`${path}${name}/`));
    }
    return said;
  }

  #lookAt(path: BytePath, node: DirectoryNode): FsEvent[] {
    const bare = path.slice(0, -1);
    const before = this.#believed.get(node);
    if (before === bare) return [];
    if (this.#holderOf(path) !== undefined) this.#forget(path);
    this.#believed.set(node, bare);
    const said: FsEvent[] = [];
    for (const [name, child] of node.children) {
      const childPath = child.type === 'directory' ? `${path}${name}/` : path + name;
      said.push({ kind: 'create', path: childPath, found: true });
    }
    if (before !== undefined) said.push(...this.#check(`${before}/`));
    return said;
  }

  /** A directory was taken to be here and is elsewhere. What is here now? Nothing: an event will say what became of it. */
  #check(path: BytePath): FsEvent[] {
    const node = lookup(this.root, path);
    if (node?.type !== 'directory') {
      this.#unlisted.add(path);
      return [];
    }
    return [
      { kind: 'delete', path, movedOut: true },
      { kind: 'create', path, found: true },
      ...this.#lookBelow(path),
    ];
  }

  #holderOf(path: BytePath): DirectoryNode | undefined {
    for (const [node, at] of this.#believed) if (`${at}/` === path) return node;
    return undefined;
  }

  #forget(path: BytePath): void {
    for (const unlisted of this.#unlisted) if (unlisted.startsWith(path)) this.#unlisted.delete(unlisted);
    for (const [node, at] of this.#believed)
      if (`${at}/`.startsWith(path) && at !== '') this.#believed.delete(node);
  }

  #placeOf(path: BytePath): Place | undefined {
    const parent = parentDirectory(this.root, path);
    return parent === undefined ? undefined : { parent, name: lastElement(path) };
  }

  #isWatched({ parent }: Place): boolean {
    return this.#believed.has(parent);
  }

  #pathOf({ parent, name }: Place, isDirectory: boolean): BytePath | undefined {
    const at = this.#believed.get(parent);
    return at === undefined ? undefined : `${at}/${name}${isDirectory ? '/' : ''}`;
  }

  #say(event: SourceEvent): void {
    if (this.#isWatched(event.at)) this.#put(event);
  }

  #put(event: KernelEvent): void {
    if (this.#toLose === 0) {
      this.#buffer.push(event);
      return;
    }
    this.#toLose--;
    this.#lostSince ??= this.#clock;
    if (!this.#buffer.some(({ kind }) => kind === 'overflow')) this.#buffer.push({ kind: 'overflow' });
  }
}

function isGap(event: KernelEvent): event is Gap {
  return event.kind === 'overflow' || event.kind === 'mark';
}

function mayReplace(node: TreeNode, over: TreeNode | undefined): boolean {
  if (over === undefined) return true;
  return over.type === 'directory'
    ? node.type === 'directory' && over.children.size === 0
    : node.type === 'file';
}
