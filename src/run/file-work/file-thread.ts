// The thread that works on files: gets work, does it, answers. A disk that makes calls wait lets only this thread wait.

import { parentPort } from 'node:worker_threads';
import { doFileWork } from './do-file-work.ts';
import type { FileResult, FileWork } from './file-work.ts';

export interface FileThreadTask {
  readonly work: FileWork;
  /** One Int32: not 0 = stop. */
  readonly stop: SharedArrayBuffer;
}

export type FileThreadAnswer =
  | { readonly result: FileResult }
  /** The source or the target is not there, or a bug of ours. */
  | { readonly failure: string };

parentPort?.on('message', (task: FileThreadTask) => parentPort?.postMessage(answerTo(task), []));

function answerTo({ work, stop }: FileThreadTask): FileThreadAnswer {
  const flag = new Int32Array(stop);
  try {
    return { result: doFileWork(work, () => Atomics.load(flag, 0) !== 0) };
  } catch (error) {
    const { code, message, stack = message } = error as NodeJS.ErrnoException;
    return { failure: code === undefined ? stack : message };
  }
}
