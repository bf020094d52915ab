// Where a tunnel listens on this machine, and how that gets into the words of a command.

import { createConnection, createServer } from 'node:net';

export interface TunnelAddress {
  readonly host: string;
  readonly port: number;
}

const VARIABLE = /\^(localport|localhost)|\$\{(localport|localhost)\}/g;

/** `text` with the address in place of `^localport`, `^localhost`, `${localport}` and `${localhost}`. */
export function withAddress(text: string, { host, port }: TunnelAddress): string {
  return text.replaceAll(VARIABLE, (_match, caret: string | undefined, braced: string | undefined) =>
    (caret ?? braced) === 'localport' ? String(port) : host,
  );
}

/** Whether `withAddress` would put the port into `text`. */
export function namesPort(text: string): boolean {
  return [...text.matchAll(VARIABLE)].some(([, caret, braced]) => (caret ?? braced) === 'localport');
}

/**
 * A TCP port of `host` on which nobody listens; nothing keeps others from taking it afterwards.
 * @throws an errno error of Node's kind when `host` is not of this machine
 */
export async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error(`Cannot find a port of ${host}`);
  return address.port;
}

/** What does not answer in this time does not listen: a host that drops packets. */
const CONNECT_MS = 1000;

/** Whether somebody listens there. Never rejects. */
export function accepts({ host, port }: TunnelAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: CONNECT_MS });
    socket.once('connect', () => {
      resolve(true);
      // Whatever is said is read to its end, so that nobody sees a broken connection.
      socket.resume().end();
    });
    socket.once('timeout', () => socket.destroy(new Error('timeout')));
    socket.on('error', () => resolve(false));
  });
}
