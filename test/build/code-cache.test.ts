// The program is started from the bytecode that the build made of it, and from its source where that does not fit.

import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { compileProgram, type CompiledProgram } from '../../src/compile-program.ts';
import { makeTemporaryFolder } from '../helpers/temporary-folder.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCE = Buffer.from('exports.answer = () => 41 + 1;');

function compile(source: Buffer, cache?: Buffer): CompiledProgram {
  return compileProgram({ file: '/nonexistent/program.js', source, cache });
}

function answerOf({ run }: CompiledProgram): unknown {
  const exports: { answer?: () => unknown } = {};
  run(exports, require_, {}, '/nonexistent/program.js', '/nonexistent');
  return exports.answer?.();
}
const require_ = (() => undefined) as unknown as NodeJS.Require;

describe('compileProgram()', () => {
  const cache = compile(SOURCE).toCache();

  it('takes what was made of the same source', () => {
    const program = compile(SOURCE, cache);
    expect([program.isFromCache, answerOf(program)]).toEqual([true, 42]);
  });

  it('takes nothing that was made of another source, be it as long', () => {
    const program = compile(Buffer.from('exports.answer = () => 40 + 1;'), cache);
    expect([program.isFromCache, answerOf(program)]).toEqual([false, 41]);
  });

  it.each([
    [
      'is damaged',
      (): Buffer => Buffer.from(cache.map((byte, index) => (index === cache.length - 9 ? byte ^ 1 : byte))),
    ],
    ['is cut off', (): Buffer => cache.subarray(0, -8)],
    ['is empty', (): Buffer => Buffer.alloc(0)],
    ['is no cache', (): Buffer => Buffer.from('no cache at all, but longer than a hash is')],
  ])('does without one that %s', (_what, damaged) => {
    const program = compile(SOURCE, damaged());
    expect([program.isFromCache, answerOf(program)]).toEqual([false, 42]);
  });
});

describe('the bundle', () => {
  it('has a cache that fits', () => {
    const file = join(PROJECT, 'bundle/main.js');
    const script = `
      const { readFileSync } = require('node:fs');
      const { Script } = require('node:vm');
      const source = readFileSync(${JSON.stringify(file)}, 'latin1');
      const cachedData = readFileSync(${JSON.stringify(`${file}.cache`)}).subarray(32);
      const script = new Script(require('node:module').wrap(source), { filename: ${JSON.stringify(file)}, cachedData });
      console.log(script.cachedDataRejected);`;
    expect(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout).toBe('false\n');
  });

  test.each(['with its cache', 'without', 'with a damaged one'])('starts %s', (what) => {
    const folder = makeTemporaryFolder('tsyncd-bundle-');
    for (const name of ['bin', 'bundle'])
      cpSync(join(PROJECT, name), join(folder, name), { recursive: true });
    copyFileSync(join(PROJECT, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
    const cache = join(folder, 'bundle/main.js.cache');
    if (what === 'without') rmSync(cache);
    if (what === 'with a damaged one') writeFileSync(cache, readFileSync(cache).fill(7, 5000, 6000));
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src/f'), 'content');
    const args = ['bin/tsyncd.js', '-nodaemon', '-onepass', '-direct', `${folder}/src`, `${folder}/trg`];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, expect.anything()]);
    expect(readFileSync(join(folder, 'trg/f'), 'utf8')).toBe('content');
  });
});
