// The addresses of a host, asked for anew each time: a lasting connection must not outlive what its name means.

import { lookup } from 'node:dns/promises';

/** In the order in which they are to be tried; none when the name has none or nobody answers. Never rejects. */
export async function addressesOf(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}
