// A program of CommonJS, and what V8 made of it earlier: its bytecode. V8 itself takes bytecode only of its own version and flags, but knows the program by
// its length alone, and believes in what it is given: so both are told by their hash here.

import { createHash } from 'node:crypto';
import Module from 'node:module';
import { Script } from 'node:vm';

/** As Node calls a module of CommonJS. */
export type Program = (
  exports: object,
  require: NodeJS.Require,
  module: object,
  file: string,
  directory: string,
) => void;

export interface ProgramOptions {
  readonly file: string;
  /** ASCII. */
  readonly source: Buffer;
  /** What `toCache` gave; anything else makes no difference. */
  readonly cache?: Buffer | undefined;
}

export interface CompiledProgram {
  readonly run: Program;
  /** V8 needed not read the source. */
  readonly isFromCache: boolean;
  /** With all that was run of it by now. */
  toCache(): Buffer;
}

const HASH_BYTES = 32;

/** @throws SyntaxError when the source is no program */
export function compileProgram({ file, source, cache }: ProgramOptions): CompiledProgram {
  const cachedData = cache === undefined ? undefined : checked(cache, source);
  const script = new Script(Module.wrap(source.toString('latin1')), {
    filename: file,
    cachedData,
  });
  return {
    run: script.runInThisContext() as Program,
    isFromCache: cachedData !== undefined && script.cachedDataRejected === false,
    toCache: () => {
      const data = script.createCachedData();
      return Buffer.concat([hashOf(source, data), data]);
    },
  };
}

function checked(cache: Buffer, source: Buffer): Buffer | undefined {
  const data = cache.subarray(HASH_BYTES);
  return hashOf(source, data).equals(cache.subarray(0, HASH_BYTES)) ? data : undefined;
}

function hashOf(source: Buffer, data: Buffer): Buffer {
  return createHash('sha256').update(source).update(data).digest();
}
