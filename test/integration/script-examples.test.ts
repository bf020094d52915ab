// Each file of examples/scripts/ at work, as it is: paths and tools come from its environment. Real tools where the machine has them,
// else the recorder.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  makeWorkplace,
  readText,
  startDaemon,
  type RunningDaemon,
  type Workplace,
} from '../helpers/daemon.ts';
import { startSshd } from '../helpers/sshd.ts';
import { differences } from '../helpers/trees.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/scripts', import.meta.url));
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const RECORDER = fixture('script-recorder.sh');
const SOON = { deadlineMs: 15_000 };

/** csync2.lua has a test of its own: csync2.test.ts. */
const RUN_ELSEWHERE = ['csync2.lua'];
const run = new Set<string>();

describe('examples/scripts', () => {
  let place: Workplace;
  let source: string;
  let target: string;

  beforeEach(() => {
    place = makeWorkplace();
    [source, target] = [join(place.path, 'source'), join(place.path, 'target')];
    for (const folder of [source, target]) mkdirSync(folder);
  });
  afterEach(({ task }) => place.end(task.result?.state === 'fail'));

  /** Starts it, and waits until its source is watched. */
  async function start(name: string, env: Readonly<Record<string, string>> = {}): Promise<RunningDaemon> {
    run.add(name);
    const daemon = startDaemon({
      args: [join(EXAMPLES, name), '-delay', '0.2'],
      env: { SOURCE: source, TARGET: target, RECORD: join(place.path, 'record'), ...env },
    });
    onTestFinished(async () => void (await daemon.stop()));
    await daemon.saw('--- Startup ---');
    await waitUntil(() => watchesOf(daemon) > 0, {
      deadlineMs: 10_000,
      what: `watches:\n${daemon.output()}`,
    });
    return daemon;
  }

  function write(name: string, text = 'x'): void {
    writeFileSync(join(source, name), text);
  }

  /** What the recorder wrote, a line a child; the workplace is W. */
  function records(): readonly string[] {
    return readText(join(place.path, 'record')).replaceAll(place.path, 'W').split('\n').slice(0, -1);
  }

  /** Waits until each line has come so many times. */
  async function recorded(lines: readonly string[], times = 1): Promise<void> {
    const count = (wanted: string): number => records().filter((line) => line === wanted).length;
    await waitUntil(() => lines.every((line) => count(line) >= times), {
      deadlineMs: 15_000,
      what: `${lines.join(' | ')} in:\n${records().join('\n')}`,
    });
  }

  /** Waits until a folder of the workplace is as the source. */
  async function equal(folder = 'target'): Promise<void> {
    const isEqual = (): boolean => {
      const copy = join(place.path, folder);
      return existsSync(copy) && differences(source, copy, ['-rlp']) === '';
    };
    await waitUntil(isEqual, { ...SOON, what: `equal trees; recorded:\n${records().join('\n')}` });
  }

  it('echo.lua says what happens', async () => {
    const daemon = await start('echo.lua');
    write('a');
    await daemon.saw('\nnew a\n');
    await daemon.saw('\nchanged a\n');
    renameSync(join(source, 'a'), join(source, 'b'));
    await daemon.saw('\nmoved a to b\n');
    rmSync(join(source, 'b'));
    await daemon.saw('\ngone b\n');
  });

  it('copy-with-shell.lua keeps a copy with cp, mv and rm', async () => {
    write('before');
    await start('copy-with-shell.lua');
    await equal();
    mkdirSync(join(source, 'd e'));
    write("d e/it's $(touch pwned)");
    await equal();
    renameSync(join(source, 'd e'), join(source, 'f'));
    rmSync(join(source, 'before'));
    write('late', 'text');
    await equal();
    // A file that did not arrive: there is nothing that could be moved.
    rmSync(join(target, 'late'));
    renameSync(join(source, 'late'), join(source, 'later'));
    await equal();
  });

  it('rsync-by-hand.lua sends what changed, and deletes nothing', async () => {
    write('before');
    const daemon = await start('rsync-by-hand.lua');
    await equal();
    mkdirSync(join(source, 'd'));
    write('d/f');
    await equal();
    rmSync(join(source, 'before'));
    write('g');
    await waitUntil(() => readText(join(target, 'g')) === 'x', { deadlineMs: 15_000, what: daemon.output() });
    expect(readdirSync(target).toSorted()).toEqual(['before', 'd', 'g']);
  });

  it('post-command.lua runs its command after each transfer', async () => {
    write('before');
    const daemon = await start('post-command.lua', { POSTCMD: RECORDER });
    await recorded(['W/target/']);
    await equal();
    write('f');
    await waitUntil(() => records().length === 2, { deadlineMs: 15_000, what: daemon.output() });
    await equal();
    await daemon.saw(`${RECORDER} gave 0`, { times: 2 });
  });

  it('touch.lua touches through the mount what changed behind it', async () => {
    await start('touch.lua', { TOUCH: RECORDER });
    write('a');
    await recorded(['-c -h W/target/a'], 2);
    renameSync(join(source, 'a'), join(source, 'b'));
    await recorded(['-c -h W/target/a W/target/b']);
  });

  it('convert-images.lua makes small pictures, and takes them away', async () => {
    const daemon = await start('convert-images.lua', { CONVERT: RECORDER });
    mkdirSync(join(source, 'd'));
    await waitUntil(() => watchesOf(daemon) === 2, { deadlineMs: 10_000, what: 'the watch of d' });
    write('d/a b.PNG');
    write('notes.txt');
    await recorded([String.raw`W/source//d/a\ b.PNG -resize 200x200 W/target/d_a\ b.jpg`]);
    writeFileSync(join(target, 'd_a b.jpg'), 'small');
    rmSync(join(source, 'd/a b.PNG'));
    await waitUntil(() => readdirSync(target).length === 0, { deadlineMs: 15_000, what: daemon.output() });
    expect(records().filter((line) => line.includes('notes'))).toEqual([]);
  });

  it('lftp.lua gives lftp the password by stdin only, and the directories that changed', async () => {
    mkdirSync(join(source, 'd "e"'));
    await start('lftp.lua', { LFTP: fixture('lftp-stand-in.sh'), FTP_PASSWORD: 'se"cret' });
    const open = ['open -u www,"se\\"cret" ftp.example.com', 'set cmd:fail-exit true'];
    await waitUntil(() => records().at(-1) === 'bye', SOON);
    expect(records()).toEqual([...open, 'mirror --reverse --delete "W/source/" "/htdocs/"', 'bye']);
    await equal('target/htdocs');
    write('d "e"/f');
    await equal('target/htdocs');
    await recorded([String.raw`mirror --reverse --delete "W/source/d \"e\"/" "/htdocs/d \"e\"/"`]);
    renameSync(join(source, 'd "e"'), join(source, 'moved'));
    await equal('target/htdocs');
  });

  it('lftp.lua is not held up by a file that is gone again', async () => {
    await start('lftp.lua', { LFTP: fixture('lftp-stand-in.sh') });
    await waitUntil(() => records().at(-1) === 'bye', SOON);
    write('short');
    rmSync(join(source, 'short'));
    write('stays');
    await equal('target/htdocs');
  });

  it('s3.lua tells rclone by stdin what changed', async () => {
    write('before');
    await start('s3.lua', { RCLONE: fixture('rclone-stand-in.sh') });
    await equal();
    expect(records()).toEqual(['sync W/source/ s3:example-uploads']);
    write('a [b]', 'text');
    await recorded(['sync --filter-from - W/source/ s3:example-uploads', String.raw`+ /a \[b\]`, '- **']);
    await equal();
    mkdirSync(join(source, 'd'));
    renameSync(join(source, 'a [b]'), join(source, 'd/c'));
    await equal();
    rmSync(join(source, 'd'), { recursive: true });
    await equal();
    expect(records().filter((line) => line.includes('before'))).toEqual([]);
  });

  it('s3.lua is not held up by a file that is gone again', async () => {
    const daemon = await start('s3.lua', { RCLONE: fixture('rclone-stand-in.sh') });
    write('short');
    rmSync(join(source, 'short'));
    write('stays');
    await equal();
    expect(daemon.output()).not.toContain('Retrying');
  });

  it('alarms.lua tells again and again how much happened', async () => {
    const daemon = await start('alarms.lua', { PERIOD: '0.5' });
    await daemon.saw('report 1: 0 new, 0 changed, 0 gone');
    write('a');
    await daemon.saw(/report \d+: 1 new, 1 changed, 0 gone/);
    rmSync(join(source, 'a'));
    await daemon.saw(/report \d+: 1 new, 1 changed, 1 gone/);
  });

  it('once-quiet.lua builds once, when there are no more changes', async () => {
    const daemon = await start('once-quiet.lua', { QUIET: '1', COMMAND: `${RECORDER} "$1" "$2"` });
    for (const name of ['a', 'b', 'c']) write(name);
    await daemon.saw('Finished Blanket on');
    expect(records()).toEqual(['W/source/ W/target']);
    write('d');
    await daemon.saw('Finished Blanket on', { times: 2 });
    expect(records()).toHaveLength(2);
  });

  it('notice.lua says through a socket what happens', async () => {
    const { server, port, said } = await listen();
    onTestFinished(() => void server.close());
    const daemon = await start('notice.lua', { PORT: String(port) });
    write('a\r\nQUIT');
    await waitUntil(() => said() !== '', { deadlineMs: 15_000, what: daemon.output() });
    expect(said()).toBe('PRIVMSG #files :new: a??QUIT\r\n');
  });

  it('over-ssh.lua moves and deletes at the other machine', async () => {
    const sshd = await startSshd(place.path);
    onTestFinished(() => sshd.stop());
    const folder = join(place.path, 'sshd');
    write('before');
    const daemon = await start('over-ssh.lua', {
      SSH_HOST: sshd.host,
      SSH_PORT: String(sshd.port),
      SSH_KEY: join(folder, 'user_key'),
      SSH_KNOWN_HOSTS: join(folder, 'known_hosts'),
    });
    await daemon.saw(/Startup of .* finished/);
    await equal();
    renameSync(join(source, 'before'), join(source, 'after'));
    await daemon.saw('Moving before -> after');
    await equal();
    rmSync(join(source, 'after'));
    await equal();
  });

  it('tunnel.lua, one directory up, sends through two connections of ssh to a daemon of rsync', async () => {
    const sshd = await startSshd(place.path);
    onTestFinished(() => sshd.stop());
    const rsyncd = await startRsyncd();
    onTestFinished(() => void rsyncd.child.kill());
    const words = sshd.sshArgs.map((word) => JSON.stringify(word)).join(', ');
    const config = place.write(
      'tunnel.lua',
      placed(readText(join(EXAMPLES, '../tunnel.lua')), [
        ['/var/log/tsyncd', place.path],
        ['/srv/data', source],
        ['"-i", "/etc/tsyncd/tunnel_key"', words],
        ['tunnel@archive.example.com', sshd.host],
        ['localhost:873', `127.0.0.1:${rsyncd.port}`],
      ]),
    );
    write('before');
    const daemon = startDaemon({ args: ['-nodaemon', '-delay', '0.2', config] });
    onTestFinished(async () => void (await daemon.stop()));
    await daemon.saw('tunnel is up', { times: 2 });
    await equal();
    write('after');
    await equal();
  });

  /** With the module `data`, which is the target. */
  async function startRsyncd(): Promise<{ child: ChildProcess; port: number }> {
    const { server, port } = await listen();
    await new Promise((resolve) => server.close(resolve));
    const user = process.getuid?.() === 0 ? 'uid = root\ngid = root\n' : '';
    const module = `[data]\npath = ${target}\nread only = no\n`;
    const config = place.write(
      'rsyncd.conf',
      `${user}use chroot = no\nport = ${port}\naddress = 127.0.0.1\n${module}`,
    );
    const child = spawn('rsync', ['--daemon', '--no-detach', `--config=${config}`], { stdio: 'ignore' });
    return { child, port };
  }

  it('each one was run', () => {
    const names = readdirSync(EXAMPLES).filter((name) => name.endsWith('.lua'));
    expect([...run, ...RUN_ELSEWHERE].toSorted()).toEqual(names.toSorted());
  });
});

/** With other words in the places of these. @throws Error when one is not there */
function placed(text: string, words: readonly (readonly [string, string])[]): string {
  return words.reduce((whole, [place, other]) => {
    if (!whole.includes(place)) throw new Error(`Cannot place: no ${place} in the example`);
    return whole.replaceAll(place, other);
  }, text);
}

function watchesOf(daemon: RunningDaemon): number {
  const folder = `/proc/${daemon.child.pid}/fdinfo`;
  const texts = readdirSync(folder).map((file) => readText(join(folder, file)));
  return texts.join('').split('inotify wd:').length - 1;
}

/** A server on loopback that keeps what it is told. */
async function listen(): Promise<{ server: Server; port: number; said: () => string }> {
  let text = '';
  const server = createServer((socket) => socket.on('data', (chunk) => (text += chunk.toString())));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' ? (address?.port ?? 0) : 0, said: () => text };
}
