// A directory of the source is swapped for a symlink while a file in it waits, or while rsync is about to send it: in the end the symlink is
// what arrives.

import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { delay, makeBench, type Bench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.end());

function prepare(kind: 'rsync' | 'direct', before: () => void = () => undefined): void {
  bench = makeBench({ kind, before });
  bench.shell('mkdir a $OUT/victim; echo secret >$OUT/victim/f; echo ours >a/f');
}

function swap(): void {
  execFileSync('sh', ['-c', '[ -L a ] || { mv a ../was; ln -s ../victim a; }'], { cwd: bench.source });
}

const isSymlink = (): boolean => lstatSync(join(bench.target, 'a')).isSymbolicLink();
const waiting = delay('Modify', '/a/f');
const swapped = [delay('Delete', '/a/'), delay('Create', '/a')];

it.each(['rsync', 'direct'] as const)(
  'default.%s brings nothing through a directory that has become a symlink, until that is to be sent',
  async (kind) => {
    prepare(kind);
    swap();
    await bench.batch({ changes: [waiting] });
    expect(readdirSync(bench.target)).toEqual([]);
    await bench.batch({ changes: [waiting, ...swapped] });
    expect(isSymlink()).toBe(true);
  },
);

it('what rsync itself has read through a directory that was swapped in that moment goes with the event of the swap', async () => {
  prepare('rsync', swap);
  await bench.batch({ changes: [waiting] });
  await bench.batch({ changes: swapped });
  expect(isSymlink()).toBe(true);
});
