// Writes bundle/main.js.cache, which src/start.ts loads: runs the program once, on a config that it refuses, so that V8 has read what each start needs.
// `npm run build` runs it after bundle.ts.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import v8 from 'node:v8';
import { compileProgram } from '../src/compile-program.ts';

const CONFIG = 'build/refused.lua';
const EXIT_REFUSED = 255;

const file = resolve('bundle/main.js');
const program = compileProgram({ file, source: fs.readFileSync(file) });
const { writeSync } = fs;
let said = '';

// V8 takes only what was made with the flags that it has at the start, before the program sets its own.
v8.setFlagsFromString = () => undefined;
fs.writeSync = (_descriptor: number, text: unknown) => {
  said += String(text);
  return String(text).length;
};
process.on('exit', () => {
  fs.writeSync = writeSync;
  const isRefused = process.exitCode === EXIT_REFUSED && said.includes('source directory');
  if (isRefused) fs.writeFileSync(`${file}.cache`, program.toCache());
  else console.error(`Cannot make the code cache: ${CONFIG} ended with ${process.exitCode}:\n${said}`);
  process.exitCode = isRefused ? 0 : 1;
});
process.argv.splice(1, Infinity, 'tsyncd', CONFIG);
program.run({}, createRequire(file), {}, file, dirname(file));
