// Asks the real rsync which paths of a tree it would transfer with some rules (a dry run).

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBuffer, type BytePath } from '../../src/byte-path.ts';
import type { RuleSources } from '../../src/filter/read-rules.ts';

/** Makes `paths` (`/a/f`, `/a/d/`; parents before children) below `root`. Names are bytes. */
export function makeTree(root: string, paths: readonly BytePath[]): void {
  for (const path of paths) {
    const absolute = toBuffer(join(root, '/').slice(0, -1) + path);
    if (path.endsWith('/')) mkdirSync(absolute, { recursive: true });
    else writeFileSync(absolute, '');
  }
}

/** The paths below `source` that rsync would copy, fed with the rules the way lsyncd feeds them. */
export async function askRsync(source: string, rules: RuleSources): Promise<Set<BytePath>> {
  const hasFilters = rules.filters.length > 0;
  const lines = hasFilters
    ? [...rules.filters, ...rules.excludes.map((line) => `- ${line}`)]
    : rules.excludes;
  const args = [
    hasFilters ? '--filter=. -' : '--exclude-from=-',
    '-rn8',
    '--out-format=%n',
    `${source}/`,
    `${source}.none/`,
  ];
  const child = spawn('rsync', args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  child.stdin.end(toBuffer(lines.join('\n')));
  const [out, complaints] = await Promise.all([readAll(child.stdout), readAll(child.stderr)]);
  if (complaints !== '') throw new Error(`rsync: ${complaints}`);
  return new Set(
    out
      .split('\n')
      .filter((name) => name !== '' && name !== './')
      .map((name) => `/${name}`),
  );
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  stream.setEncoding('latin1');
  for await (const chunk of stream) text += String(chunk);
  return text;
}
