// Moves, deletes and directory times at the target of default.rsyncssh, done by a POSIX sh script that gets everything by stdin: no path ever is part
// of shell text or can be read as an option. stdin: NUL-separated words in groups of one size, which `xargs -0 -n SIZE` hands to one sh each.
// A group works in one directory, into which the script goes first: where it is then, is checked, and no longer a matter of names.

import { parentOf, toBuffer, withoutTrailingSlash, type BytePath } from '../byte-path.ts';
import type { Delay } from '../queue/delay.ts';
import type { Landed } from './landed-files.ts';

/** With words of 4096 bytes a group stays below the 128 KiB at which xargs would break it; shorter words go into longer groups. */
const MIN_GROUP = 24;
const MAX_GROUP = 242;
const MAX_GROUP_BYTES = 96 * 1024;

/** Fills a group up. */
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
 * A group is `M FROM TO (INDEX NAME NEWNAME)…`, `D DIRECTORY NAME…` or `T (TIME DIRECTORY)…`; directories are `.` or begin with `./`.
 * A move: the origin must be there; whatever would make `mv` put it *into* the destination goes first. Answers `ok N` or
 * `fail N`. A delete that leaves something answers `kept`. After the moves of a group, where there is a `stat`: `at N…`, and a line `SIZE MTIME` for
 * each. Single quotes, backslashes and line feeds must not appear: the whole is put
 * between single quotes for any login shell.
 */
function scriptText({ mayDelete }: TreeScriptOptions): string {
  // What bash and its like say of `pwd -P` is worked out from names again; dash and busybox ask the kernel.
  const here =
    'here() { if [ -n "$BASH_VERSION$KSH_VERSION$ZSH_VERSION" ]; then env pwd -P; else pwd -P; fi; echo .; }';
  // A name may end with line feeds, which $() would take away.
  const root = 'nl=$(echo; echo .); nl=${nl%.}; root=$(here); root=${root%"$nl".}; [ "$root" != / ] || root=';
  const into = 'into() { cd -P -- "$1" 2>/dev/null && w=$root${1#.} && [ "$(here)" = "${w:-/}$nl." ]; }';
  const there = 'there() { [ -e "$1" ] || [ -L "$1" ]; }';
  const clear = mayDelete ? 'rm -rf -- "$2"' : 'rmdir -- "$2" 2>/dev/null';
  const room =
    'room() { if [ -L "$2" ]; then rm -f -- "$2"; ' +
    `elif [ -d "$2" ]; then ${clear}; ` +
    'elif [ -d "$1" ] && [ -e "$2" ]; then rm -f -- "$2"; fi; }';
  // -T: not into a directory that has come there meanwhile. Not every mv has it.
  const flags = 'T=; case $(mv --help 2>&1) in *-T*) T=T;; esac';
  // The origin is held by a descriptor where there is /proc, while the script works in the other directory.
  const hold =
    'if [ -d /proc/self/fd ]; then exec 3<. && o=/proc/self/fd/3; else o=$root${1#.}; fi && cd -P -- "$root/."';
  const enter = `o=.; if [ "$1" != "$2" ]; then into "$1" && ${hold}; fi && into "$2" || o=; shift 2`;
  const move =
    'if [ -n "$o" ] && there "$o/$2" && room "$o/$2" "./$3" && mv -f$T -- "$o/$2" "./$3"; ' +
    'then echo "ok $1"; else echo "fail $1"; fi';
  // Size and mtime of what was moved, by one process for all; busybox leaves out the fraction. What cannot be such numbers is not said.
  const gather =
    'at=; n=$#; while [ $n -gt 2 ]; do n=$((n - 3)); i=$1; f=./$3; shift 3; [ "$i" != - ] || continue; ' +
    'if [ -L "$f" ] || [ -f "$f" ]; then at="$at $i"; set -- "$@" "$f"; fi; done; shift $n';
  const stat =
    'r=$(stat -c "%s %.9Y" -- "$@" 2>/dev/null); [ -n "$r" ] || r=$(stat -f "%z %Fm" -- "$@" 2>/dev/null)';
  const clean = 'case $r in ""|*[!0-9.$nl" "-]*) ;; *) echo "at$at"; echo "$r";; esac';
  const look = `${gather}; if [ $# -gt 0 ]; then ${stat}; ${clean}; fi`;
  const moveAll = `while [ $# -gt 2 ]; do [ "$1" != - ] || break; ${move}; shift 3; done`;
  const moves = `${flags}; ${enter}; go() { ${moveAll}; }; go "$@"; if [ -n "$o" ]; then ${look}; fi`;
  const kept = 'for p do if there "$p"; then echo kept; fi; done';
  const deletes = `if into "$1"; then shift; rm -rf -- "$@" || ${kept}; fi`;
  const touch = 'if into "$2"; then touch -c -m -t "$1" . 2>/dev/null; fi';
  const times = `TZ=UTC0; export TZ; while [ $# -gt 1 ]; do [ "$1" != - ] || break; (${touch}); shift 2; done`;
  const cases = `case $op in M) ${moves};; D) ${deletes};; T) ${times};; esac`;
  const first = 'LC_ALL=C; export LC_ALL; op=$1; shift';
  return [first, here, root, into, there, room, cases, 'exit 0'].join('; ');
}

/** What `xargs` gets. */
export interface TreeScript {
  /** Its words (without its name), script included. */
  readonly words: readonly string[];
  readonly stdin: Buffer;
}

/** The moves keep their order; they come before the deletes, and those before the times. */
export function toTreeScript(work: TreeWork, options: TreeScriptOptions): TreeScript {
  const records = [...moveGroups(work.moves), ...deleteGroups(work.deletes), timeGroup(work.times)];
  const longest = Math.max(0, ...records.map(longestWord));
  const size = Math.min(MAX_GROUP, Math.max(MIN_GROUP, Math.floor(MAX_GROUP_BYTES / (longest + 1))));
  const words = records.flatMap((record) => groups(record, size));
  return {
    words: ['-0', '-n', String(size), 'sh', '-c', scriptText(options), 'sh'],
    stdin: toBuffer(words.map((word) => `${word}\0`).join('')),
  };
}

/** Items that are done in one place. */
interface Group {
  /** The operation and its place. */
  readonly head: readonly string[];
  readonly items: readonly (readonly string[])[];
  /** Fill up by doing the last item again, which is harmless for a delete; others end at the first `PAD`. */
  readonly padWithLast: boolean;
}

/** Those that follow each other from one directory to the same other one go together. */
function moveGroups(moves: readonly Delay[]): readonly Group[] {
  const found: {
    readonly head: readonly string[];
    readonly items: string[][];
    readonly padWithLast: false;
  }[] = [];
  for (const [index, { path, movedTo = path }] of moves.entries()) {
    const head = ['M', directoryOf(path), directoryOf(movedTo)];
    const last = found.at(-1);
    const item = [String(index), nameOf(path), nameOf(movedTo)];
    if (last !== undefined && last.head.join('\0') === head.join('\0')) last.items.push(item);
    else found.push({ head, items: [item], padWithLast: false });
  }
  return found;
}

function deleteGroups(deletes: readonly BytePath[]): readonly Group[] {
  const byDirectory = new Map<string, string[][]>();
  for (const path of deletes) {
    const items = byDirectory.get(directoryOf(path)) ?? [];
    items.push([`./${nameOf(path)}`]);
    byDirectory.set(directoryOf(path), items);
  }
  return [...byDirectory].map(([directory, items]) => ({ head: ['D', directory], items, padWithLast: true }));
}

function timeGroup(times: readonly DirectoryTime[]): Group {
  const items = times.map(({ path, mtimeSeconds }) => [
    toTouchTime(mtimeSeconds),
    path === '/' ? '.' : relative(path),
  ]);
  return { head: ['T'], items, padWithLast: false };
}

function longestWord({ head, items }: Group): number {
  return Math.max(
    ...head.map(({ length }) => length),
    ...items.map((item) => Math.max(...item.map(({ length }) => length))),
  );
}

function groups({ head, items, padWithLast }: Group, size: number): readonly string[] {
  const perGroup = Math.floor((size - head.length) / (items[0]?.length ?? 1));
  const words: string[] = [];
  for (let start = 0; start < items.length; start += perGroup) {
    const group = items.slice(start, start + perGroup);
    const last = group.at(-1) ?? [];
    const again = padWithLast ? Array.from({ length: perGroup - group.length }, () => last) : [];
    const flat = [...head, ...group.flat(), ...again.flat()];
    words.push(...flat, ...Array.from({ length: size - flat.length }, () => PAD));
  }
  return words;
}

/** `/a/b` → `./a`, `/a` → `.` */
function directoryOf(path: BytePath): BytePath {
  const parent = parentOf(path) ?? '/';
  return parent === '/' ? '.' : relative(parent);
}

function nameOf(path: BytePath): BytePath {
  const bare = withoutTrailingSlash(path);
  return bare.slice(bare.lastIndexOf('/') + 1);
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
  /** What lay at their destinations then, by index; not of all. */
  readonly landed: ReadonlyMap<number, Landed>;
  /** Something that was to be deleted is still there. */
  readonly isSomethingKept: boolean;
}

export function parseTreeReport(stdout: string): TreeReport {
  const lines = stdout.split('\n');
  const indices = (word: string): ReadonlySet<number> =>
    new Set(
      lines.filter((line) => line.startsWith(`${word} `)).map((line) => Number(line.slice(word.length + 1))),
    );
  return {
    moved: indices('ok'),
    failed: indices('fail'),
    landed: landedIn(lines),
    isSomethingKept: lines.includes('kept'),
  };
}

/** Of a group with fewer lines than indices (one has gone meanwhile) it cannot be told which is which. */
function landedIn(lines: readonly string[]): ReadonlyMap<number, Landed> {
  const found = new Map<number, Landed>();
  for (const [at, line] of lines.entries()) {
    if (!line.startsWith('at ')) continue;
    const indices = line.slice(3).split(' ').map(Number);
    const stats = lines.slice(at + 1, at + 1 + indices.length).map(parseLanded);
    if (stats.includes(undefined) || stats.length < indices.length) continue;
    for (const [place, index] of indices.entries()) {
      const landed = stats[place];
      if (landed !== undefined) found.set(index, landed);
    }
  }
  return found;
}

const NS_DIGITS = 9;

/** `SIZE SECONDS[.FRACTION]` */
function parseLanded(line: string): Landed | undefined {
  const [, size, sign, seconds, fraction = ''] = /^(\d+) (-?)(\d+)(?:\.(\d{1,9}))?$/.exec(line) ?? [];
  if (size === undefined) return undefined;
  return { size: BigInt(size), mtimeNs: BigInt(`${sign}${seconds}${fraction.padEnd(NS_DIGITS, '0')}`) };
}
