// Gives work on files to a thread, in pieces, and makes it look like a child: it ends once, and can be told to stop.
// Each work that runs has a thread of its own; one that has nothing to do is kept for the next.

import { constants } from 'node:os';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { ChildEnd } from '../command.ts';
import type { RunningChild } from '../start-child.ts';
import type { FileThreadAnswer, FileThreadTask } from './file-thread.ts';
import type { FileProblem, FileResult, FileWork } from './file-work.ts';

/** So many operations go to the thread at one time: handing over 100,000 would keep the main thread for long. */
const PIECE = 2000;

/** As of a program that could not be started. */
const NOT_DONE = 255;

let idle: Worker | undefined;

/** Starts it. Threads that do nothing do not keep the process alive. */
export function startFileWork(work: FileWork): RunningChild {
  const startedMs = performance.now();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  let signal: NodeJS.Signals | undefined;
  let giveUp = (): void => undefined;
  const abandoned = new Promise<undefined>((resolve) => (giveUp = () => resolve(undefined)));

  async function run(): Promise<ChildEnd> {
    const thread = takeThread();
    const running = doPieces(work, { thread, stop });
    const done = await Promise.race([running, abandoned]);
    if (done === undefined) void thread.terminate();
    else giveBack(thread, done);
    return toEnd(done);
  }

  function toEnd(done: Done | undefined): ChildEnd {
    const end = { stderr: '', durationMs: performance.now() - startedMs };
    const files = done?.result === undefined ? {} : { files: done.result };
    if (done?.failure !== undefined) {
      return { ...end, ...files, exitCode: NOT_DONE, signal: undefined, spawnError: done.failure };
    }
    const isStopped = signal !== undefined && done?.result.tried !== work.operations.length;
    const exitCode = isStopped ? 128 + constants.signals[signal ?? 'SIGTERM'] : 0;
    return { ...end, ...files, exitCode, signal: isStopped ? signal : undefined, spawnError: undefined };
  }

  return {
    pid: undefined,
    ended: run(),
    terminate(how) {
      signal = how;
      Atomics.store(stop, 0, 1);
      // A call that hangs (a mount that does not answer) holds the thread; nobody else has to wait for it.
      if (how === 'SIGKILL') giveUp();
    },
  };
}

interface Done {
  readonly result: FileResult;
  readonly failure?: string;
}

interface Piece {
  readonly thread: Worker;
  readonly stop: Int32Array<SharedArrayBuffer>;
}

async function doPieces(work: FileWork, piece: Piece): Promise<Done> {
  const problems: FileProblem[] = [];
  for (let start = 0; start < work.operations.length; start += PIECE) {
    const operations = work.operations.slice(start, start + PIECE);
    const answer = await ask(piece, { ...work, operations });
    if ('failure' in answer) return { result: { tried: start, problems }, failure: answer.failure };
    const { tried } = answer.result;
    problems.push(...answer.result.problems.map((one) => ({ ...one, index: start + one.index })));
    if (tried < operations.length) return { result: { tried: start + tried, problems } };
  }
  return { result: { tried: work.operations.length, problems } };
}

function ask({ thread, stop }: Piece, work: FileWork): Promise<FileThreadAnswer> {
  return new Promise((resolve) => {
    const finish = (answer: FileThreadAnswer): void => {
      thread.off('message', finish).off('error', fail).off('exit', exit);
      resolve(answer);
    };
    const fail = (error: Error): void => finish({ failure: error.stack ?? error.message });
    const exit = (): void => finish({ failure: 'the thread has ended' });
    thread.on('message', finish).on('error', fail).on('exit', exit);
    const task: FileThreadTask = { work, stop: stop.buffer };
    thread.postMessage(task, []);
  });
}

function takeThread(): Worker {
  const thread = idle ?? newThread();
  idle = undefined;
  thread.ref();
  return thread;
}

function newThread(): Worker {
  const thread = new Worker(threadUrl(), { execArgv: [], name: 'tsyncd-files' });
  // Who waits for its answer hears of it too.
  thread.on('error', () => undefined);
  thread.on('exit', () => {
    if (idle === thread) idle = undefined;
  });
  return thread;
}

/** One that failed may be broken. */
function giveBack(thread: Worker, { failure }: Done): void {
  if (idle !== undefined || failure !== undefined) return void thread.terminate();
  thread.unref();
  idle = thread;
}

/** Compiled, the thread lies beside this file. Run from TypeScript (tests), the built one is used: Node 20 runs no TypeScript. */
function threadUrl(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return new URL(
    isSource ? '../../../dist/run/file-work/file-thread.js' : './file-thread.js',
    import.meta.url,
  );
}
