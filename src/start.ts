// Where the program begins: loads main.js together with what V8 made of it when it was built, so that it need not read all of it again at each
// start. It is ours and lies beside main.js: nobody can put code for root there who could not change main.js itself.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileProgram } from './compile-program.ts';

const file = fileURLToPath(new URL('./main.js', import.meta.url));

/** Undefined where there is none: then V8 reads main.js. */
function readCache(): Buffer | undefined {
  try {
    return readFileSync(`${file}.cache`);
  } catch {
    return undefined;
  }
}

const { run } = compileProgram({
  file,
  source: readFileSync(file),
  cache: readCache(),
});
// Bytecode has no import() of its own.
const importPackage = async (name: string): Promise<unknown> => import(name);
run({}, createRequire(file), { importPackage }, file, dirname(file));
