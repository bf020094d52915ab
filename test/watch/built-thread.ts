// Node 20 runs no TypeScript, so the monitor's reader thread is the built one even when everything else comes from src/.

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const project = new URL('../../', import.meta.url);
const sources = [
  'watch/inotify/reader-thread',
  'watch/inotify/reader',
  'watch/inotify/parse-events',
  'os/inotify',
  'os/link-count',
  'os/statx',
  'os/path-argument',
  'os/libc',
].map((name) => `src/${name}.ts`);

function timeOf(path: string): number {
  return statSync(new URL(path, project), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Builds when the built thread is missing or older than its source. For `beforeAll`. */
export function buildThread(): void {
  const built = timeOf('dist/watch/inotify/reader-thread.js');
  if (sources.some((source) => timeOf(source) > built)) {
    const compiler = fileURLToPath(new URL('node_modules/.bin/tsc', project));
    // Whether all of src/ type-checks is not asked here: the compiler writes its output in any case.
    spawnSync(compiler, ['-p', 'tsconfig.build.json'], { cwd: fileURLToPath(project) });
    if (timeOf('dist/watch/inotify/reader-thread.js') === 0) {
      throw new Error('Cannot build the reader thread: tsc wrote nothing');
    }
  }
}
