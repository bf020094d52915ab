// What a directory holds, and what somebody who only hears events believes it holds. Equal, or an event was missed.

import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { fromText, isDirectoryPath, toBuffer } from '../../src/byte-path.ts';
import type { BytePath } from '../../src/byte-path.ts';
import type { FsEvent } from '../../src/watch/monitor.ts';

/** Path (`/a/f`, `/a/d/`) → `directory`, or the content. */
export type Snapshot = Map<BytePath, string>;

export function snapshotOf(root: string): Snapshot {
  const snapshot: Snapshot = new Map();
  const waiting: BytePath[] = ['/'];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const entry of readdirSync(toBuffer(fromText(root) + at), {
      withFileTypes: true,
      encoding: 'buffer',
    })) {
      const name = entry.name.toString('latin1');
      const path = entry.isDirectory() ? `${at}${name}/` : at + name;
      if (entry.isDirectory()) waiting.push(path);
      snapshot.set(path, contentOf(root, path) ?? '');
    }
  }
  return snapshot;
}

/** undefined when there is nothing of that name, or it is a directory where the path means a file, or the reverse. */
function contentOf(root: string, path: BytePath): string | undefined {
  const bare = toBuffer(fromText(root) + path.replace(/\/$/, ''));
  const stats = statsOf(bare);
  if (stats === undefined || stats.isDirectory() !== isDirectoryPath(path)) return undefined;
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return `-> ${readlinkSync(bare)}`;
  return stats.isFile() ? readFileSync(bare, 'latin1') : 'special';
}

/** A parent may have become a file (ENOTDIR). */
function statsOf(path: Buffer): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

/**
 * A mirror kept as a sync keeps its target: moves and deletes are done as told, then each path that was named is brought to the
 * state it has in the source. Below a directory that is named, nothing is looked at.
 */
export class Mirror {
  readonly held: Snapshot;
  readonly #root: string;
  #named = new Set<BytePath>();

  constructor(root: string) {
    this.#root = root;
    this.held = snapshotOf(root);
  }

  hear(event: FsEvent): void {
    if (event.kind === 'delete') this.#remove(event.path);
    if (event.kind === 'move') this.#move(event.path, event.movedTo);
    this.#named.add(event.kind === 'move' ? event.movedTo : event.path);
  }

  /** Brings every named path to what the source has now. */
  send(): void {
    for (const path of [...this.#named].toSorted((a, b) => a.length - b.length)) {
      if (path === '/') continue;
      const content = contentOf(this.#root, path);
      if (content === undefined) this.#remove(path);
      else {
        this.#remove(isDirectoryPath(path) ? path.slice(0, -1) : `${path}/`);
        this.held.set(path, content);
      }
    }
    this.#named.clear();
  }

  #remove(path: BytePath): void {
    this.held.delete(path);
    if (!isDirectoryPath(path)) return;
    for (const below of this.held.keys()) if (below.startsWith(path)) this.held.delete(below);
  }

  #move(from: BytePath, to: BytePath): void {
    const moved = [...this.held].filter(([path]) => path === from || isBelow(path, from));
    this.#remove(from);
    this.#remove(to);
    this.#remove(isDirectoryPath(to) ? to.slice(0, -1) : to);
    for (const [path, content] of moved) this.held.set(to + path.slice(from.length), content);
    this.#named = new Set(
      [...this.#named].map((path) =>
        path === from || isBelow(path, from) ? to + path.slice(from.length) : path,
      ),
    );
    this.#named.add(from);
  }
}

function isBelow(path: BytePath, directory: BytePath): boolean {
  return isDirectoryPath(directory) && path.startsWith(directory);
}

/** What differs, as sentences; empty when nothing does. Markers of `settled` are left out. */
export function differences(held: Snapshot, there: Snapshot): string[] {
  const paths = [...new Set([...held.keys(), ...there.keys()])].filter((path) => !path.includes('/settled-'));
  return paths
    .filter((path) => held.get(path) !== there.get(path))
    .map((path) => `${path}: mirror ${held.get(path) ?? 'nothing'}, source ${there.get(path) ?? 'nothing'}`);
}
