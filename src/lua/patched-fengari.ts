// fengari with Lua's 64-bit integers and C's texts of numbers. fengari's integers have 32 bits; what computes with them
// is a few dozen places in its source (fengari-patches.ts), which are replaced while it is loaded, or, in what is shipped, when
// it was built (build/bundle.ts). Everything else in this room imports fengari from here.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import type fengariModule from 'fengari';
import { helpers } from './fengari-helpers.ts';
import { patched } from './fengari-patches.ts';

const requireFromHere = createRequire(import.meta.url);
const entry = requireFromHere.resolve('fengari');
const loaded = new Map<string, { exports: unknown }>();

/** A module of fengari; Node loads what it requires from elsewhere. */
function load(path: string): unknown {
  const known = loaded.get(path);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(path, module);
  const code = patched(path, readFileSync(path, 'utf8'));
  const run = compileFunction(code, ['module', 'exports', 'require', 'integers'], { filename: path });
  run(module, module.exports, requireFrom(path), helpers);
  return module.exports;
}

function requireFrom(path: string): (name: string) => unknown {
  const outside = createRequire(path);
  return (name) => (name.startsWith('.') ? load(resolve(dirname(path), name)) : outside(name));
}

export default load(entry) as typeof fengariModule;
