// default.rsync: everything, deletes and renames included, goes by rsync.

import type { RsyncSpec } from '../config/sync-spec.ts';
import type { Behaviour } from './behaviour.ts';
import type { BehaviourContext } from './context.ts';
import { createRsyncSender } from './rsync-sender.ts';
import { rsyncSentences } from './sentences.ts';

export function createRsyncBehaviour(spec: RsyncSpec, context: BehaviourContext): Behaviour {
  const sentences = rsyncSentences(spec.source, spec.target);
  const sender = createRsyncSender({ spec, target: spec.target, sentences, context });
  return {
    takesMoves: false,
    sentences,
    startup: () => sender.startup(),
    batch: ({ changes }) => sender.send(changes),
  };
}
