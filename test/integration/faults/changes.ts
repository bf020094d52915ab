// What is changed in the source and does not become so at the target of lsyncd.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readText } from '../../helpers/daemon.ts';
import type { Fault, Scene } from './scene.ts';

const local = (scene: Scene, kind: string, more = ''): string =>
  `default.${kind}, target = '${scene.target}', delay = 1, ${more}`;

async function rsyncssh(scene: Scene, more = ''): Promise<string> {
  return `default.rsyncssh, ${await scene.host()}, delay = 1, ssh = { ${scene.ssh} }, ${more}`;
}

export const CHANGES: readonly Fault[] = [
  {
    title: '1: with several processes all of 300 new files arrive',
    onlyNewer: true,
    show: async (scene) => {
      await scene.start(local(scene, 'direct', 'maxProcesses = 4'));
      scene.shell('for i in $(seq 300); do echo $i >f$i; done');
      await scene.isEqual();
    },
  },
  {
    title: '4: two directories swapped by three renames arrive swapped, and what is new in them too',
    show: async (scene) => {
      scene.shell('mkdir -p a/s b/t; echo f >a/s/f; echo g >b/t/g');
      await scene.start(local(scene, 'direct'));
      scene.shell('mv a tmp; mv b a; mv tmp b; echo new >a/t/new; echo new >b/s/new');
      await scene.isEqual();
    },
  },
  {
    title: '5: a name with a closing bracket arrives',
    show: async (scene) => {
      await scene.start(local(scene, 'rsync'));
      scene.shell("echo 1 >'a]b'; mkdir 'dir]x'; echo 6 >'dir]x/in'");
      await scene.isEqual();
    },
  },
  {
    title: '5: a name with a closing bracket is deleted',
    show: async (scene) => {
      scene.shell("echo 1 >'a]b'");
      await scene.start(local(scene, 'rsync'));
      scene.shell("rm 'a]b'");
      await scene.isEqual();
    },
  },
  {
    title: '6: default.direct keeps symlinks, to files, to directories and to nothing',
    show: async (scene) => {
      await scene.start(local(scene, 'direct'));
      scene.shell('echo t >t; mkdir dd; echo x >dd/x; ln -s t l; ln -s dd ld; ln -s nowhere dangling');
      await scene.isEqual();
    },
  },
  {
    title: '7: default.direct brings modes and times of files and directories',
    show: async (scene) => {
      scene.shell('echo t >t; mkdir d');
      await scene.start(local(scene, 'direct'));
      scene.shell('chmod 700 t d; touch -d 2001-01-01 t d');
      await scene.isEqual();
    },
  },
  {
    title: '7: default.direct says that a copy failed, and does it again',
    show: async (scene) => {
      scene.shell('mkdir d');
      await scene.start(local(scene, 'direct'));
      // Not even root puts a file into a file.
      scene.shell('mv "$TRG" "$OUT/trg"; : >"$TRG"; echo x >d/f');
      await scene.says(/Warn|Error/);
      scene.shell('rm "$TRG"; mv "$OUT/trg" "$TRG"');
      await scene.isEqual();
    },
  },
  ...['direct', 'rsyncssh'].map((kind): Fault => {
    return {
      title: `8: default.${kind}: a rename over an existing directory replaces it`,
      show: async (scene) => {
        scene.shell('mkdir A B; echo f >A/f; echo 1 >x; echo 22 >y');
        await scene.start(kind === 'direct' ? local(scene, kind) : await rsyncssh(scene));
        scene.shell('mv -T A B; mv x y');
        await scene.isEqual();
      },
    };
  }),
  {
    title: '9: the last of several writes of one size within a second arrives',
    show: async (scene) => {
      scene.shell('echo 00 >s');
      await scene.start(`default.rsync, target = '${scene.target}', delay = 0`);
      // On a busy machine one second may not be enough for two of the batches.
      for (let round = 1; round <= 4; round++) {
        await untilSecondBegins();
        for (let i = 1; i <= 6; i++) {
          const sent = readText(join(scene.target, 's'));
          writeFileSync(join(scene.source, 's'), `${round}${i}\n`);
          // So that rsync looks between two writes, whoever is faster.
          await scene
            .until(() => readText(join(scene.target, 's')) !== sent || isLate())
            .catch(() => undefined);
        }
        await scene.isEqual();
      }
    },
  },
  {
    title: '11: what happens to one new file waits as one',
    show: async (scene) => {
      await scene.start(`default.direct, target = '${scene.target}', delay = 3600`);
      scene.shell('echo 1 >f; chmod 600 f; echo 2 >>f; echo last >last');
      await scene.until(() => /last$/m.test(readText(scene.status)), readText(scene.status));
      const waiting = readText(scene.status).match(/^wait .*\/f$/gm);
      expect(waiting).toHaveLength(1);
    },
  },
  {
    title: '14: a directory moved out of the source is watched no longer',
    show: async (scene) => {
      scene.shell('mkdir -p d/s');
      await scene.start(local(scene, 'rsync'));
      scene.shell('mv d "$OUT/d"; echo new >new');
      await scene.isEqual();
      await scene.until(() => /Inotify watching 1 directories/.test(readText(scene.status)));
    },
  },
  {
    title: '23: excludes with [...] and ? hide what they hide from rsync',
    show: async (scene) => {
      await scene.start(local(scene, 'rsync', "exclude = { '[ab]c', 'x?z', '/top', 'deep/**/end' }"));
      scene.shell(
        'mkdir x top deep deep/in; echo 1 >ac; echo 1 >bc; echo 1 >cc; echo 1 >x/z; echo 1 >xyz; echo 1 >x/top; echo 1 >top/f; echo 1 >deep/in/end; echo 1 >last',
      );
      scene.shell(
        `rsync -r --exclude='[ab]c' --exclude='x?z' --exclude=/top --exclude='deep/**/end' ./ "$OUT/"`,
      );
      await scene.until(() => readText(join(scene.target, 'last')) !== '');
      scene.shell('diff -r "$OUT" "$TRG"');
    },
  },
];

function isLate(): boolean {
  return Date.now() % 1000 > 850;
}

/** The fault is one of whole seconds. */
async function untilSecondBegins(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1010 - (Date.now() % 1000)));
}
