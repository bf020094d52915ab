// What a file is and who may do what with it, as texts: for the modules lfs and posix.

import type { Stats } from 'node:fs';

/** lfs's words, which are stat(1)'s but for `char device` and `block device`. */
export function fileTypeName(stats: Stats): string {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isSocket()) return 'socket';
  if (stats.isFIFO()) return 'named pipe';
  if (stats.isCharacterDevice()) return 'char device';
  return stats.isBlockDevice() ? 'block device' : 'other';
}

/** `rwxr-xr-x` */
export function permissionText({ mode }: { readonly mode: number }): string {
  return Array.from('rwxrwxrwx', (letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-')).join('');
}
