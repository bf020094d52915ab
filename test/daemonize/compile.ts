// Fixture programs as node can run them: compiled, with all they import, into a directory of their own.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface Compiled {
  /** The file that was made of one of the sources (paths from the project's root). */
  readonly path: (source: string) => string;
  readonly remove: () => void;
}

/** @throws Error with what tsc said */
export function compile(sources: readonly string[]): Compiled {
  const directory = mkdtempSync(join(tmpdir(), 'tsyncd-compiled-'));
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      rootDir: root,
      outDir: directory,
      typeRoots: [join(root, 'node_modules/@types')],
    },
    // The types of libraries that have none.
    include: [join(root, 'src/**/*.d.ts')],
    files: sources.map((source) => join(root, source)),
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  const tsc = join(root, 'node_modules/.bin/tsc');
  execFileSync(tsc, ['-p', directory], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    path: (source) => join(directory, source.replace(/\.ts$/u, '.js')),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
