// How lsyncd starts, reads its config again, and ends.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { countMatches, readText } from '../../helpers/daemon.ts';
import { isAlive, type Fault } from './scene.ts';

export const START: readonly Fault[] = [
  {
    title: '10: with nodaemon a pidfile is written, and is locked: a second start fails and leaves it alone',
    show: async (scene) => {
      const pidfile = join(scene.place.path, 'pid');
      scene.place.write('pid', '123456789012345\n');
      const first = await scene.start(`default.rsync, target = '${scene.target}'`, {
        settings: `pidfile = '${pidfile}'`,
      });
      const pid = Number(readText(pidfile));
      expect(readText(pidfile)).toBe(`${pid}\n`);
      expect(existsSync(`/proc/${pid}`)).toBe(true);
      const second = scene.run(join(scene.place.path, 'conf.lua'));
      await scene.until(() => !isAlive(second), 'the second one to fail');
      expect(await second.exited).not.toBe(0);
      expect(Number(readText(pidfile))).toBe(pid);
      await first.stop();
      expect(existsSync(pidfile)).toBe(false);
    },
  },
  {
    title: '12: HUP with a broken config: the old one goes on',
    show: async (scene) => {
      const daemon = await scene.start(`default.rsync, target = '${scene.target}', delay = 1`);
      scene.place.write('conf.lua', 'sync { default.rsync, source = ');
      daemon.child.kill('SIGHUP');
      await scene.says(/conf\.lua:1/);
      scene.shell('echo 1 >f');
      await scene.isEqual();
      expect(isAlive(daemon)).toBe(true);
    },
  },
  {
    title: '20: settings{ maxProcesses } and default.rsyncssh go together',
    show: async (scene) => {
      const sync = `default.rsyncssh, ${await scene.host()}, delay = 1, ssh = { ${scene.ssh} }`;
      await scene.start(sync, { settings: 'maxProcesses = 2' });
      scene.shell('echo 1 >f');
      await scene.isEqual();
    },
  },
  {
    title: '20: rsync without any short option works',
    show: async (scene) => {
      await scene.start(
        `default.rsync, target = '${scene.target}', delay = 1, rsync = { links = false, times = false, protect_args = false }`,
      );
      scene.shell('echo 1 >f');
      await scene.isEqual(['-r']);
    },
  },
  {
    title: '20: an unknown default is an error',
    show: async (scene) => {
      const daemon = scene.run(scene.config(`default.nosuch, target = '${scene.target}'`));
      await scene.until(() => !isAlive(daemon), 'it to fail');
      expect(await daemon.exited).toBe(255);
    },
  },
  {
    title: '20: a sync may have a name',
    show: async (scene) => {
      await scene.start(`default.rsync, target = '${scene.target}', delay = 1, name = 'mirror'`);
      scene.shell('echo 1 >f');
      await scene.isEqual();
    },
  },
  {
    title: '21: rsync is given the ssh of the config',
    show: async (scene) => {
      const binary = scene.script('ssh.sh', 'echo "$@" >>"$0.called"; exec ssh "$@"');
      const sync = `default.rsyncssh, ${await scene.host()}, delay = 1, ssh = { binary = '${binary}', ${scene.ssh} }`;
      await scene.start(sync);
      expect(readText(`${binary}.called`)).toContain('rsync --server');
      scene.shell('echo 1 >f');
      await scene.isEqual();
    },
  },
  {
    title: '22: crontab needs nothing that is not there, and does a full sync',
    onlyNewer: true,
    show: async (scene) => {
      scene.shell('echo 1 >f');
      await scene.start(`default.rsync, target = '${scene.target}', crontab = { '* * * * * *' }`);
      scene.shell('rm "$TRG/f"');
      await scene.isEqual();
      expect(countMatches(scene.log, 'Error')).toBe(0);
    },
  },
];
