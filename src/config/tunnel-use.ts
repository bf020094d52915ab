// Whether a sync and its tunnel speak of the same port; what cannot be meant is said as a warning.

import type { Declaration } from './declaration.ts';
import { ConfigProblem } from './diagnostics.ts';
import type { SyncSpec } from './sync-spec.ts';
import { namesPort } from './tunnel-spec.ts';

/** @throws ConfigProblem where a shared connection would be tied to one process of the tunnel */
export function warnOfTunnelUse({ place }: Declaration, spec: SyncSpec): void {
  if (spec.kind !== 'rsync' && spec.kind !== 'rsyncssh') return;
  const { tunnel } = spec;
  if (tunnel !== undefined && spec.kind === 'rsyncssh' && spec.ssh.isShared)
    throw new ConfigProblem('Cannot use ssh.multiplex with a tunnel: the port of the tunnel may change');
  const ownWords = spec.kind === 'rsync' ? [spec.target] : [spec.host, ...spec.ssh.args];
  const isUsed = namesPort([...ownWords, ...spec.rsync.longOptions, ...spec.rsync.extra]);
  if (tunnel === undefined) {
    if (isUsed) place.warn('^localport stands for nothing: there is no tunnel');
    return;
  }
  const isChosen = tunnel.localport === undefined && namesPort(tunnel.command);
  if (isUsed && !isChosen && tunnel.localport === undefined)
    place.warn('nobody listens on ^localport: the command of the tunnel does not name it');
  if (!isUsed && isChosen)
    place.warn('nothing goes through the tunnel: ^localport stands in its command only');
}
