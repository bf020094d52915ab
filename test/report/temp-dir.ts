// A directory for one test, removed after it.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export function makeTempDir(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'tsyncd-test-')));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
