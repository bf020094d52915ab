// A path as the kernel has it: bytes. Held as a JS string whose char codes are the bytes (latin1), so a name
// that is not UTF-8 goes through like any other. Turned into a Buffer only at the edge (fs, stdin of a child).
// Paths inside a sync are relative to its source: they begin with "/", and end with "/" when they name a directory.

/** A byte string: every char code is 0–255. */
export type BytePath = string;

/** The bytes of a path, for the `fs` module or a child's stdin. */
export function toBuffer(path: BytePath): Buffer {
  return Buffer.from(path, 'latin1');
}

/** A path from bytes that the kernel gave. */
export function fromBuffer(bytes: Uint8Array): BytePath {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** A path from ordinary text (command line, a JS literal): its UTF-8 bytes. */
export function fromText(text: string): BytePath {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Text to show a person: UTF-8 where the bytes are UTF-8, with U+FFFD for the rest. */
export function toText(path: BytePath): string {
  return toBuffer(path).toString('utf8');
}

/** True if the bytes are valid UTF-8, so that the path can be an element of a child's argv (Node passes text only). */
export function isUtf8(path: BytePath): boolean {
  return fromText(toText(path)) === path;
}

/** True for `/a/b/`: lsyncd's way to write a directory. */
export function isDirectoryPath(path: BytePath): boolean {
  return path.endsWith('/');
}

/** `/a/b/` → `/a/b`; `/` stays. */
export function withoutTrailingSlash(path: BytePath): BytePath {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** `/a/b/` → `/a/`, `/a` → `/`; the root has none. */
export function parentOf(path: BytePath): BytePath | undefined {
  const bare = withoutTrailingSlash(path);
  return bare === '/' ? undefined : bare.slice(0, bare.lastIndexOf('/') + 1);
}

/** Whether `path` is `top` or lies below it, each with or without a slash at the end. */
export function isAtOrBelow(path: BytePath, top: BytePath): boolean {
  return withoutTrailingSlash(path) === withoutTrailingSlash(top) || isBelow(path, top);
}

/** Strictly. */
export function isBelow(path: BytePath, top: BytePath): boolean {
  const bare = withoutTrailingSlash(path);
  const prefix = isDirectoryPath(top) ? top : `${top}/`;
  return bare.length > prefix.length && bare.startsWith(prefix);
}
