import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { waitUntil } from '../helpers/wait-until.ts';
import { compile } from './compile.ts';
import type { Compiled } from './compile.ts';

const deadlineMs = 20_000;
let compiled: Compiled;
let directory: string;
let count = 0;

beforeAll(() => {
  compiled = compile(['test/daemonize/fixtures/background.ts']);
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'tsyncd-test-')));
});

afterAll(() => {
  compiled.remove();
  rmSync(directory, { recursive: true, force: true });
});

interface State {
  readonly pid: number;
  readonly isMarked: boolean;
  readonly cwd: string;
  readonly sleeper: number;
}

interface Start {
  readonly mode: string;
  readonly script?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function toCommand({ mode, script }: Start) {
  count += 1;
  const stateFile = join(directory, `state${count}`);
  const path = script ?? compiled.path('test/daemonize/fixtures/background.ts');
  return { args: [path, mode, stateFile], stateFile };
}

/** Runs to the end of the first process; stdout and stderr are read until nobody has them open any more. */
function start(options: Start) {
  const { args, stateFile } = toCommand(options);
  const env = { ...process.env, ...options.env };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: directory,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr, stateFile };
}

async function stateIn(file: string): Promise<State> {
  let text = '';
  await waitUntil(
    () => {
      text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      return text.endsWith('}');
    },
    { deadlineMs, what: file },
  );
  const state = JSON.parse(text) as State;
  onTestFinished(() => {
    if (isAlive(state.pid)) process.kill(state.pid, 'SIGTERM');
  });
  return state;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What the descriptors of a process lead to, in their order. */
function openIn(pid: number): string[] {
  const descriptors = readdirSync(`/proc/${pid}/fd`).toSorted((a, b) => Number(a) - Number(b));
  return descriptors.map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
}

function pgrep(name: string): number[] {
  return spawnSync('pgrep', ['-x', name], { encoding: 'utf8' }).stdout.trim().split('\n').map(Number);
}

describe('daemonize()', () => {
  it('ends with 0 when the daemon is ready, and leaves it alone with nothing of the terminal', async () => {
    const { status, stdout, stderr, stateFile } = start({ mode: 'ready' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'starting\n', stderr: '' });
    const { pid, isMarked, cwd } = await stateIn(stateFile);
    expect({ isMarked, cwd }).toEqual({ isMarked: false, cwd: '/' });
    expect([0, 1, 2].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))).toEqual(Array(3).fill('/dev/null'));
    const [, , group, session] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /u, '')
      .split(' ');
    expect({ group, session }).toEqual({ group: String(pid), session: String(pid) });
  });

  it('lets the daemon’s children inherit neither its pidfile’s lock nor the pipe to its parent', async () => {
    const { stateFile } = start({ mode: 'ready' });
    const { pid, sleeper } = await stateIn(stateFile);
    const open = openIn(sleeper);
    expect(open.slice(0, 3)).toEqual(['/dev/null', '/dev/null', '/dev/null']);
    expect(open.filter((target) => target.startsWith('socket:') || target.endsWith('.pid'))).toEqual([]);
    expect(openIn(pid)).toContain(`${stateFile}.pid`);
    expect(readFileSync(`${stateFile}.pid`, 'utf8')).toBe(`${pid}\n`);
    process.kill(pid, 'SIGTERM');
    await waitUntil(() => !existsSync(`${stateFile}.pid`), { deadlineMs, what: 'the pidfile to go' });
  });

  it.each([
    ['exit 3', 3, 'Error: no\n'],
    ['exit 0', 255, ''],
    ['die', 137, ''],
  ])('ends with the daemon’s failure when it is gone before it was ready (%s)', (mode, status, stderr) => {
    expect(start({ mode })).toMatchObject({ status, stdout: '', stderr });
  });

  it('ends with 0 when the daemon was ready, whatever comes of it', () => {
    expect(start({ mode: 'die ready' })).toMatchObject({ status: 0 });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('passes %s on to a daemon that is not ready yet', async (signal, exitCode) => {
    const { args, stateFile } = toCommand({ mode: 'wait' });
    const parent = spawn(process.execPath, args, { stdio: 'ignore' });
    const ended = new Promise((resolve) => parent.on('exit', resolve));
    const { pid } = await stateIn(stateFile);
    parent.kill(signal);
    expect(await ended).toBe(exitCode);
    expect(isAlive(pid)).toBe(false);
  });

  it('is not taken in by a mark in the environment it was started with', async () => {
    const { status, stateFile } = start({ mode: 'ready', env: { TSYNCD_DAEMON: '1' } });
    expect(status).toBe(0);
    expect((await stateIn(stateFile)).isMarked).toBe(false);
  });

  it('is called lsyncd in the process list when started by a link of that name, else tsyncd', async () => {
    const script = join(directory, 'lsyncd');
    symlinkSync(compiled.path('test/daemonize/fixtures/background.ts'), script);
    const linked = await stateIn(start({ mode: 'ready', script }).stateFile);
    const plain = await stateIn(start({ mode: 'ready' }).stateFile);
    expect(pgrep('lsyncd')).toContain(linked.pid);
    expect(pgrep('lsyncd')).not.toContain(plain.pid);
    expect(pgrep('tsyncd')).toContain(plain.pid);
    expect(pgrep('tsyncd')).not.toContain(linked.pid);
    expect(pgrep('node')).not.toContain(linked.pid);
    expect(spawnSync('ps', ['-o', 'args=', '-p', String(linked.pid)], { encoding: 'utf8' }).stdout).toMatch(
      /^lsyncd ready \/.*state\d+\n$/u,
    );
  });
});
