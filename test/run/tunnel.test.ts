// Tunnels with real processes: a program of Node that listens, as `ssh -L` does.

import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { TunnelSpec } from '../../src/config/tunnel-spec.ts';
import { commandThrough, Tunnel } from '../../src/run/tunnel.ts';
import type { TunnelAddress } from '../../src/run/tunnel-address.ts';
import { withAddress } from '../../src/run/tunnel-address.ts';
import { recordingLog } from '../sync/recording-log.ts';
import { waitUntil } from '../helpers/wait-until.ts';

/** Says its process id to whoever connects; with a third word it ends at once with that code. */
const LISTENER = `
const [port, host, code] = process.argv.slice(1);
if (code) process.exit(Number(code));
require('net').createServer((socket) => socket.on('error', () => {}).end(String(process.pid))).listen(Number(port), host);`;

const listener = (...more: string[]): string[] => [process.execPath, '-e', LISTENER, ...more];

describe('a tunnel', () => {
  let tunnel: Tunnel;
  let log: ReturnType<typeof recordingLog>;
  let readyCount: number;

  afterEach(async () => {
    await tunnel.stop();
  });

  function start(changes: Partial<TunnelSpec>): void {
    log = recordingLog();
    readyCount = 0;
    const spec: TunnelSpec = {
      where: 'conf.lua:1',
      command: listener('^localport', '^localhost'),
      parallel: 1,
      localport: undefined,
      localhost: '127.0.0.1',
      retryDelayMs: 50,
      readyDelayMs: 20_000,
      ...changes,
    };
    tunnel = new Tunnel(spec, {
      name: 'Sync1',
      log: log.log,
      clock: systemClock,
      childEnvironment: {},
      onOutput: () => undefined,
      onReady: () => readyCount++,
    });
    tunnel.start();
  }

  const ready = (times = 1): Promise<void> =>
    waitUntil(() => tunnel.isReady && readyCount >= times, {
      deadlineMs: 20_000,
      what: log.lines.join('\n'),
    });

  it('is ready once its port accepts a connection', async () => {
    start({});
    expect(tunnel.isReady).toBe(false);
    expect(tunnel.enter()).toBeUndefined();
    await ready();
    expect(Number(await answer(tunnel.enter()?.address))).toBeGreaterThan(0);
  });

  it('is taken for ready after readyDelay when its port is not known', async () => {
    start({ command: ['sleep', '1000'], readyDelayMs: 60 });
    await ready();
    expect(log.lines).toContain('Normal: Sync1: tunnel is up');
  });

  it('is started again when it ends, each time on a free port', async () => {
    start({});
    for (const times of [1, 2, 3]) {
      await ready(times);
      process.kill(Number(await answer(tunnel.enter()?.address)), 'SIGKILL');
    }
    await ready(4);
    expect(log.lines.filter((line) => line.startsWith('Warn'))).toEqual(
      Array.from(
        { length: 3 },
        () => 'Warn: Sync1: tunnel is down: node was ended by SIGKILL; starting it again in 0.05 s',
      ),
    );
  });

  it('that cannot be started says so once, and is tried again', async () => {
    start({ command: ['/nonexistent/ssh', '^localport'], retryDelayMs: 5 });
    const attempts = (): number => log.lines.filter((line) => line.includes('starting tunnel')).length;
    await waitUntil(() => attempts() >= 4, { deadlineMs: 20_000 });
    expect(log.lines.filter((line) => line.startsWith('Warn'))).toEqual([
      'Warn: Sync1: tunnel is down: Cannot run "/nonexistent/ssh": spawn /nonexistent/ssh ENOENT; starting it again in 0.005 s',
    ]);
    expect(tunnel.isReady).toBe(false);
  });

  it('that ends by itself is not ready meanwhile', async () => {
    start({ command: listener('^localport', '^localhost', '3'), retryDelayMs: 5 });
    await waitUntil(() => log.lines.some((line) => line.includes('ended with 3')), { deadlineMs: 20_000 });
    expect(readyCount).toBe(0);
  });

  it('shares its children out among its processes, and goes on with those that are left', async () => {
    start({ parallel: 2, retryDelayMs: 60_000 });
    await waitUntil(() => log.lines.filter((line) => line.includes('is up')).length === 2, {
      deadlineMs: 20_000,
    });
    const passages = Array.from({ length: 4 }, () => tunnel.enter());
    const ports = passages.map((passage) => passage?.address.port);
    expect(new Set(ports).size).toBe(2);
    expect(ports.slice(0, 2)).toEqual(ports.slice(2));
    passages[1]?.leave();
    expect(tunnel.enter()?.address.port).toBe(ports[1]);

    process.kill(Number(await answer(passages[0]?.address)), 'SIGKILL');
    await waitUntil(() => log.lines.some((line) => line.includes('is down')), { deadlineMs: 20_000 });
    expect(tunnel.isReady).toBe(true);
    expect(tunnel.enter()?.address.port).toBe(ports[1]);
  });

  it('ends when it is stopped, even one that does not care for TERM', async () => {
    start({
      command: ['sh', '-c', `trap '' TERM; exec "$@"`, 'sh', ...listener('^localport', '^localhost')],
    });
    await ready();
    const pid = Number(await answer(tunnel.enter()?.address));
    await tunnel.stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('ends when it is stopped in its pause', async () => {
    start({ command: ['false'], retryDelayMs: 600_000 });
    await waitUntil(() => log.lines.some((line) => line.includes('is down')), { deadlineMs: 20_000 });
    await tunnel.stop();
  });
});

describe('the variables of a tunnel', () => {
  const address = { host: 'localhost', port: 4711 };

  it.each([
    ['rsync://^localhost:^localport/m', 'rsync://localhost:4711/m'],
    ['${localhost}:${localport}:x', 'localhost:4711:x'],
    ['^local ^localports $localport', '^local 4711s $localport'],
  ])('%s becomes %s', (text, expected) => {
    expect(withAddress(text, address)).toBe(expected);
  });

  it('do not count in the path of the source', () => {
    const source = '/src/^localport/';
    const command = { binary: 'rsync', args: ['-r', source, 'rsync://h:^localport/m'] };
    expect(commandThrough(command, { address, fixed: source }).args).toEqual([
      '-r',
      source,
      'rsync://h:4711/m',
    ]);
  });
});

/** What the listener says. */
function answer(address: TunnelAddress | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    if (address === undefined) return reject(new Error('the tunnel is not up'));
    let text = '';
    connect(address)
      .on('data', (chunk) => (text += chunk.toString()))
      .on('error', reject)
      .on('close', () => resolve(text));
  });
}
