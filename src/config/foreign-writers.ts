// A config is a program that runs with the rights of the daemon: who may write it may do all that the daemon may.

import { statSync } from 'node:fs';
import { toBuffer, toText, type BytePath } from '../byte-path.ts';
import type { Diagnostics } from './diagnostics.ts';

const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;

/** Warns when others than the owner of `file` and root may write it. A group with the owner's own number has nobody else in it. */
export function warnOfForeignWriters(file: BytePath, diagnostics: Diagnostics): void {
  const stats = statSync(toBuffer(file));
  if (!stats.isFile()) return;
  const { mode, uid, gid } = stats;
  const isGroupForeign = gid !== 0 && gid !== uid;
  const others = [
    ...((mode & WRITABLE_BY_ALL) === 0 ? [] : ['everybody']),
    ...((mode & WRITABLE_BY_GROUP) === 0 || !isGroupForeign ? [] : [`the group ${gid}`]),
  ];
  const [who] = others;
  if (who === undefined) return;
  const shown = toText(file);
  diagnostics.warn(
    shown,
    `${who} may write this file, and so do all that the daemon may; chmod go-w "${shown}"`,
  );
}
