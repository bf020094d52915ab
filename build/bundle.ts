// Puts what is shipped into bundle/: the program, what loads it, and its two threads, each in one file. `npm run build` runs it, after tsc has made dist/.
// CommonJS, since Node 20 takes a third longer to load the same as a module; fengari is patched here rather than at each start.

import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import { compiledLua } from '../src/lua/compiled-lua.ts';
import { patched } from '../src/lua/fengari-patches.ts';
import { preludeText } from '../src/lua/prelude.ts';
import { luaLibrary } from '../src/script/lua-library.ts';

const OUT = 'bundle';

/** koffi is a library of machine code; the others are loaded where a config asks for them only. */
const PACKAGES_APART = ['koffi', 'chokidar', 'croner', 'pino', 'ssh2'];

const patchedFengari: Plugin = {
  name: 'patched-fengari',
  setup(bundle) {
    const helpers = JSON.stringify(resolve('dist/lua/fengari-helpers.js'));
    bundle.onLoad({ filter: /\/dist\/lua\/patched-fengari\.js$/ }, ({ path }) => ({
      contents: `export { default } from 'fengari';`,
      resolveDir: resolve(path, '..'),
    }));
    bundle.onLoad({ filter: /\/fengari\/src\/\w+\.js$/ }, ({ path }) => ({
      contents: `const { helpers: integers } = require(${helpers});\n${patched(path, readFileSync(path, 'utf8'))}`,
    }));
  },
};

/** Own Lua text goes in as what Lua's compiler makes of it: compiling it took a tenth of the start. */
const compiledLuaText: Plugin = {
  name: 'compiled-lua-text',
  setup(bundle) {
    const texts = [
      [/\/dist\/lua\/prelude\.js$/, 'preludeText', preludeText],
      [/\/dist\/script\/lua-library\.js$/, 'luaLibrary', luaLibrary],
    ] as const;
    for (const [filter, name, text] of texts) {
      const contents = `export const ${name} = ${JSON.stringify(compiledLua(text))};`;
      bundle.onLoad({ filter }, () => ({ contents }));
    }
  },
};

await build({
  entryPoints: [
    'dist/start.js',
    'dist/main.js',
    'dist/watch/inotify/reader-thread.js',
    'dist/run/file-work/file-thread.js',
  ],
  entryNames: '[name]',
  outdir: OUT,
  bundle: true,
  external: PACKAGES_APART,
  plugins: [patchedFengari, compiledLuaText],
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  banner: { js: `const moduleUrl = require('node:url').pathToFileURL(__filename).href;` },
  define: { 'import.meta.url': 'moduleUrl' },
  logLevel: 'warning',
});
const main = `${OUT}/main.js`;
// Bytecode that V8 made earlier cannot import: start.ts does it.
const importCall = /\bimport\((?="[\w-]+"\))/g;
// One byte a character is half the memory, and faster to read; what is not ASCII stands in strings and comments.
writeFileSync(
  main,
  readFileSync(main, 'utf8')
    .replaceAll(importCall, 'module.importPackage(')
    .replaceAll(/[^\0-\x7f]/gu, toEscape),
);
writeFileSync(`${OUT}/package.json`, '{ "type": "commonjs" }\n');

/** One for each UTF-16 unit. */
function toEscape(text: string): string {
  return text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
