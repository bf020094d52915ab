// What goes wrong around lsyncd, and what it then makes of it.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readText } from '../../helpers/daemon.ts';
import { isAlive, type Fault } from './scene.ts';

/** Tries of a batch that fails, each with its time in milliseconds. */
const FAILING = '[ -e "$0.down" ] && { date +%s%3N >>"$0.tries"; exit 12; }';

export const TROUBLE: readonly Fault[] = [
  {
    title: '2: a child that ends without having read its list does no harm, and the list is sent again',
    show: async (scene) => {
      // A pipe holds 64 KiB.
      scene.shell("perl -e 'for (1..800) { open F, q(>), $_ . q(n) x 200; print F 1 }'");
      const binary = scene.rsync('[ -e "$0.done" ] || { : >"$0.done"; sleep 1; exit 12; }');
      const daemon = await scene.start(
        `default.rsync, target = '${scene.target}', delay = 1, rsync = { binary = '${binary}' }`,
      );
      scene.shell(`perl -e 'for (glob "*") { open F, ">>", $_; print F "2" }'`);
      await scene.isEqual();
      expect(isAlive(daemon)).toBe(true);
    },
  },
  {
    title: '3: four times as many events take not much more than four times as long to queue',
    show: async (scene) => {
      const { child } = await scene.start(
        `default.rsync, target = '${scene.target}', delay = 3600, maxDelays = 1000000`,
      );
      let before = cpuTicks(child.pid);
      const ticks: number[] = [];
      for (const [name, count] of [
        ['warm', 500],
        ['few', 500],
        ['many', 2000],
      ] as const) {
        scene.shell(
          `mkdir ${name}; cd ${name}; for i in $(seq ${count}); do : >$i; done; : >../${name}-last`,
        );
        await scene.until(() => readText(scene.status).includes(`${name}-last`), name, 120_000);
        ticks.push(cpuTicks(child.pid) - before);
        before = cpuTicks(child.pid);
      }
      const [, few = 0, many = 0] = ticks;
      // Quadratic: (3000² − 1000²) / (1000² − 500²) = 10.7. A tick is 10 ms, and few may be none.
      expect(many, `ticks: ${ticks.join(', ')}`).toBeLessThan(8 * Math.max(few, 5));
    },
  },
  {
    title: '15: what rsync could not send (exit code 23) is sent again',
    show: async (scene) => {
      const complaint = `rsync: [sender] send_files failed to open "${scene.source}/f": Permission denied (13)`;
      const binary = scene.rsync(
        `[ -e "$0.done" ] || { : >"$0.done"; cat >/dev/null; echo '${complaint}' >&2; exit 23; }`,
      );
      await scene.start(
        `default.rsync, target = '${scene.target}', delay = 1, rsync = { binary = '${binary}' }`,
      );
      scene.shell('echo 1 >f');
      await scene.isEqual();
    },
  },
  {
    title: '16: tries of a target that is away become rarer, and are not logged each',
    show: async (scene) => {
      const binary = scene.rsync(FAILING);
      await scene.start(
        `default.rsync, target = '${scene.target}', delay = 1, rsync = { binary = '${binary}' }`,
      );
      const tries = (): number[] => readText(`${binary}.tries`).split('\n').filter(Boolean).map(Number);
      scene.place.write('rsync.sh.down', '');
      scene.shell('echo 1 >f');
      await scene.until(() => tries().length >= 2);
      const said = scene.log.length;
      await scene.until(() => tries().length >= 4);
      const lines = scene.log.slice(said).split('\n').length - 1;
      const [first = 0, second = 0, third = 0, fourth = 0] = tries();
      scene.shell('rm "$PLACE/rsync.sh.down"');
      expect(lines, scene.log).toBeLessThanOrEqual(4);
      expect(fourth - third).toBeGreaterThan(2 * (second - first));
      await scene.isEqual();
    },
  },
  {
    title: '18: an empty source at start leaves a full target alone',
    show: async (scene) => {
      scene.shell('echo precious >"$TRG/f"');
      const daemon = await scene.start(`default.rsync, target = '${scene.target}', delay = 1`, {
        waits: false,
      });
      await scene.says(/finished|is empty/);
      expect(readText(join(scene.target, 'f'))).toBe('precious\n');
      expect(isAlive(daemon)).toBe(true);
    },
  },
  {
    title: '17: the status file names excludes, and a reader never sees half of it',
    show: async (scene) => {
      await scene.start(`default.rsync, target = '${scene.target}', delay = 1, exclude = { '*.o' }`);
      await scene.until(() => existsSync(scene.status));
      const before = statSync(scene.status).ino;
      scene.shell('echo 1 >f');
      // Another file each time, put in its place when it is complete.
      await scene.until(() => statSync(scene.status).ino !== before, 'another status file');
      expect(readText(scene.status)).toContain('*.o');
    },
  },
];

/** What a process has used, its children not counted. */
function cpuTicks(pid: number | undefined): number {
  const fields = readText(`/proc/${pid}/stat`)
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
