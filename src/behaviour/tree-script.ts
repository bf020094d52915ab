// Moves, deletes and directory times at the target, done by a POSIX sh script that gets everything by stdin: no path ever is part
// of shell text or can be read as an option. The same script runs over ssh and, for default.direct, here.
// stdin: NUL-separated words in groups of 24, which `xargs -0 -n 24` hands to one sh each: an operation and its 23 words.

import { toBuffer, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';

/** With paths of 4096 bytes a group stays below the 128 KiB at which xargs would break it. */
const GROUP = 24;

/** Fills a group up; never a path, since those begin with `./`. */
const PAD = '-';

/** The time of a directory at the target. */
export interface DirectoryTime {
  readonly path: BytePath;
  /** Seconds since 1970. */
  readonly mtimeSeconds: number;
}

export interface TreeWork {
  readonly moves: readonly Delay[];
  readonly deletes: readonly BytePath[];
  readonly times: readonly DirectoryTime[];
}

export interface TreeScriptOptions {
  /** false: a directory that is not empty is never removed to make place for a move. */
  readonly mayDelete: boolean;
}

/**
 * A move: the origin must be there; whatever would make `mv` put it *into* the destination goes first. Answers `ok N` or
 * `fail N`. A delete that leaves something answers `kept`. Single quotes and line feeds must not appear: the whole is put
 * between single quotes for any login shell.
 */
function scriptText({ mayDelete }: TreeScriptOptions): string {
  const clear = mayDelete ? 'rm -rf -- "$2"' : 'rmdir -- "$2" 2>/dev/null';
  const there = 'there() { [ -e "$1" ] || [ -L "$1" ]; }';
  const room =
    'room() { if [ -L "$2" ]; then rm -f -- "$2"; ' +
    `elif [ -d "$2" ]; then ${clear}; ` +
    'elif [ -d "$1" ] && [ -e "$2" ]; then rm -f -- "$2"; fi; }';
  const moves =
    'while [ $# -gt 2 ]; do [ "$1" = - ] && break; ' +
    'if there "$2" && room "$2" "$3" && mv -f -- "$2" "$3"; then echo "ok $1"; else echo "fail $1"; fi; ' +
    'shift 3; done';
  const deletes = 'rm -rf -- "$@" || for p do if there "$p"; then echo kept; fi; done';
  const times =
    'TZ=UTC0; export TZ; while [ $# -gt 1 ]; do ' +
    '[ -d "$2" ] && touch -c -m -t "$1" -- "$2" 2>/dev/null; shift 2; done';
  const cases = `case $op in M) ${moves};; D) ${deletes};; T) ${times};; esac`;
  return [there, room, 'op=$1; shift', cases, 'exit 0'].join('; ');
}

/** Words for `xargs` (without its name), script included. */
export function xargsWords(options: TreeScriptOptions): readonly string[] {
  return ['-0', '-n', String(GROUP), 'sh', '-c', scriptText(options), 'sh'];
}

/** The stdin for that xargs. The moves keep their order; they come before the deletes, and those before the times. */
export function treeScriptInput({ moves, deletes, times }: TreeWork): Buffer {
  const moveWords = moves.map(({ path, movedTo }, index) => [
    String(index),
    relative(path),
    relative(movedTo ?? path),
  ]);
  const timeWords = times.map(({ path, mtimeSeconds }) => [toTouchTime(mtimeSeconds), relative(path)]);
  const words = [
    ...groups('M', { records: moveWords, padWithLast: false }),
    ...groups('D', { records: deletes.map((path) => [relative(path)]), padWithLast: true }),
    ...groups('T', { records: timeWords, padWithLast: true }),
  ];
  return toBuffer(words.map((word) => `${word}\0`).join(''));
}

interface GroupOptions {
  readonly records: readonly (readonly string[])[];
  /** Fill up by doing the last record again (harmless for a delete or a time). */
  readonly padWithLast: boolean;
}

function groups(operation: string, { records, padWithLast }: GroupOptions): readonly string[] {
  const size = records[0]?.length ?? 1;
  const perGroup = Math.floor((GROUP - 1) / size);
  const words: string[] = [];
  for (let start = 0; start < records.length; start += perGroup) {
    const group = records.slice(start, start + perGroup);
    const last = group.at(-1) ?? [];
    const again = padWithLast ? Array.from({ length: perGroup - group.length }, () => last) : [];
    const flat = [operation, ...group.flat(), ...again.flat()];
    words.push(...flat, ...Array.from({ length: GROUP - flat.length }, () => PAD));
  }
  return words;
}

/** `/a/d/` → `./a/d`, `/` → `./`: relative to the directory the script runs in. */
export function relative(path: BytePath): BytePath {
  return `.${withoutTrailingSlash(path)}`;
}

/** `[[CC]YY]MMDDhhmm.SS` of touch -t, in UTC. */
function toTouchTime(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString();
  return `${iso.slice(0, 16).replaceAll(/[-T:]/g, '')}.${iso.slice(17, 19)}`;
}

/** What the script answered. */
export interface TreeReport {
  /** Indices of the moves that were done. */
  readonly moved: ReadonlySet<number>;
  /** Indices of those that could not be done. What is in neither was perhaps done. */
  readonly failed: ReadonlySet<number>;
  /** Something that was to be deleted is still there. */
  readonly isSomethingKept: boolean;
}

export function parseTreeReport(stdout: string): TreeReport {
  const lines = stdout.split('\n');
  const indices = (word: string): ReadonlySet<number> =>
    new Set(
      lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.slice(word.length + 1))),
    );
  return { moved: indices('ok'), failed: indices('fail'), isSomethingKept: lines.includes('kept') };
}
