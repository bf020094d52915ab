// The sentences of the category Inotify, as lsyncd writes them (its log lines are read by people and scripts). Each is built
// only when somebody sees it.

import { toText } from '../../byte-path.ts';
import type { Log } from '../../log.ts';
import type { Directory } from './directory.ts';
import { absolutePathOf, pathOf } from './directory.ts';
import type { KernelEvent } from './parse-events.ts';
import { inotifyBits } from '../../os/inotify.ts';

const category = 'Inotify';

export interface InotifyLog {
  addedWatch(directory: Directory): void;
  removedWatch(wd: number): void;
  /** `name` of a directory in `parent` is wanted by nobody. */
  notConcerning(parent: Directory, name: string): void;
  /** An event with a name, other than a move. */
  event(event: KernelEvent): void;
  move(from: KernelEvent, to: KernelEvent): void;
  /** One half of a move: the other one is outside. */
  unaryMove(half: KernelEvent): void;
  /** Something was not seen, and why, in words of tsyncd. */
  trouble(text: string): void;
}

/** The sentences, written to `log`. */
export function createInotifyLog(log: Log): InotifyLog {
  function say(text: () => string): void {
    if (log.isOn(category)) log(category, text());
  }
  return {
    addedWatch: (directory) =>
      say(() => `addwatch( ${toText(absolutePathOf(directory))} )-> ${directory.wd} `),
    removedWatch: (wd) => say(() => `rmwatch()<-${wd}`),
    notConcerning: (parent, name) =>
      say(() => `not concerning "${toText(`${parent.tree.source}${pathOf(parent).slice(1)}${name}/`)}"`),
    event: (event) => {
      const word = wordOf(event.mask);
      if (word !== undefined) say(() => `got event ${word} ${nameOf(event)}`);
    },
    move: (from, to) => say(() => `got event Move ${nameOf(from)} to ${nameOf(to)}`),
    unaryMove: (half) => {
      const isOrigin = (half.mask & inotifyBits.movedFrom) !== 0;
      if (isOrigin) say(() => 'handling unary move from.');
      say(() => `got event ${isOrigin ? 'Delete' : 'Create'} ${nameOf(half)}`);
    },
    trouble: (text) => say(() => text),
  };
}

function wordOf(mask: number): string | undefined {
  if ((mask & inotifyBits.create) !== 0) return 'Create';
  if ((mask & inotifyBits.delete) !== 0) return 'Delete';
  if ((mask & inotifyBits.attrib) !== 0) return 'Attrib';
  if ((mask & (inotifyBits.modify | inotifyBits.closeWrite)) !== 0) return 'Modify';
  return undefined;
}

/** `d/(3.0)`: name, slash of a directory, number of the watch; lsyncd's second number is always 0. */
function nameOf(event: KernelEvent): string {
  return `${toText(event.name)}${(event.mask & inotifyBits.isDirectory) === 0 ? '' : '/'}(${event.wd}.0)`;
}
