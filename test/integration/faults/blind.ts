// When lsyncd cannot see: the kernel dropped events, or gives no more watches.

import { expect } from 'vitest';
import { countMatches, readText } from '../../helpers/daemon.ts';
import { isAlive, isOther, type Fault } from './scene.ts';

/** What cannot be watched is looked at this often. */
const RESCANS_OFTEN = isOther ? '' : 'rescanInterval = 2';

export const BLIND: readonly Fault[] = [
  {
    title:
      '13: after an overflow of the event queue what may have changed is looked at, and nothing starts over',
    show: async (scene) => {
      scene.shell('mkdir d gone; echo x >gone/f; touch d/1.junk d/2.junk');
      const daemon = await scene.start(
        `default.rsync, target = '${scene.target}', delay = 1, exclude = '*.junk'`,
      );
      daemon.child.kill('SIGSTOP');
      const touches = Number(readText('/proc/sys/fs/inotify/max_queued_events')) / 2 + 1000;
      // Two in turn: the kernel merges an event that is the same as the last. Excluded ones, for lsyncd's queue takes hours.
      scene.shell(
        `perl -e 'for (1..${touches}) { utime $_, $_, "d/1.junk"; utime $_, $_, "d/2.junk" }'
        rm d/*.junk; mkdir -p new/deep; echo n >new/deep/n; rm -r gone; echo 3 >d/three`,
      );
      daemon.child.kill('SIGCONT');
      await scene.says(/overflow/i);
      await scene.isEqual();
      expect(countMatches(scene.log, /recursive (full|startup) rsync/)).toBe(1);
      expect(isAlive(daemon)).toBe(true);
    },
  },
  {
    title: '19: without enough watches it goes on, says what to do, and brings what it cannot watch too',
    show: async (scene) => {
      scene.shell('mkdir -p $(seq -f d%g 30); echo 1 >d30/f');
      // A user namespace has a limit of its own.
      const limited = 'echo 10 >/proc/sys/user/max_inotify_watches; exec "$0" "$@"';
      const daemon = await scene.start(`default.rsync, target = '${scene.target}', delay = 1`, {
        settings: RESCANS_OFTEN,
        wrapper: ['unshare', '--user', '--map-root-user', 'sh', '-c', limited],
      });
      await scene.says(/sysctl (-w )?fs\.inotify\.max_user_watches=\d+/);
      scene.shell('for i in $(seq 30); do echo 2 >>d$i/f; done; rm -r d1');
      await scene.isEqual();
      expect(isAlive(daemon)).toBe(true);
    },
  },
];
