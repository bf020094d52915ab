// One line of rsync's stderr: which path it complains of, and whether of its attributes alone.

import type { BytePath } from '../byte-path.ts';

/** Where the paths of its lines begin. */
export interface Places {
  /** Absolute, with a trailing slash. */
  readonly source: BytePath;
  /** As rsync takes it. */
  readonly target: BytePath;
}

export interface Complaint {
  /** As in a batch, without a trailing slash. */
  readonly path: BytePath;
  /** `attributes`: it is there. `removal`: what should go at the target has stayed. */
  readonly about: 'content' | 'attributes' | 'removal';
}

const HARMLESS =
  /^$|^rsync (error|warning): |^\*\*\* Skipping any contents from this failed directory \*\*\*$|^(file|directory) has vanished: /;

/** Names below the target, without quotes. */
const REMOVAL = [
  /^rsync: (?:\[\w+\] )?delete_file: \w+\((?<name>.+)\) failed: /s,
  /^cannot delete (?:non-empty directory|mount point): (?<name>.+)$/s,
  /^could not make way for [a-z -]+: (?<name>.+)$/s,
] as const;
const UNVERIFIED = /^ERROR: (?<name>.+) failed verification -- update discarded\.$/s;

const ROLE = String.raw`^rsync: (?:\[(?<role>\w+)\] )?`;
const QUOTED = new RegExp(`${ROLE}(?<doing>[^"]*)"(?<path>.+)"(?<module> \\(in [^"]*\\))?[^"]*$`, 's');
const WITH_ARROW = new RegExp(
  `${ROLE}(?<doing>symlink|rename) "(?<path>.+)"(?<module> \\(in [^"]*\\))? -> ".*"(?: failed)?: [^"]*$`,
  's',
);

const ATTRIBUTES = /^(chgrp|chown|failed to set times on|failed to set permissions on) $/;

/** What only the sending rsync says, where its version does not say which one speaks. */
const SENDING = /^(link_stat|send_files|opendir|readlink_stat|read errors) ?/;

/** undefined: it cannot be told. */
export function readComplaint(line: string, places: Places): Complaint | 'harmless' | undefined {
  if (HARMLESS.test(line)) return 'harmless';
  for (const pattern of REMOVAL) {
    const name = pattern.exec(line)?.groups?.['name'];
    if (name !== undefined) return { path: toPath(`/${name}`), about: 'removal' };
  }
  const unverified = UNVERIFIED.exec(line)?.groups?.['name'];
  if (unverified !== undefined) return { path: toPath(`/${unverified}`), about: 'content' };
  return readQuoted(line, places);
}

function readQuoted(line: string, { source, target }: Places): Complaint | undefined {
  const arrows = line.split(' -> "').length - 1;
  if (arrows > 1) return undefined;
  const {
    role,
    doing = '',
    path = '',
    module,
  } = (arrows === 1 ? WITH_ARROW : QUOTED).exec(line)?.groups ?? {};
  if (path === '') return undefined;
  const isSource = role === undefined ? SENDING.test(doing) : role === 'sender';
  const below = isSource
    ? from(path, source)
    : fromTarget(path, { target, isInModule: module !== undefined });
  if (below === undefined) return undefined;
  return { path: toPath(below), about: ATTRIBUTES.test(doing) ? 'attributes' : 'content' };
}

/** `path` below `root`, which has a trailing slash; with a leading one. */
function from(path: BytePath, root: BytePath): BytePath | undefined {
  return path.startsWith(root) ? path.slice(root.length - 1) : undefined;
}

function fromTarget(
  path: BytePath,
  { target, isInModule }: { readonly target: BytePath; readonly isInModule: boolean },
): BytePath | undefined {
  const folder = /^rsync:\/\/[^/]*\/[^/]+(\/.*)$/s.exec(target) ?? /^[^/:]*::[^/]+(\/.*)$/s.exec(target);
  if (isInModule !== (folder !== null)) return undefined;
  // In the top directory of a module names have no slash at all.
  if (folder !== null) return from(path.startsWith('/') ? path : `/${path}`, folder[1] ?? '/');
  const [, remote] = /^[^/]*:(.*)$/s.exec(target) ?? [];
  const root = remote ?? target;
  return root.startsWith('/') ? from(path, root) : fromHome(path, root.replace(/^~\//, ''));
}

/** rsync says where the home is that `folder` lies in, but not where it ends. */
function fromHome(path: BytePath, folder: BytePath): BytePath | undefined {
  const at = path.indexOf(`/${folder}`);
  const isClear = folder !== '' && at >= 0 && at === path.lastIndexOf(`/${folder}`);
  return isClear ? path.slice(at + folder.length) : undefined;
}

/** `\#012` is a byte; `/.` is the root. */
function toPath(name: string): BytePath {
  const bytes = name.replaceAll(/\\#([0-3][0-7]{2})/g, (_match, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return bytes.length > 1 ? bytes.replace(/\/\.?$/, '') || '/' : bytes;
}
