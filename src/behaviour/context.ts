// What a behaviour is given by the daemon. Everything that starts a child comes in this way.

import type { Log } from '../log.ts';
import type { ChildEnd, Command } from '../run/command.ts';
import type { RsyncCapability } from '../run/rsync-capability.ts';
import type { SourceLooks } from './source-looks.ts';
import type { OpenSshOptions, SshTransport } from '../run/ssh-transport.ts';

export interface BehaviourContext {
  readonly log: Log;
  /** What the rsync that `binary` names can do; asked before each batch, so it must be cached. */
  readonly capability: (binary: string) => Promise<RsyncCapability>;
  /** One line about how a child ended, for `reason`. */
  readonly explainEnd: (command: Command, end: ChildEnd) => string;
  /** What batches share of their looks at the source; default: each looks for itself. */
  readonly looks?: Pick<SourceLooks, 'view' | 'forget'>;
  /** How scripts get to the host of default.rsyncssh. */
  readonly createSshTransport: (options: OpenSshOptions) => SshTransport;
}
