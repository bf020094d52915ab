// What a filter promises to the rest: rsync's rules applied to one path, parents included.

import type { BytePath } from '../byte-path.ts';

export interface PathFilter {
  /** True if rsync with these rules would transfer `path` (`/a/f`, `/a/d/`), i.e. neither it nor a parent is excluded. */
  passes(path: BytePath): boolean;
}
